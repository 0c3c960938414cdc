from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expressions import make, parse_calls
from engine.optimizers import Optimizer, optimizers
from engine.optimizers.base import clip_factor

STEPS = 10
LR = 0.02

PAIRS = {
    "sgd(learning_rate=0.02)": ("SGD", {}),
    "sgd(learning_rate=0.02, weight_decay=0.3)": ("SGD", {"weight_decay": 0.3}),
    "momentum(learning_rate=0.02, momentum=0.8)": ("SGD", {"momentum": 0.8}),
    "momentum(learning_rate=0.02, weight_decay=0.3)": ("SGD", {"momentum": 0.9, "weight_decay": 0.3}),
    "nesterov(learning_rate=0.02)": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "nesterov(learning_rate=0.02, weight_decay=0.3)": ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.3}),
    "rmsprop(learning_rate=0.02)": ("RMSprop", {}),
    "rmsprop(learning_rate=0.02, alpha=0.8, weight_decay=0.3)": ("RMSprop", {"alpha": 0.8, "weight_decay": 0.3}),
    "adam(learning_rate=0.02)": ("Adam", {}),
    "adam(learning_rate=0.02, beta1=0.5, beta2=0.9, eps=1e-3)": ("Adam", {"betas": (0.5, 0.9), "eps": 1e-3}),
    "adam(learning_rate=0.02, weight_decay=0.3)": ("Adam", {"weight_decay": 0.3}),
    "adam(learning_rate=0.02, weight_decay=0.3, decoupled=True)": ("AdamW", {"weight_decay": 0.3}),
    "adamw(learning_rate=0.02)": ("AdamW", {}),
    "adamw(learning_rate=0.02, weight_decay=0)": ("AdamW", {"weight_decay": 0.0}),
    "adamw(learning_rate=0.02, weight_decay=0.3)": ("AdamW", {"weight_decay": 0.3}),
    "adamw(learning_rate=0.02, weight_decay=0.3, decoupled=False)": ("Adam", {"weight_decay": 0.3}),
}


def optimizer(text: str) -> Optimizer:
    return make(parse_calls(text, "optimizer")[0], optimizers)


def gradients(seed: int, size: int) -> np.ndarray:
    """One a step; some are 0, and their sizes differ by orders of magnitude."""
    random = np.random.default_rng(seed)
    drawn = random.normal(size=(STEPS, size)) * 10.0 ** random.integers(-3, 2, size)
    return np.where(random.random(drawn.shape) < 0.1, 0, drawn).astype(np.float32)


def ours(text: str, w: np.ndarray, steps: np.ndarray, limit: float = 0.0, factors: Any = None) -> list[np.ndarray]:
    w, rule, path = w.copy(), optimizer(text), []
    rule.start(w)
    for step, g in enumerate(steps):
        scale = clip_factor(float(np.sqrt(np.square(g, dtype=np.float64).sum())), limit)
        rule.step(w, g, factor=factors[step] if factors else 1.0, scale=scale)
        path.append(w.copy())
    return path


def test_every_optimizer_is_compared_with_pytorch():
    assert {text.partition("(")[0] for text in PAIRS} == set(optimizers.names())


@pytest.mark.parametrize("limit", [0.0, 30.0])
@pytest.mark.parametrize("text", PAIRS)
def test_first_ten_steps_as_in_pytorch(text: str, limit: float):
    torch = pytest.importorskip("torch")
    name, options = PAIRS[text]
    w, steps = np.random.default_rng(1).normal(size=60).astype(np.float32), gradients(2, 60)
    norms = np.linalg.norm(steps, axis=1)
    assert norms.min() < 30 < norms.max()
    # Two tensors, so that clipping must be by the norm of both.
    tensors = [torch.tensor(w[:20], requires_grad=True), torch.tensor(w[20:].reshape(8, 5), requires_grad=True)]
    theirs = getattr(torch.optim, name)(tensors, lr=LR, **options)
    for found, g in zip(ours(text, w, steps, limit), steps, strict=True):
        tensors[0].grad, tensors[1].grad = torch.tensor(g[:20]), torch.tensor(g[20:].reshape(8, 5))
        if limit:
            torch.nn.utils.clip_grad_norm_(tensors, limit)
        theirs.step()
        expected = np.concatenate([tensor.detach().numpy().ravel() for tensor in tensors])
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("text", ["sgd", "momentum", "nesterov", "rmsprop", "adam"])
@given(seed=st.integers(0, 2**32 - 1), decay=st.floats(1e-3, 1.0))
def test_decoupled_decay_takes_from_the_weights_alone(text: str, seed: int, decay: float):
    w, steps = np.random.default_rng(seed).normal(size=7).astype(np.float32), gradients(seed, 7)
    plain, moved = optimizer(f"{text}(learning_rate=0.02)"), w.copy()
    plain.start(moved)
    found = ours(f"{text}(learning_rate=0.02, weight_decay={decay!r}, decoupled=True)", w, steps)
    for g, seen in zip(steps, found, strict=True):
        before = moved.copy()
        plain.step(moved, g)
        # w ← w - lr decay w - (what the plain rule subtracts, which does not depend on w)
        moved -= np.float32(LR * decay) * before
        np.testing.assert_allclose(seen, moved, rtol=1e-5, atol=1e-5)


