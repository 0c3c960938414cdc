from itertools import pairwise

import numpy as np
import pytest

from engine import datasets
from engine.datasets import Dataset
from engine.datasets.splits import with_few_samples
from engine.errors import UserError
from engine.losses import losses
from engine.model import Sequential
from engine.studies.gradients import bias_gradient_norms
from engine.studies.running import run_study
from engine.studies.sentences import write_sentence
from engine.studies.study import read_study, with_options


def by_hand(model: Sequential, x: np.ndarray, labels: np.ndarray) -> list[float]:
    """Sigmoid layers and binary cross-entropy, in float64, as the book derives it: delta = (a - t), backwards."""
    parameters = [leaf.layer.parameters for leaf in model.learning_layers]
    weights = [pair[0].value.astype(np.float64) for pair in parameters]
    signals = [x.reshape(len(x), -1).astype(np.float64)]
    for weight, pair in zip(weights, parameters, strict=True):
        signals.append(1 / (1 + np.exp(-(signals[-1] @ weight.T + pair[1].value.astype(np.float64)))))
    delta = (signals[-1] - np.eye(signals[-1].shape[1])[labels]) / signals[-1].size
    norms = []
    for weight, signal in zip(weights[:0:-1], signals[-2:0:-1], strict=True):
        delta = delta @ weight * signal * (1 - signal)
        norms.append(float(np.linalg.norm(delta.sum(axis=0))))
    return norms[::-1]


@pytest.mark.parametrize("hidden", [2, 3])
def test_norms_are_those_of_the_formula_on_pixels(hidden: int, tiny_data: Dataset):
    model = Sequential("Flatten, " + "Linear(6), Sigmoid, " * hidden + "Linear(3)", (1, 5, 5), init="nielsen", seed=3)
    norms = bias_gradient_norms(model, losses["bce"](), tiny_data)
    pixels = tiny_data.train.x.astype(np.float64) * tiny_data.input_std + tiny_data.input_mean
    assert 0 <= pixels.min() < pixels.max() <= 1 + 1e-6
    assert norms == pytest.approx(by_hand(model, pixels, tiny_data.train.labels), rel=1e-4)


def test_one_hidden_layer_has_nothing_to_fade_over(tiny_data: Dataset):
    model = Sequential("Flatten, Linear(6), ReLU, Linear(3)", (1, 5, 5))
    with pytest.raises(UserError, match="1 hidden layers"):
        bias_gradient_norms(model, losses["cross_entropy"](), tiny_data)


def test_layers_that_only_scale_do_not_count(tiny_data: Dataset):
    model = Sequential("Flatten, Linear(6), BatchNorm1d, ReLU, Linear(5), ReLU, Linear(3)", (1, 5, 5))
    assert len(bias_gradient_norms(model, losses["cross_entropy"](), tiny_data)) == 2


def test_depth_gives_the_published_ratios():
    """Nielsen's are of one unseeded run each: they must lie among ours, and close to their mean on a log scale."""
    result = run_study(read_study("depth"), lambda progress: None)
    sigmoid = [row for row in result.rows if row.published]
    assert [row.published for row in sigmoid] == [4.7, 23.9, 95.8]
    for row in sigmoid:
        ratios = row.figure("ratio").values
        assert len(ratios) == 10
        assert min(ratios) <= row.published <= max(ratios)
        assert np.exp(np.log(ratios).mean()) == pytest.approx(row.published, rel=0.5)
        assert 0.5 <= np.median(ratios) / row.published <= 2
    for below, above in pairwise(row.figure("ratio").mean for row in sigmoid):
        assert above > 3 * below
    for row in result.rows:
        if not row.published:
            assert 0.5 < row.figure("ratio").mean < 2
    assert "published 4.7, 23.9, 95.8" in write_sentence(result)
    assert "3 of 3 lie within the range over our seeds" in write_sentence(result)


def test_the_gradient_of_another_seed_is_another_and_stays_the_same():
    data = with_few_samples(datasets.load("mnist-5k"), 100)
    text = "Flatten, Linear(9), ReLU, Linear(9), ReLU, Linear(10)"
    first, again, other = (
        bias_gradient_norms(Sequential(text, data.input_shape, seed=seed), losses["bce"](), data) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_two_seeds_are_two_outcomes_with_a_point_a_layer():
    result = run_study(with_options(read_study("depth"), "2", None), lambda progress: None)
    assert [len(row.curve) for row in result.rows] == [2, 3, 4, 2, 3, 4]
    assert all(len(row.outcomes) == 2 for row in result.rows)
