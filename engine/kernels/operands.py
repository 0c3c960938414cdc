"""The operands of a phase: a table of addresses and dimensions, read back as arrays by compiled code.

A phase is `phase(table, chunk, thread)`, called by its address, so it takes no array: operand i lies in slots
5 i .. 5 i + 4 of the table as address and dimensions; a plain number lies in the first slot alone.
"""

from collections.abc import Sequence

import numpy as np
from numba import carray, njit, types

from engine.arrays import Array
from engine.kernels.intrinsics import OPERAND, pointer

TYPES = tuple(map(np.dtype, (np.float32, np.float64, np.int64, np.uint8)))
"""What an operand may consist of."""

FLOATS, BYTES, INTS = types.float32, types.uint8, types.int64


def table_of(operands: Sequence[Array | int]) -> Array:
    """The table of these operands; the arrays must outlive it. Raises ValueError for one that no phase could read."""
    table = np.zeros((len(operands), OPERAND), np.int64)
    for slots, operand in zip(table, operands, strict=True):
        if isinstance(operand, np.ndarray):
            if operand.dtype not in TYPES:
                raise ValueError(f"operand of type {operand.dtype}: must be one of {', '.join(map(str, TYPES))}")
            if not operand.flags.c_contiguous or operand.ndim >= OPERAND:
                raise ValueError(f"operand of shape {operand.shape}, strides {operand.strides}: must be contiguous")
            slots[0] = operand.ctypes.data
            slots[1 : 1 + operand.ndim] = operand.shape
        else:
            slots[0] = operand
    return table


@njit(inline="always")
def number(table, index):
    """Operand `index`, an integer."""
    return carray(pointer(table, INTS), (OPERAND * index + 1,))[OPERAND * index]


@njit(inline="always")
def _slots(table, index):
    return carray(pointer(table + 8 * OPERAND * index, INTS), (OPERAND,))


@njit(inline="always")
def integers(table, index):
    """Operand `index`, a vector of int64."""
    slots = _slots(table, index)
    return carray(pointer(slots[0], INTS), (slots[1],))


@njit(inline="always")
def vector(table, index):
    """Operand `index`, a vector of float32."""
    slots = _slots(table, index)
    return carray(pointer(slots[0], FLOATS), (slots[1],))


@njit(inline="always")
def matrix(table, index):
    """Operand `index`, a matrix of float32."""
    slots = _slots(table, index)
    return carray(pointer(slots[0], FLOATS), (slots[1], slots[2]))


@njit(inline="always")
def cube(table, index):
    """Operand `index`, three dimensions of float32."""
    slots = _slots(table, index)
    return carray(pointer(slots[0], FLOATS), (slots[1], slots[2], slots[3]))


@njit(inline="always")
def maps(table, index):
    """Operand `index`, four dimensions of float32: samples, height, width, channels."""
    slots = _slots(table, index)
    return carray(pointer(slots[0], FLOATS), (slots[1], slots[2], slots[3], slots[4]))


@njit(inline="always")
def byte_maps(table, index):
    """Operand `index`, four dimensions of bytes."""
    slots = _slots(table, index)
    return carray(pointer(slots[0], BYTES), (slots[1], slots[2], slots[3], slots[4]))


@njit(inline="always")
def doubles(table, index):
    """Operand `index`, a vector of float64."""
    slots = _slots(table, index)
    return carray(pointer(slots[0], types.float64), (slots[1],))
