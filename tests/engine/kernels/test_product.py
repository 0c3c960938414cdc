"""The product over tables of rows: equal to NumPy's, wherever rows and columns lie, on any processor's registers."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.kernels import product as products
from engine.kernels.compiled import phase
from engine.kernels.crew import Crew, Job, Segment
from engine.kernels.operands import integers, number, table_of, vector
from engine.kernels.product import ROW_BLOCK, SPARE, add_product, product, row_table

SEEDS = st.integers(0, 2**32 - 1)


@phase
def set_product(t, chunk, thread):
    """`product` of these operands."""
    c, crow, a, arow, acol = vector(t, 0), integers(t, 1), vector(t, 2), integers(t, 3), integers(t, 4)
    b, brow, rows, columns = vector(t, 5), integers(t, 6), number(t, 7), number(t, 8)
    product(c, crow, rows, a, arow, acol, b, brow, columns)


@phase
def sum_product(t, chunk, thread):
    """`add_product` of these operands."""
    c, crow, a, arow, acol = vector(t, 0), integers(t, 1), vector(t, 2), integers(t, 3), integers(t, 4)
    b, brow, rows, columns = vector(t, 5), integers(t, 6), number(t, 7), number(t, 8)
    add_product(c, crow, rows, a, arow, acol, b, brow, columns)


KINDS = {
    "product": (set_product, products.product_reference),
    "add_product": (sum_product, products.add_product_reference),
}


def assert_as_in_numpy(kind: str, seed: int, rows: int, depth: int, columns: int) -> None:
    """Rows and columns of a and rows of b lie anywhere and upon one another; only c's rows are each for themselves."""
    function, reference = KINDS[kind]
    random = np.random.default_rng(seed)
    a, b = (random.normal(size=size).astype(np.float32) for size in (200, columns + 300))
    arow, acol, brow = (random.integers(0, most, size) for most, size in ((100, rows), (101, depth), (301, depth)))
    crow = random.permutation(2 * rows)[:rows] * (columns + 3) + random.integers(0, 4)
    c = random.normal(size=2 * rows * (columns + 3) + columns).astype(np.float32)
    expected = c.astype(np.float64)
    reference(expected, crow, rows, a.astype(np.float64), arow, acol, b.astype(np.float64), brow, columns)
    tables = [row_table(crow), a, row_table(arow), acol, b, brow]
    operands = table_of([c, *tables, rows, columns])
    with Crew() as crew:
        crew.run(Job([[Segment(function, operands, 1)]]))
    # The whole of c: a tile that is too wide or too high writes where nobody asked it to.
    np.testing.assert_allclose(c, expected, rtol=0, atol=2e-6 * depth)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=SEEDS, rows=st.integers(1, 60), depth=st.integers(1, 40), vectors=st.integers(1, 25))
def test_a_product_over_tables_equals_its_reference(kind: str, seed: int, rows: int, depth: int, vectors: int):
    assert_as_in_numpy(kind, seed, rows, depth, 8 * vectors)


@pytest.mark.parametrize("kind", KINDS)
def test_every_height_and_width_of_a_last_tile(kind: str):
    for rows in range(1, 18):
        for columns in range(8, 144, 8):
            assert_as_in_numpy(kind, rows, rows, 3, columns)


@pytest.mark.parametrize("lanes", [4, 8])
def test_a_product_on_a_processor_with_narrower_registers(lanes: int):
    features = {4: ("avx", "avx2", "fma", "f16c"), 8: ()}[lanes]
    program = f"""
import importlib.util, sys
from llvmlite import binding

present = binding.get_host_cpu_features()
for name in present:
    if name.startswith("avx512") or name in {features!r}:
        present[name] = False
binding.get_host_cpu_features = lambda: present
spec = importlib.util.spec_from_file_location("narrower", {__file__!r})
module = sys.modules["narrower"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from engine.kernels import intrinsics
assert intrinsics.LANES == {lanes}, intrinsics.LANES
for kind in module.KINDS:
    for rows in range(1, 14):
        for columns in (8, 16, 24, 40):
            module.assert_as_in_numpy(kind, rows, rows, 5, columns)
"""
    root = Path(engine.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_block_of_rows_leaves_those_after_it_alone():
    random = np.random.default_rng(0)
    rows, depth, columns = 3 * ROW_BLOCK + 5, 4, 72
    a, b = random.normal(size=(rows, depth)).astype(np.float32), random.normal(size=(depth, columns)).astype(np.float32)
    for first in range(0, rows, ROW_BLOCK):
        last = min(first + ROW_BLOCK, rows)
        c = np.full((rows, columns), np.nan, np.float32)
        arow, crow = row_table(np.arange(rows) * depth)[first:], row_table(np.arange(rows) * columns)[first:]
        tables: list[Any] = [crow, a.reshape(-1), arow, np.arange(depth), b.reshape(-1), np.arange(depth) * columns]
        with Crew() as crew:
            operands = table_of([c.reshape(-1), *tables, last - first, columns])
            crew.run(Job([[Segment(set_product, operands, 1)]]))
        np.testing.assert_allclose(c[first:last], a[first:last] @ b, rtol=0, atol=1e-5)
        assert np.isnan(c[:first]).all()
        assert np.isnan(c[last:]).all()


def test_a_table_of_rows_says_its_last_row_again():
    table = row_table(np.array([3, 1, 4]))
    assert table.dtype == np.int64
    assert table.tolist() == [3, 1, 4] + [4] * SPARE
