from dataclasses import dataclass
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.expressions import make, parse_calls
from engine.hyperparameters import Hyperparameter, tunable, tunables
from engine.losses import losses
from engine.optimizers import optimizers
from engine.training.learner import StepSettings

DECLARED = [
    *(item for name in optimizers.names() for item in tunables(make(parse_calls(name, "")[0], optimizers))),
    *(item for name in losses.names() for item in tunables(make(parse_calls(name, "")[0], losses))),
    *tunables(StepSettings()),
    Hyperparameter("dropout", 0.2, 0.0, 0.9, "linear", "share of units left out"),
]
"""All that the engine declares."""

UNIQUE = list({(item.name, item.low, item.high): item for item in DECLARED}.values())


def at(item: Hyperparameter, value: float) -> Hyperparameter:
    return Hyperparameter(item.name, value, item.low, item.high, item.scale, item.help, item.zero)


def allowed(item: Hyperparameter, value: float) -> bool:
    return item.low <= value <= item.high or (item.zero and value == 0)


@st.composite
def hyperparameters(draw: Any) -> Hyperparameter:
    """A declared one, at any value that it may have."""
    item = draw(st.sampled_from(UNIQUE))
    number = st.integers(int(item.low), int(item.high)) if item.scale == "log2" else st.floats(item.low, item.high)
    return at(item, float(draw(number | st.just(0.0) if item.zero else number)))


def climbed(item: Hyperparameter, direction: int) -> list[Hyperparameter]:
    """All values from one step to the next until nothing moves any more."""
    seen = [item]
    while (value := seen[-1].stepped(direction)) != seen[-1].value:
        seen.append(at(item, value))
        assert len(seen) < 200, "no end in sight"
    return seen


@pytest.mark.parametrize("item", DECLARED, ids=lambda item: item.name)
def test_defaults_are_within_their_bounds(item: Hyperparameter):
    assert item.checked(item.value) == item.value


@pytest.mark.parametrize(
    "value", [nan, inf, -inf, -1, -1e-9, 1e12, "fast", "", "nan", "inf", None, [], {}, 1j, 10**400]
)
@pytest.mark.parametrize("item", UNIQUE, ids=lambda item: item.name)
def test_what_is_no_number_or_out_of_bounds_is_refused(item: Hyperparameter, value: object):
    with pytest.raises(UserError) as caught:
        item.checked(value)
    message = str(caught.value)
    assert message.startswith(f"{item.name} {value!r}: must be ")
    assert f"from {item.low:g} to {item.high:g}" in message
    assert len(message.splitlines()) == 1


@given(hyperparameters())
def test_what_is_within_bounds_is_taken_as_it_is(item: Hyperparameter):
    assert item.checked(item.value) == item.value
    assert item.checked(str(item.value)) == item.value


@given(hyperparameters(), st.floats(allow_nan=True, allow_infinity=True))
def test_only_what_is_within_bounds_is_taken(item: Hyperparameter, value: float):
    try:
        assert allowed(item, item.checked(value))
    except UserError:
        assert not allowed(item, value) or (item.scale == "log2" and value != int(value))


def test_a_batch_size_is_a_whole_number():
    (batch_size,) = (item for item in UNIQUE if item.name == "batch_size")
    with pytest.raises(UserError, match=r"batch_size 2\.5: must be a whole number from 1 to 65536"):
        batch_size.checked(2.5)


def test_zero_means_off_only_where_it_is_said():
    clip_norm, batch_size = tunables(StepSettings(clip_norm=1.0))
    if clip_norm.name == "batch_size":
        clip_norm, batch_size = batch_size, clip_norm
    assert clip_norm.checked(0) == 0
    with pytest.raises(UserError, match=r"0 \(off\) or a number"):
        clip_norm.checked(1e-9)
    with pytest.raises(UserError):
        batch_size.checked(0)


@given(hyperparameters(), st.sampled_from([-1, 1]))
def test_a_step_stays_in_bounds_and_moves_until_it_meets_one(item: Hyperparameter, direction: int):
    value = item.stepped(direction)
    assert allowed(item, value)
    assert item.checked(value) == value
    end = item.high if direction > 0 else 0.0 if item.zero else item.low
    if item.value == end:
        assert value == end
    else:
        assert (value - item.value) * direction > 0


@pytest.mark.parametrize("item", UNIQUE, ids=lambda item: item.name)
def test_up_then_down_returns(item: Hyperparameter):
    top, bottom = climbed(item, 1)[-1], climbed(item, -1)[-1]
    for here in climbed(top, -1)[1:-1]:
        assert at(item, here.stepped(1)).stepped(-1) == pytest.approx(here.value, rel=1e-9)
    for here in climbed(bottom, 1)[1:-1]:
        assert at(item, here.stepped(-1)).stepped(1) == pytest.approx(here.value, rel=1e-9)


@pytest.mark.parametrize("item", UNIQUE, ids=lambda item: item.name)
def test_steps_lead_from_bound_to_bound(item: Hyperparameter):
    values = [here.value for here in climbed(climbed(item, -1)[-1], 1)]
    assert values[0] == (0 if item.zero else item.low)
    assert values[-1] == item.high
    assert 8 <= len(values) <= 50


@pytest.mark.parametrize(
    ("scale", "value", "up", "down"),
    [
        ("log", 0.1, 0.2, 0.05),
        ("log", 0.2, 0.5, 0.1),
        ("log", 0.5, 1.0, 0.2),
        ("log", 0.03, 0.05, 0.02),
        ("log2", 32, 64, 16),
        ("log2", 48, 96, 24),
        ("log2", 3, 6, 2),
        ("one-minus", 0.9, 0.95, 0.8),
        ("one-minus", 0.99, 0.995, 0.98),
        ("linear", 0.5, 0.55, 0.45),
    ],
)
def test_steps_by_scale(scale: Any, value: float, up: float, down: float):
    low, high = {"log2": (1, 1024), "one-minus": (0, 0.999), "linear": (0, 1)}.get(scale, (1e-6, 10))
    item = Hyperparameter("it", value, low, high, scale, "")
    assert item.stepped(1) == pytest.approx(up, rel=1e-12)
    assert item.stepped(-1) == pytest.approx(down, rel=1e-12)


def test_fields_declare_what_is_tunable():
    @dataclass
    class Holder:
        rate: float = tunable(0.5, low=0.1, high=1.0, help="how fast")
        name: str = "x"

    assert list(tunables(Holder(rate=0.7))) == [Hyperparameter("rate", 0.7, 0.1, 1.0, "log", "how fast")]
    assert list(tunables(object())) == []
