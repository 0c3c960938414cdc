"""Memory for vectors: zeros, each by itself, long ones in whole huge pages."""

import mmap
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.arrays import HUGE_PAGE, LINE, LONG, zero_vectors


@given(number=st.integers(0, 5), count=st.integers(0, 50_000), dtype=st.sampled_from([np.float32, np.float64]))
@example(number=2, count=LONG // 8, dtype=np.float32)
@example(number=2, count=LONG // 8 - LINE, dtype=np.float32)
@example(number=3, count=HUGE_PAGE // 4 + 1, dtype=np.float32)
def test_vectors_are_zeros_that_share_nothing(number: int, count: int, dtype: type[np.floating]):
    vectors = zero_vectors(number, count, dtype)
    assert [(vector.shape, vector.dtype) for vector in vectors] == [((count,), dtype)] * number
    assert not any(vector.any() for vector in vectors)
    for place, vector in enumerate(vectors):
        vector[:] = place + 1
    for place, vector in enumerate(vectors):
        assert (vector == place + 1).all()
        assert vector.flags.c_contiguous
        assert vector.flags.writeable


@pytest.mark.skipif(not hasattr(mmap, "MADV_HUGEPAGE"), reason="no huge pages here")
@given(number=st.integers(1, 4), count=st.integers(LONG // 4, 3 * HUGE_PAGE // 4))
@example(number=1, count=HUGE_PAGE // 4)
def test_long_vectors_lie_in_whole_huge_pages(number: int, count: int):
    vectors = zero_vectors(number, count, np.float32)
    first, last = vectors[0].ctypes.data, vectors[-1].ctypes.data + vectors[-1].nbytes
    assert first % HUGE_PAGE == 0
    assert last - first < number * (vectors[0].nbytes + LINE)
    mapped = base_of(vectors[0])
    assert mapped.ctypes.data <= first
    assert mapped.ctypes.data + mapped.nbytes >= -(-last // HUGE_PAGE) * HUGE_PAGE


def base_of(vector: np.ndarray) -> np.ndarray:
    """All of the memory that it is a part of."""
    while isinstance(vector.base, np.ndarray):
        vector = vector.base
    return vector


@pytest.mark.skipif(sys.platform != "linux", reason="tells no pages")
def test_the_system_gives_huge_pages_where_it_has_them():
    setting = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if not setting.exists() or "[never]" in setting.read_text():
        pytest.skip("has none")
    before = huge_bytes()
    vectors = zero_vectors(4, HUGE_PAGE // 4, np.float32)
    for vector in vectors:
        vector[:] = 1
    assert huge_bytes() - before >= HUGE_PAGE


def huge_bytes() -> int:
    """Of this process."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("AnonHugePages"))
