"""What pictures of two points a cell have in common: half-blocks, and grids stretched to a size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from tui_nn.plots.spans import Row, rows_from

Number = TypeVar("Number", bound=np.generic)

HALF: Final = "▀"


def stretched(grid: NDArray[Number], rows: int, columns: int) -> NDArray[Number]:
    """The last two axes in another size, each point as its nearest one; a grid without points stays as it is."""
    have = grid.shape[-2:]
    if have == (rows, columns) or 0 in have:
        return grid
    down, across = (np.arange(count) * size // count for count, size in zip((rows, columns), have, strict=True))
    return grid[..., down[:, None], across]


def half_blocks(pixels: NDArray[np.integer[Any]], names: Sequence[str]) -> list[Row]:
    """A row for two rows of pixels, (2 * height, width), the upper half of a cell on the lower; names[pixel]: role."""
    top = pixels[::2]
    return two_coloured(np.full(top.shape, ord(HALF)), top, pixels[1::2], names)


class Shades(NamedTuple):
    """Characters, and two colours for each: what `two_coloured` takes."""

    codes: NDArray[np.integer[Any]]
    fore: NDArray[np.integer[Any]]
    back: NDArray[np.integer[Any]]


def on_paper(pixels: NDArray[np.integer[Any]]) -> Shades:
    """Cells of two pixels, (2 * height, width): what is not 0, the paper, is seen in the characters as well."""
    top, bottom = pixels[::2].copy(), pixels[1::2].copy()
    codes = np.full(top.shape, ord(HALF))
    codes[top == bottom] = ord("█")
    codes[(top == bottom) & (top == 0)] = ord(" ")
    lower = (top == 0) & (bottom != 0)
    codes[lower] = ord("▄")
    return Shades(codes, np.where(lower, bottom, top), np.where(lower, top, bottom))


def two_coloured(
    codes: NDArray[np.integer[Any]],
    fore: NDArray[np.integer[Any]],
    back: NDArray[np.integer[Any]],
    names: Sequence[str],
    *,
    blanks_alike: bool = True,
) -> list[Row]:
    """Rows of characters in names[fore] on names[back]; the role of a span is "fore on back"."""
    pairs = fore * len(names) + back
    # As np.unique would find them, which sorts.
    found = np.flatnonzero(np.bincount(pairs.ravel()))
    places = np.zeros(len(names) ** 2, np.int64)
    places[found] = np.arange(len(found))
    both = [f"{names[pair // len(names)]} on {names[pair % len(names)]}" for pair in found.tolist()]
    return rows_from(codes.astype(np.uint32), places[pairs], both, blanks_alike=blanks_alike)
