"""What is in a layer as small pictures, in the size of a screen."""

from math import ceil, sqrt
from typing import Literal

import numpy as np

from engine.arrays import Array
from engine.errors import UserError
from engine.layers import Leaf
from engine.layers.conv2d import Conv2d
from engine.layers.flatten import Flatten
from engine.layers.linear import Linear
from engine.model import Sequential
from engine.training.commands import MOST_POINTS, PicturesWish
from engine.training.events import Pictures

Kind = Literal["pixels", "filters", "matrix", ""]


def weight_grids(model: Sequential, leaf: Leaf) -> tuple[Kind, Array]:
    """What the pictures of its weights are, and the grids, (count, rows, columns); none of a vector.

    Several input channels are as many pictures for each unit, one after the other.
    """
    match leaf.layer:
        case Conv2d():
            weight = leaf.layer.parameters[0].value
            return "filters", weight.reshape(-1, *weight.shape[2:])
        case Linear():
            weight = leaf.layer.parameters[0].value
            before = model.leaves[: model.leaves.index(leaf)]
            if len(model.input_shape) == 3 and all(isinstance(other.layer, Flatten) for other in before):
                return "pixels", weight.reshape(-1, *model.input_shape[1:])
            return "matrix", weight[None]
    return "", np.zeros((0, 1, 1))


def unit_grids(y: Array) -> Array:
    """What a layer gives for one sample, (channels, rows, columns) or (units,): grids, (count, rows, columns).

    Units stand in reading order in one grid that is about square; what fills it up is 0.
    """
    if y.ndim == 3:
        return y
    columns = ceil(sqrt(y.size))
    filled = np.zeros((ceil(y.size / columns), columns), y.dtype)
    filled.ravel()[: y.size] = y.ravel()
    return filled[None]


def pictures(grids: Array, wish: PicturesWish) -> Pictures | None:
    """Those of the grids that are wished for, no larger than that; None of none.

    Raises UserError for no size, or one larger than a screen.
    """
    if min(wish.columns, wish.rows, wish.count) < 1 or wish.columns * wish.rows * wish.count > MOST_POINTS:
        wished = f"{wish.count} pictures of {wish.columns} x {wish.rows}"
        raise UserError(f"{wished}: must have 1 to {MOST_POINTS:,} points in all")
    if not grids.size:
        return None
    first = wish.first % len(grids)
    shown = reduced(grids[first : first + wish.count], wish.rows, wish.columns)
    bound = _bound(grids)
    shares = shown / (bound or 1.0)
    return Pictures(
        count=len(grids),
        first=first,
        shown=len(shown),
        columns=shown.shape[2],
        rows=shown.shape[1],
        whole=grids.shape[2],
        bound=bound,
        values=np.where(np.isfinite(shares), np.rint(shares * 127), -128).astype(np.int8).tobytes(),
    )


def reduced(grids: Array, rows: int, columns: int) -> Array:
    """Grids of at most that size: of the points that fall together the largest, by size; NaN before all."""
    for axis, count in ((1, rows), (2, columns)):
        size = grids.shape[axis]
        if size > count:
            starts = np.arange(count) * size // count
            high, low = np.maximum.reduceat(grids, starts, axis=axis), np.minimum.reduceat(grids, starts, axis=axis)
            grids = np.where(-low > high, low, high)
    return grids


def _bound(grids: Array) -> float:
    """The largest size of what is finite."""
    bound = float(max(grids.max(), -grids.min()))
    return bound if np.isfinite(bound) else float(np.abs(grids[np.isfinite(grids)]).max(initial=0.0))
