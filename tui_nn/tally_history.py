"""How a layer's numbers were distributed, look by look, in bounded memory."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array


class Snapshot(NamedTuple):
    """Counts in even bins from low to high at a step; those below and above, and what is not finite."""

    step: int
    low: float
    high: float
    counts: NDArray[np.uint32]
    under: int = 0
    over: int = 0
    not_finite: int = 0


class TallyHistory:
    """Each as it was counted. Where there is no room for more, every second is left out, also of those to come."""

    def __init__(self, capacity: int = 256) -> None:
        self._capacity = capacity
        self._kept: list[Snapshot] = []
        self._every = 1
        self._turn = 0
        self._newest: Snapshot | None = None

    def __len__(self) -> int:
        return len(self._kept) + (self._newest is not None)

    def append(
        self,
        step: int,
        low: float,
        high: float,
        counts: Sequence[int],
        under: int = 0,
        over: int = 0,
        not_finite: int = 0,
    ) -> None:
        """One more; of the same step another one takes the place of the first."""
        item = Snapshot(step, low, high, np.array(counts, np.uint32), under, over, not_finite)
        if self._newest is not None and self._newest.step != step:
            self._keep(self._newest)
        self._newest = item

    def forget_after(self, step: int) -> None:
        """Leave out what was counted after a step."""
        left = [item for item in (*self._kept, self._newest) if item is not None and item.step <= step]
        self._newest = left.pop() if left else None
        self._kept = left

    def columns(self, count: int) -> list[Snapshot]:
        """At most so many, the first and the newest among them; the others keep their places while more come."""
        if self._newest is None or count < 1:
            return []
        every = 1
        while -(-len(self._kept) // every) > count - 1 and count > 1:
            every *= 2
        return [*(self._kept[::every] if count > 1 else []), self._newest]

    def _keep(self, item: Snapshot) -> None:
        if self._turn % self._every == 0:
            self._kept.append(item)
            if len(self._kept) == self._capacity:
                self._kept = self._kept[::2]
                self._every *= 2
        self._turn += 1


def shares(snapshots: Sequence[Snapshot], low: float, high: float, rows: int) -> Array:
    """What share of a snapshot's numbers lies in each of `rows` even parts from low up: (rows, snapshots).

    Counts stay where they were counted: a part that is wider than the snapshot's bins is as dense as the fullest of
    them, and one that is narrower as the bin it lies in. What lies beyond the ends is at the ends; NaN is there where a
    number was not finite.
    """
    found = np.zeros((rows, len(snapshots)))
    edges = np.linspace(low, high, rows + 1)
    for column, item in enumerate(snapshots):
        finite = int(item.counts.sum()) + item.under + item.over
        width = (item.high - item.low) / item.counts.size
        # As dense as its fullest bin: the share that a part would have of it.
        dense = np.concatenate([[0.0], item.counts / max(finite, 1) * ((high - low) / rows / width), [0.0]])
        first = np.clip(np.floor((edges[:-1] - item.low) / width + 1e-9) + 1, 0, item.counts.size + 1).astype(int)
        last = np.clip(np.ceil((edges[1:] - item.low) / width - 1e-9), 0, item.counts.size + 1).astype(int)
        found[:, column] = [dense[a : b + 1].max() if b >= a else dense[a] for a, b in zip(first, last, strict=True)]
        found[0, column] = max(found[0, column], item.under / max(finite, 1))
        found[-1, column] = max(found[-1, column], item.over / max(finite, 1))
        if item.not_finite:
            found[-1, column] = np.nan
    return np.minimum(found, 1.0)
