"""The record of a figure of every layer over a whole run, in bounded memory."""

import numpy as np

from engine.arrays import Array


class LayerHistory:
    """Points (step, a value a layer), each the greatest of what it stands for: the steps since the point before.

    When it is full, the older half is joined in pairs. No spike is ever lost, and NaN stays.
    """

    def __init__(self, capacity: int = 2048) -> None:
        self._steps = np.empty(capacity)
        self._values = np.empty((capacity, 0))
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def append(self, step: float, values: Array) -> None:
        """One more point; values: (layers,). Another number of layers is another record."""
        if self._values.shape[1] != len(values):
            self._values, self._size = np.empty((self._steps.size, len(values))), 0
        if self._size == self._steps.size:
            self._join()
        self._steps[self._size] = step
        self._values[self._size] = values
        self._size += 1

    def forget_after(self, step: float) -> None:
        """Leave out what came after a step."""
        self._size = int(np.searchsorted(self.steps, step, side="right"))

    @property
    def steps(self) -> Array:
        """The last step of each point; ascending."""
        return self._steps[: self._size]

    @property
    def values(self) -> Array:
        """(points, layers)."""
        return self._values[: self._size]

    def _join(self) -> None:
        half = self._size // 4 * 2
        kept, size = half // 2, self._size - half // 2
        joined = self._steps[1:half:2].copy(), np.maximum(self._values[:half:2], self._values[1:half:2])
        for array, older in zip((self._steps, self._values), joined, strict=True):
            array[kept:size] = array[half : self._size].copy()
            array[:kept] = older
        self._size = size
