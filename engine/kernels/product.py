"""The matrix product under every layer: rows and columns anywhere in memory, nothing copied, nothing packed."""

import numpy as np
from numba import njit

from engine.arrays import Array
from engine.kernels.intrinsics import SHAPES, TILES
from engine.parameters import PADDING

SPARE = 8
"""Entries that a table of rows has beyond its last: the lowest tile may read them."""

ROW_BLOCK = 24
"""Blocks of rows that different threads write begin at multiples of it: no tile reaches into the next."""


def row_table(offsets: Array) -> Array:
    """A table of row offsets, its last entry repeated: what tiles below the last row do, they do to it once more."""
    return np.concatenate([offsets, np.repeat(offsets[-1:], SPARE)]).astype(np.int64)


def _make_product(add: bool):
    by_width = {columns: TILES[columns, add] for columns, _ in SHAPES}
    widest = SHAPES[0][0]
    (tile64, rows64), (tile32, rows32), (tile16, rows16), (tile8, rows8) = (
        by_width.get(width, by_width[min(width, widest)]) for width in (64, 32, 16, 8)
    )
    width64, width32, width16 = (min(width, widest) for width in (64, 32, 16))

    @njit(nogil=True, forceinline=True)
    def product(c, crow, rows, a, arow, acol, b, brow, columns):
        to_c, from_a, from_b, depth = c.ctypes.data, a.ctypes.data, b.ctypes.data, acol.size
        c_rows, a_rows, a_columns, b_rows = crow.ctypes.data, arow.ctypes.data, acol.ctypes.data, brow.ctypes.data
        j = 0
        while j < columns:
            rest = columns - j
            cj, bj = to_c + 4 * j, from_b + 4 * j
            if rest >= 64:
                for i in range(0, rows, rows64):
                    tile64(cj, c_rows + 8 * i, from_a, a_rows + 8 * i, a_columns, bj, b_rows, depth)
                j += width64
            elif rest >= 32:
                for i in range(0, rows, rows32):
                    tile32(cj, c_rows + 8 * i, from_a, a_rows + 8 * i, a_columns, bj, b_rows, depth)
                j += width32
            elif rest >= 16:
                for i in range(0, rows, rows16):
                    tile16(cj, c_rows + 8 * i, from_a, a_rows + 8 * i, a_columns, bj, b_rows, depth)
                j += width16
            else:
                for i in range(0, rows, rows8):
                    tile8(cj, c_rows + 8 * i, from_a, a_rows + 8 * i, a_columns, bj, b_rows, depth)
                j += PADDING

    return product


product = _make_product(False)
"""c[crow[i] + j] = sum_k a[arow[i] + acol[k]] b[brow[k] + j]   for i < rows, j < columns.

a, b, c: float32, contiguous, of any shape: offsets count elements. Through the tables a convolution reads its
windows where they lie. `columns` is a multiple of 8; `crow` and `arow` come from `row_table`.
"""

add_product = _make_product(True)
"""c[crow[i] + j] += sum_k a[arow[i] + acol[k]] b[brow[k] + j]."""


def product_reference(
    c: Array, crow: Array, rows: int, a: Array, arow: Array, acol: Array, b: Array, brow: Array, columns: int
) -> None:
    """What `product` computes."""
    j = np.arange(columns)
    windows = a.reshape(-1)[arow[:rows, None] + acol]
    c.reshape(-1)[crow[:rows, None] + j] = windows @ b.reshape(-1)[brow[:, None] + j]


def add_product_reference(
    c: Array, crow: Array, rows: int, a: Array, arow: Array, acol: Array, b: Array, brow: Array, columns: int
) -> None:
    """What `add_product` computes."""
    j = np.arange(columns)
    windows = a.reshape(-1)[arow[:rows, None] + acol]
    c.reshape(-1)[crow[:rows, None] + j] += windows @ b.reshape(-1)[brow[:, None] + j]
