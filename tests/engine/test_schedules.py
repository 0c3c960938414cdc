import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.schedules import schedule, schedules

EPOCHS, STEPS_PER_EPOCH = 12, 5

ALL = ["constant", "step(3, 0.5)", "exponential(0.9)", "cosine", "cosine(0.1)", "warmup(20)", "warmup(7), cosine(0.2)"]


def factors(text: str) -> list[float]:
    """One factor a step."""
    given_factor = schedule(text)
    return [given_factor(step, step / STEPS_PER_EPOCH, EPOCHS) for step in range(EPOCHS * STEPS_PER_EPOCH)]


def test_every_schedule_is_tested():
    assert {name for text in ALL for name in schedules.names() if name in text} == set(schedules.names())


@pytest.mark.parametrize("text", ["constant", "step(3, 0.5)", "exponential(0.9)", "cosine(0.1)", "warmup(20)"])
def test_as_in_pytorch(text: str):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler
    make, by_epoch = {
        "constant": (lambda: scheduler.ConstantLR(optimizer, factor=1.0), True),
        "step(3, 0.5)": (lambda: scheduler.StepLR(optimizer, 3, 0.5), True),
        "exponential(0.9)": (lambda: scheduler.ExponentialLR(optimizer, 0.9), True),
        "cosine(0.1)": (lambda: scheduler.CosineAnnealingLR(optimizer, EPOCHS * STEPS_PER_EPOCH, 0.1), False),
        "warmup(20)": (lambda: scheduler.LinearLR(optimizer, 1 / 20, total_iters=19), False),
    }[text]
    theirs, rates = make(), []
    for step in range(EPOCHS * STEPS_PER_EPOCH):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if not by_epoch or (step + 1) % STEPS_PER_EPOCH == 0:
            theirs.step()
    assert factors(text) == pytest.approx(rates, rel=1e-6)


def test_a_text_of_several_is_their_product():
    both = zip(factors("warmup(20)"), factors("cosine(0.1)"), strict=True)
    assert factors("warmup(20), cosine(0.1)") == pytest.approx([a * b for a, b in both])


@given(st.sampled_from(ALL), st.integers(0, 10**9), st.floats(0, 1e4), st.integers(1, 10**6))
def test_factors_are_between_0_and_1_even_past_the_plan(text: str, step: int, epoch: float, epochs: int):
    factor = schedule(text)(step, epoch, epochs)
    assert math.isfinite(factor)
    assert 0 <= factor <= 1


def test_cosine_ends_at_its_final_factor():
    assert schedule("cosine(0.25)")(99, 12.0, 12) == pytest.approx(0.25)
    assert schedule("cosine(0.25)")(99, 13.0, 12) == pytest.approx(0.25)


def test_warm_up_never_begins_at_nothing():
    assert factors("warmup(20)")[0] == pytest.approx(1 / 20)
    assert factors("warmup(20)")[19:] == [1.0] * 41


@pytest.mark.parametrize(
    "text", ["cosin", "step(0)", "step(2, 1.5)", "warmup(-1)", "warmup(1.5)", "cosine(2)", "", "step(gamma='x')"]
)
def test_mistakes_are_user_errors(text: str):
    with pytest.raises(UserError):
        schedule(text)
