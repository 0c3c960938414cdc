"""The record of a figure over a whole run, in bounded memory: coarse where it is old, fine where it is new."""

import numpy as np

from engine.arrays import Array


class History:
    """Points (step, mean, low, high), each the mean and the extremes of what it stands for.

    When it is full, the older half is joined in pairs: means are weighted, extremes kept. No spike is ever lost, and a
    mean that is not finite stays so.
    """

    def __init__(self, capacity: int = 4096) -> None:
        self._points = np.empty((4, capacity))
        self._counts = np.empty(capacity)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def append(self, step: float, mean: float, low: float | None = None, high: float | None = None) -> None:
        """One more point; without extremes it is its own."""
        if self._size == self._counts.size:
            self._join()
        self._points[:, self._size] = step, mean, mean if low is None else low, mean if high is None else high
        self._counts[self._size] = 1
        self._size += 1

    def part_off(self, step: float) -> "History":
        """Forget what came after a step; returns that part, from the last point before it on."""
        kept = int(np.searchsorted(self.step, step, side="right"))
        first = max(kept - 1, 0)
        parted = History(self._counts.size)
        parted._size = self._size - first
        parted._points[:, : parted._size] = self._points[:, first : self._size]
        parted._counts[: parted._size] = self._counts[first : self._size]
        self._size = kept
        return parted

    @property
    def step(self) -> Array:
        """The last step of each point; ascending."""
        return self._points[0, : self._size]

    @property
    def mean(self) -> Array:
        """The mean of each point."""
        return self._points[1, : self._size]

    @property
    def low(self) -> Array:
        """The least value behind each point."""
        return self._points[2, : self._size]

    @property
    def high(self) -> Array:
        """The greatest value behind each point."""
        return self._points[3, : self._size]

    @property
    def counts(self) -> Array:
        """How many appended points each of them stands for."""
        return self._counts[: self._size]

    def _join(self) -> None:
        half = self._size // 2 // 2 * 2
        step, mean, low, high = self._points[:, :half].reshape(4, -1, 2)
        counts = self._counts[:half].reshape(-1, 2)
        total = counts.sum(axis=1)
        # A copy, for the recent points are moved to where it lies.
        joined = (step[:, 1].copy(), (mean * counts).sum(axis=1) / total, np.fmin(*low.T), np.fmax(*high.T))
        kept = half // 2
        recent = self._size - half
        self._points[:, kept : kept + recent] = self._points[:, half : self._size].copy()
        self._counts[kept : kept + recent] = self._counts[half : self._size].copy()
        self._points[:, :kept] = joined
        self._counts[:kept] = total
        self._size = kept + recent
