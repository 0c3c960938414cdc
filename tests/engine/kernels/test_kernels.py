"""One contract for all kernels: each equals its NumPy reference, whatever the shapes, in both precisions."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine.kernels
from engine.kernels.augment import Ranges
from engine.kernels.compiled import kernel


def find_kernels() -> Iterator[Any]:
    for module_info in pkgutil.iter_modules(engine.kernels.__path__):
        module = importlib.import_module(f"engine.kernels.{module_info.name}")
        for name, item in vars(module).items():
            if isinstance(item, kernel) and item.__module__ == module.__name__:
                yield pytest.param(item, getattr(module, f"{name}_reference", None), id=name)


KERNELS = list(find_kernels())


class Sizes:
    """Random numbers for arguments that fit each other."""

    def __init__(self, seed: int, count: int, classes: int, dtype: type[np.floating]) -> None:
        self.random = np.random.default_rng(seed)
        self.count, self.classes, self.dtype = count, classes, dtype
        cuts = np.sort(self.random.integers(0, count + 1, self.random.integers(0, 4)))
        self.offsets = np.array([0, *cuts, count])
        self.channels, self.height, self.width = self.random.integers(1, (4, 13, 13))
        self.batch = int(self.random.integers(1, 4))

    def vector(self) -> np.ndarray:
        values = self.random.normal(0, 2, self.count).astype(self.dtype)
        values[self.random.random(self.count) < 0.1] = 0
        return values

    def positive(self) -> np.ndarray:
        return np.abs(self.vector())

    def scalar(self) -> Any:
        return self.dtype(self.random.uniform(0.01, 1))

    def pictures(self, *counts: int) -> np.ndarray:
        return self.random.random((*counts, self.channels, self.height, self.width)).astype(self.dtype)

    def positions(self) -> np.ndarray:
        return self.random.uniform(-4, 16, (2, self.height, self.width)).astype(self.dtype)

    def ranges(self) -> Ranges:
        rotation, shift, scale, shear = self.random.uniform(0, (3, 4, 0.5, 0.5)).tolist()
        return Ranges(rotation, shift, scale, shear, float(self.random.choice([0, 10])), self.sigma())

    def sigma(self) -> float:
        return float(self.random.uniform(0.5, 6))


ARGUMENTS: dict[str, Callable[[Sizes], Any]] = {
    **dict.fromkeys(["x", "y", "dx", "dy", "w", "g", "m", "vector", "values"], Sizes.vector),
    "v": Sizes.positive,
    **dict.fromkeys(["slope", "lr", "l2", "shrink", "scale", "mu", "alpha", "rest", "eps"], Sizes.scalar),
    **dict.fromkeys(["beta1", "rest1", "beta2", "rest2", "correction"], Sizes.scalar),
    "nesterov": lambda s: bool(s.random.integers(2)),
    "logits": lambda s: s.random.normal(0, 5, (s.count, s.classes)).astype(s.dtype),
    "dlogits": lambda s: np.full((s.count, s.classes), np.nan, s.dtype),
    "labels": lambda s: s.random.integers(0, s.classes, s.count),
    "smoothing": lambda s: float(s.random.choice([0.0, 0.1, 0.5])),
    **dict.fromkeys(["key", "number"], lambda s: s.random.integers(2**64, dtype=np.uint64)),
    **dict.fromkeys(["value", "constant", "factor"], lambda s: s.random.integers(2**32, dtype=np.uint64)),
    "keys": lambda s: np.zeros(s.count, np.uint64),
    "threshold": lambda s: s.random.integers(2**24, dtype=np.uint64),
    "offsets": lambda s: s.offsets,
    "sums": lambda s: np.full(len(s.offsets) - 1, np.nan),
    "low": lambda s: -float(s.random.uniform(0.1, 4)),
    "high": lambda s: float(s.random.uniform(0.1, 4)),
    "figures": lambda s: np.full(4, np.nan),
    "counts": lambda s: np.full(s.random.integers(1, 50), -1, np.int64),
    **dict.fromkeys(["source", "out"], Sizes.pictures),
    "samples": lambda s: s.pictures(3),
    "chosen": lambda s: s.random.integers(0, 3, s.batch),
    "varied": lambda s: s.pictures(s.batch),
    "background": Sizes.scalar,
    "positions": Sizes.positions,
    "ranges": Sizes.ranges,
    **dict.fromkeys(["sigma", "spacing"], Sizes.sigma),
    "begin": lambda s: float(s.random.uniform(-1, 1)),
    "first": lambda s: np.full(s.count, -1, np.int32),
    "weights": lambda s: np.full((4, s.count), np.nan, s.dtype),
    **dict.fromkeys(["seed", "epoch"], lambda s: int(s.random.integers(2**32))),
}
"""What kernels call their arguments says what they take; a kernel with a new word adds it here."""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("kernel", "reference"), KERNELS)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 300), classes=st.integers(1, 12))
def test_a_kernel_equals_its_reference(
    kernel: Any, reference: Any, dtype: type[np.floating], seed: int, count: int, classes: int
):
    assert reference is not None, f"{kernel.__name__} has no {kernel.__name__}_reference beside it"
    assert inspect.signature(kernel) == inspect.signature(reference)
    sizes = Sizes(seed, count, classes, dtype)
    ours = [ARGUMENTS[name](sizes) for name in inspect.signature(kernel).parameters]
    theirs = [argument.copy() if isinstance(argument, np.ndarray) else argument for argument in ours]
    found, expected = kernel(*ours), reference(*theirs)
    tolerance = {"rtol": 1e-5, "atol": 1e-5} if dtype is np.float32 else {"rtol": 1e-12, "atol": 1e-12}
    for mine, other in zip([*ours, found], [*theirs, expected], strict=True):
        if mine is not None:
            np.testing.assert_allclose(mine, other, **tolerance)


def test_kernels_are_found():
    assert {"leaky_relu", "dropout", "square_sums", "softmax_cross_entropy", "adam", "bin_counts"} <= {
        item.id for item in KERNELS
    }


@pytest.mark.parametrize(("kernel", "reference"), KERNELS)
def test_every_kernel_says_what_it_computes(kernel: Any, reference: Any):
    assert kernel.__doc__


def test_not_a_number_stays_one():
    from engine.kernels.activations import leaky_relu
    from engine.kernels.norms import square_sums

    x, y, sums = np.array([np.nan, np.inf, -np.inf, 1.0], np.float32), np.zeros(4, np.float32), np.zeros(1)
    leaky_relu(x, np.float32(0.1), y)
    np.testing.assert_array_equal(y, np.array([np.nan, np.inf, -np.inf, 1.0], np.float32))
    square_sums(x[1:], np.array([0, 3]), sums)
    assert sums[0] == np.inf
    square_sums(x, np.array([0, 4]), sums)
    assert np.isnan(sums[0])


def test_small_squares_are_not_lost_beside_large_ones():
    from engine.kernels.norms import square_sums

    vector, sums = np.full(10**6 + 1, 1e-3, np.float32), np.zeros(1)
    vector[0] = 1e3
    square_sums(vector, np.array([0, vector.size]), sums)
    assert sums[0] == pytest.approx(1e6 + 1, abs=1e-2)


def test_large_squares_do_not_overflow():
    from engine.kernels.norms import square_sums

    sums = np.zeros(1)
    square_sums(np.full(3, 1e30, np.float32), np.array([0, 3]), sums)
    assert sums[0] == pytest.approx(3e60, rel=1e-6)


def test_draws_are_those_of_splitmix64():
    from engine.kernels.augment import hashed

    # The first numbers of Vigna's splitmix64.c, seeded with 1234567.
    known = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert [int(hashed(np.uint64(1234567), np.uint64(number))) for number in range(5)] == known


def test_values_outside_the_bins_are_counted_nowhere():
    from engine.kernels.distribution import bin_counts

    counts = np.full(4, 7)
    bin_counts(np.array([-1.0, -1.1, 0.0, 0.99, 1.0, 1.1, np.nan, np.inf]), -1.0, 1.0, counts)
    assert counts.tolist() == [1, 0, 1, 2]


def test_moments_leave_out_what_is_not_finite():
    from engine.kernels.distribution import moments

    figures = np.zeros(4)
    moments(np.array([np.nan, -3.0, np.inf, 1.0, -np.inf], np.float32), figures)
    assert figures.tolist() == [2, 3, -2, 10]