def test_one_step_of_each_by_hand():
    def step(text: str) -> float:
        return float(ours(text, np.array([1.0], np.float32), np.array([[0.5]], np.float32))[0][0])

    assert step("sgd(learning_rate=0.1)") == pytest.approx(1 - 0.1 * 0.5)
    assert step("sgd(learning_rate=0.1, weight_decay=0.2)") == pytest.approx(1 - 0.1 * (0.5 + 0.2))
    assert step("sgd(learning_rate=0.1, weight_decay=0.2, decoupled=True)") == pytest.approx(1 - 0.1 * 0.2 - 0.1 * 0.5)
    assert step("momentum(learning_rate=0.1)") == pytest.approx(1 - 0.1 * 0.5)
    assert step("nesterov(learning_rate=0.1)") == pytest.approx(1 - 0.1 * (0.5 + 0.9 * 0.5))
    assert step("rmsprop(learning_rate=0.05)") == pytest.approx(1 - 0.05 / 0.01**0.5, rel=1e-5)
    assert step("adam(learning_rate=0.1)") == pytest.approx(1 - 0.1, rel=1e-5)
    assert step("adamw(learning_rate=0.1, weight_decay=0.2)") == pytest.approx(1 - 0.1 * 0.2 - 0.1, rel=1e-5)


@pytest.mark.parametrize("name", optimizers.names())
def test_a_schedule_acts_as_a_learning_rate_that_changes(name: str):
    w, steps, factors = np.ones(9, np.float32), gradients(4, 9), [1.0, 0.5, 0.1, 0.0, 1.0, 0.3, 0.2, 0.1, 1.0, 0.7]
    scheduled = ours(f"{name}(learning_rate=0.02, weight_decay=0.1)", w, steps, factors=factors)
    rule, by_hand = optimizer(f"{name}(weight_decay=0.1)"), w.copy()
    rule.start(by_hand)
    for g, factor, seen in zip(steps, factors, scheduled, strict=True):
        rule.learning_rate = 0.02 * factor
        rule.step(by_hand, g)
        np.testing.assert_array_equal(seen, by_hand)


@pytest.mark.parametrize("name", optimizers.names())
def test_a_step_leaves_the_gradients_and_the_learning_rate(name: str):
    rule, w, g = optimizer(name), np.ones(5, np.float32), np.arange(5, dtype=np.float32)
    rate = rule.learning_rate
    rule.start(w)
    rule.step(w, g, factor=0.5, scale=0.1)
    assert g.tolist() == [0, 1, 2, 3, 4]
    assert rule.learning_rate == rate


@pytest.mark.parametrize("name", optimizers.names())
def test_starting_again_forgets(name: str):
    rule, w, steps = optimizer(name), np.ones(9, np.float32), gradients(3, 9)
    paths = []
    for _ in range(2):
        moved = w.copy()
        rule.start(moved)
        for g in steps:
            rule.step(moved, g)
        paths.append(moved)
    np.testing.assert_array_equal(*paths)


@given(st.floats(0, 3) | st.floats(0, 1e30), st.just(0.0) | st.floats(1e-3, 1e3))
def test_clipping_leaves_a_norm_within_its_limit(ratio: float, limit: float):
    norm = ratio * (limit or 1)
    factor = clip_factor(norm, limit)
    assert 0 <= factor <= 1
    if limit:
        assert norm * factor <= limit * (1 + 1e-12)
    if limit == 0 or norm < limit * 0.999 - 1e-5:
        assert factor == 1
