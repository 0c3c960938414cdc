from math import prod, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.initializers import initialize, initializer, initializers
from engine.parameters import Parameter, bind

FORMULAS = {
    "he": lambda i, o: 2 / i,
    "he_normal": lambda i, o: 2 / i,
    "he_uniform": lambda i, o: 2 / i,
    "xavier": lambda i, o: 2 / (i + o),
    "xavier_normal": lambda i, o: 2 / (i + o),
    "xavier_uniform": lambda i, o: 2 / (i + o),
    "lecun": lambda i, o: 1 / i,
    "lecun_normal": lambda i, o: 1 / i,
    "nielsen": lambda i, o: 1 / i,
    "normal": lambda i, o: 0.01**2,
    "normal(0.3)": lambda i, o: 0.3**2,
    "zeros": lambda i, o: 0.0,
}


def draw(text: str, shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    parameter = Parameter("weight", shape, fan_in=shape[1], fan_out=shape[0])
    return initializer(text)(np.random.default_rng(seed), parameter)


def test_every_initializer_has_its_formula_here():
    assert set(initializers.names()) <= set(FORMULAS)


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("shape", [(400, 50), (40, 700)])
def test_variance_and_mean(text: str, shape: tuple[int, int]):
    weights = draw(text, shape)
    variance = FORMULAS[text](shape[1], shape[0])
    # Five standard deviations of the variance, and of the mean, of that many normal draws.
    assert weights.var() == pytest.approx(variance, rel=5 * sqrt(2 / prod(shape)))
    assert abs(weights.mean()) <= 5 * sqrt(variance / prod(shape))


@pytest.mark.parametrize("text", ["he_uniform", "xavier_uniform"])
def test_uniform_draws_fill_their_bounds(text: str):
    weights = draw(text, (300, 100))
    bound = sqrt(3 * FORMULAS[text](100, 300))
    assert np.abs(weights).max() <= bound
    assert np.abs(weights).max() > 0.99 * bound


@given(st.sampled_from(sorted(FORMULAS)), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_same_seed_same_draw(text: str, out: int, inputs: int, seed: int):
    assert draw(text, (out, inputs), seed).shape == (out, inputs)
    np.testing.assert_array_equal(draw(text, (out, inputs), seed), draw(text, (out, inputs), seed))


def test_biases_and_scales_start_at_their_fill():
    bias, scale = Parameter("bias", (4,)), Parameter("weight", (4,), fill=1.0)
    bind([bias, scale], np.float32)
    for parameter in (bias, scale):
        initialize(parameter, initializer("he"), np.random.default_rng(0))
    assert bias.value.tolist() == [0.0] * 4
    assert scale.value.tolist() == [1.0] * 4


def test_nielsens_draws_biases_too_and_no_scales():
    bias, scale = Parameter("bias", (2000,)), Parameter("weight", (4,), fill=1.0)
    bind([bias, scale], np.float64)
    for parameter in (bias, scale):
        initialize(parameter, initializer("nielsen"), np.random.default_rng(0))
    assert bias.value.std() == pytest.approx(1, rel=0.1)
    assert scale.value.tolist() == [1.0] * 4


@pytest.mark.parametrize("text", ["hee", "normal('a')", "he(1)", ""])
def test_mistakes_are_user_errors(text: str):
    with pytest.raises(UserError):
        initializer(text)
