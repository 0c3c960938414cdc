"""What a table of operands says is what compiled code reads."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.kernels.compiled import phase
from engine.kernels.crew import Crew, Job, Segment
from engine.kernels.operands import (
    byte_maps,
    cube,
    doubles,
    integers,
    maps,
    matrix,
    number,
    table_of,
    vector,
)


@phase
def read_all(t, chunk, thread):
    """What each word reads: its sizes into integers, its last number into doubles, and one number more there."""
    sizes, last = integers(t, 8), doubles(t, 9)
    a, b, c, d, e, f, g, h = (
        number(t, 0),
        vector(t, 1),
        matrix(t, 2),
        cube(t, 3),
        maps(t, 4),
        byte_maps(t, 5),
        integers(t, 6),
        doubles(t, 7),
    )
    sizes[0], sizes[1], sizes[2], sizes[3] = b.shape[0], c.shape[0], c.shape[1], d.shape[0]
    sizes[4], sizes[5], sizes[6], sizes[7] = d.shape[1], d.shape[2], e.shape[0], e.shape[1]
    sizes[8], sizes[9], sizes[10], sizes[11] = e.shape[2], e.shape[3], f.shape[0], f.shape[1]
    sizes[12], sizes[13], sizes[14], sizes[15] = f.shape[2], f.shape[3], g.shape[0], h.shape[0]
    last[0], last[1], last[2], last[3] = a, b[-1], c[-1, -1], d[-1, -1, -1]
    last[4], last[5], last[6], last[7] = e[-1, -1, -1, -1], f[-1, -1, -1, -1], g[-1], h[-1]
    b[0] = c[0, 0] = d[0, 0, 0] = e[0, 0, 0, 0] = -1
    f[0, 0, 0, 0], g[0], h[0] = 200, -(2**40), 1e300


def test_every_operand_is_read_and_written_as_what_it_is():
    random = np.random.default_rng(0)
    shapes = [(3,), (4, 5), (2, 3, 4), (2, 3, 4, 5)]
    floats = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    pictures = random.integers(1, 256, (3, 2, 5, 4)).astype(np.uint8)
    whole, wide = random.integers(-(2**62), 2**62, 6), random.normal(size=7)
    arrays = [*floats, pictures, whole, wide]
    expected = [-(2**50), *(float(array.flat[-1]) for array in arrays)]
    sizes, last = np.zeros(16, np.int64), np.zeros(8)
    operands = table_of([-(2**50), *arrays, sizes, last])
    with Crew() as crew:
        crew.run(Job([[Segment(read_all, operands, 1)]]))
    assert sizes.tolist() == [size for array in arrays for size in array.shape]
    assert last.tolist() == expected
    assert [float(array.flat[0]) for array in arrays] == [-1, -1, -1, -1, 200, -(2**40), 1e300]


@pytest.mark.parametrize(
    "broken",
    [
        lambda a: a[:, ::2],
        lambda a: a.T,
        lambda a: a[:, :3],
        lambda a: np.asfortranarray(a),
        lambda a: a[::-1],
        lambda a: np.broadcast_to(a, (2, 4, 6)),
        lambda a: a.reshape(1, 1, 2, 2, 6),
    ],
)
def test_an_operand_that_is_no_block_of_memory_of_up_to_four_dimensions_is_refused(
    broken: Callable[[Any], np.ndarray],
):
    operand = broken(np.zeros((4, 6), np.float32))
    with pytest.raises(ValueError, match="must be contiguous"):
        table_of([1, operand])


def test_parts_that_are_blocks_of_memory_are_taken_where_they_lie():
    array = np.arange(24.0).reshape(4, 6)
    table = table_of([array[2:], array[1, 2:4], 7])
    assert table.tolist() == [
        [array.ctypes.data + 2 * 6 * 8, 2, 6, 0, 0],
        [array.ctypes.data + 8 * 8, 2, 0, 0, 0],
        [7, 0, 0, 0, 0],
    ]


@pytest.mark.parametrize("kind", [np.int32, np.float16, np.bool_, np.complex64])
def test_a_type_that_no_phase_reads_is_refused(kind: type):
    with pytest.raises(ValueError, match=f"operand of type {np.dtype(kind)}"):
        table_of([np.zeros(3, kind)])
