"""Steps in a row are those that would be taken one by one, to the bit."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernels.crew import Crew
from engine.plain_step import StepResult
from engine.stages.change_over import MOST

Make = Callable[..., Any]

PICTURE = (2, 6, 5)
CHAINS = [
    "Flatten, Linear(9), ReLU, Linear(3)",
    "Flatten, Linear(70), Dropout(0.3), Tanh, Residual(Linear(70), Dropout(0.5)), Linear(3)",
    "Conv2d(5, 3, padding=1), ReLU, Dropout2d(0.4), MaxPool2d(2), Flatten, Linear(3)",
]


def told(result: StepResult) -> tuple[Any, ...]:
    """All of it, kept."""
    squares = (result.gradient_squares, result.change_squares, result.weight_squares)
    return (result.loss, result.score, result.samples, result.finite, *(values.tobytes() for values in squares))


@settings(max_examples=60, deadline=None)
@given(
    chain=st.sampled_from(CHAINS),
    optimizer=st.sampled_from(["sgd", "nesterov", "adamw"]),
    augment=st.sampled_from(["none", "affine"]),
    lengths=st.lists(st.tuples(st.integers(1, 3) | st.integers(1, MOST), st.booleans()), min_size=1, max_size=9),
    clip_norm=st.sampled_from([0.0, 0.5]),
    frozen=st.booleans(),
)
def test_a_row_is_as_its_steps_one_by_one(
    network: Make,
    crew: Crew,
    chain: str,
    optimizer: str,
    augment: str,
    lengths: list[tuple[int, bool]],
    clip_norm: float,
    frozen: bool,
):
    rows, single = (network(chain, PICTURE, optimizer=optimizer, augment=augment) for _ in range(2))
    for one in (rows, single):
        next(iter(one.model.parameters.values())).frozen = frozen
        one.loss.label_smoothing = 0.1
    steps = [one.compiled(7, crew) for one in (rows, single)]
    number = 0
    for length, announced in lengths:
        batches = [rows.batch(7, seed=number + place, epoch=place % 2) for place in range(length)]
        factors = [1.0 / (1 + number + place) for place in range(length)]
        number += length
        following = rows.batch(7, seed=number, epoch=0) if announced else None
        found = list(map(told, steps[0].run_row(batches, following, factors, clip_norm)))
        expected = [
            told(steps[1].run(batch, None, factor, clip_norm)) for batch, factor in zip(batches, factors, strict=True)
        ]
        assert found == expected
        assert rows.state == single.state
        np.testing.assert_array_equal(steps[0].samples, steps[1].samples)
        np.testing.assert_array_equal(steps[0].labels, steps[1].labels)


@settings(max_examples=30, deadline=None)
@given(chain=st.sampled_from(CHAINS), length=st.integers(2, MOST), data=st.data())
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_row_ends_with_a_step_that_is_not_finite(
    network: Make, crew: Crew, chain: str, length: int, data: st.DataObject
):
    bad = data.draw(st.integers(0, length - 1))
    rows, single = (network(chain, PICTURE, optimizer="adam") for _ in range(2))
    for one in (rows, single):
        x = one.split.x.copy()
        x[11] = np.nan
        object.__setattr__(one.split, "x", x)
    good = rows.batch(7)._replace(chosen=np.arange(7))
    batches = [good._replace(chosen=good.chosen + (8 if place == bad else place % 4)) for place in range(length)]
    steps = [one.compiled(7, crew) for one in (rows, single)]
    found = list(map(told, steps[0].run_row(batches, good, [1.0] * length, 0.0)))
    expected = [told(steps[1].run(batch, None, 1.0, 0.0)) for batch in batches[: bad + 1]]
    assert repr(found) == repr(expected)  # a loss that is NaN equals no other
    assert rows.state == single.state
    assert rows.model.gradients.tobytes() == single.model.gradients.tobytes()
    # And on it goes.
    assert list(map(told, steps[0].run_row([good, good], None, [1.0, 1.0], 0.0))) == [
        told(steps[1].run(good, None, 1.0, 0.0)) for _ in range(2)
    ]
    assert rows.state == single.state


@pytest.mark.parametrize("length", [1, 2])
def test_what_needs_the_interpreter_between_two_steps_takes_one_at_a_time(network: Make, crew: Crew, length: int):
    assert network("Flatten, Linear(9), BatchNorm1d, Linear(3)", PICTURE).compiled(7, crew).in_a_row == 1
    assert network(CHAINS[0], PICTURE, loss="mse").compiled(7, crew).in_a_row == 1
    with Crew(1, most_groups=40) as small:
        step = network(CHAINS[0], PICTURE).compiled(7, small)
        assert 1 < step.in_a_row < MOST
        batch = network(CHAINS[0], PICTURE).batch(7)
        row = [batch] * (step.in_a_row if length == 2 else 1)
        assert len(step.run_row(row, None, [1.0] * len(row), 0.0)) == len(row)
