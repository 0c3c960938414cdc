"""The record of a figure over a whole run, in bounded memory: coarse where it is old, fine where it is new."""

import numpy as np

from engine.arrays import Array


class History:
    """Points (step, mean, low, high), each the mean and the extremes of what it stands for.

    When it is full, the older half is joined in pairs: means are weighted, extremes kept. No spike is ever lost.
    """

    def __init__(self, capacity: int = 4096) -> None:
        self._points = np.empty((4, capacity))
        self._weights = np.empty(capacity)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, step: float, mean: float, low: float | None = None, high: float | None = None) -> None:
        """One more point; without extremes it is its own."""
        if self._count == self._weights.size:
            self._join()
        self._points[:, self._count] = step, mean, mean if low is None else low, mean if high is None else high
        self._weights[self._count] = 1
        self._count += 1

    @property
    def step(self) -> Array:
        """The last step of each point; ascending."""
        return self._points[0, : self._count]

    @property
    def mean(self) -> Array:
        """The mean of each point."""
        return self._points[1, : self._count]

    @property
    def low(self) -> Array:
        """The least value behind each point."""
        return self._points[2, : self._count]

    @property
    def high(self) -> Array:
        """The greatest value behind each point."""
        return self._points[3, : self._count]

    def _join(self) -> None:
        half = self._count // 2 // 2 * 2
        step, mean, low, high = self._points[:, :half].reshape(4, -1, 2)
        weights = self._weights[:half].reshape(-1, 2)
        total = weights.sum(axis=1)
        joined = (step[:, 1], (mean * weights).sum(axis=1) / total, np.fmin(*low.T), np.fmax(*high.T))
        kept = half // 2
        recent = self._count - half
        self._points[:, kept : kept + recent] = self._points[:, half : self._count].copy()
        self._weights[kept : kept + recent] = self._weights[half : self._count].copy()
        self._points[:, :kept] = joined
        self._weights[:kept] = total
        self._count = kept + recent
