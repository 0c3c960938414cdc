from collections.abc import Callable

import numpy as np
import pytest

from engine import datasets
from engine.datasets import Dataset
from engine.datasets.base import Split
from engine.health.noise_scale import measure_noise
from engine.losses import losses
from engine.model import Sequential
from engine.training.learner import Learner

Learn = Callable[..., Learner]


@pytest.mark.parametrize("trained", [0, 40])
@pytest.mark.parametrize("bias", [True, False])
def test_noise_scale_is_that_of_pytorchs_gradients_sample_by_sample(
    learn: Learn, tiny_data: Dataset, trained: int, bias: bool
):
    torch = pytest.importorskip("torch")
    learner = learn(model=f"Flatten, Linear(16, bias={bias}), Tanh, Dropout(0.5), Linear(8), ReLU, Linear(3)", lr=0.01)
    for _ in range(trained):
        learner.train_step(99)
        learner.end_epoch()
    net = torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(25, 16, bias=bias),
        torch.nn.Tanh(),
        torch.nn.Dropout(0.5),
        torch.nn.Linear(16, 8),
        torch.nn.ReLU(),
        torch.nn.Linear(8, 3),
    ).double()
    net.load_state_dict({name: torch.tensor(p.value.astype(float)) for name, p in learner.model.parameters.items()})
    net.eval()
    rows = []
    for x, label in zip(tiny_data.train.x, tiny_data.train.labels, strict=True):
        net.zero_grad()
        torch.nn.functional.cross_entropy(net(torch.tensor(x[None]).double()), torch.tensor([label])).backward()
        rows.append(torch.cat([p.grad.ravel() for p in net.parameters()]).numpy())
    gradients = np.array(rows)
    trace = gradients.var(axis=0, ddof=1).sum()
    square_norm = (gradients.mean(axis=0) ** 2).sum() - trace / len(gradients)
    found = measure_noise(learner.model, learner.loss, tiny_data.train)
    assert found.trace == pytest.approx(trace, rel=0.01)
    assert found.square_norm == pytest.approx(square_norm, rel=0.01)
    assert found.simple == pytest.approx(trace / square_norm, rel=0.01)


def test_it_does_not_depend_on_how_many_samples_show_it():
    """Unlike the mean of squares, estimates without bias of a part agree with that of the whole."""
    data = datasets.load("mnist-5k").train
    model = Sequential("Flatten, Linear(20), ReLU, Linear(10)", (1, 28, 28), seed=3)
    whole = measure_noise(model, losses["cross_entropy"](), data)
    order = np.random.default_rng(0).permutation(len(data))
    parts = [
        measure_noise(model, losses["cross_entropy"](), Split(data.x[i], data.labels[i])) for i in np.split(order, 18)
    ]
    assert np.mean([part.trace for part in parts]) == pytest.approx(whole.trace, rel=0.02)
    assert np.mean([part.square_norm for part in parts]) == pytest.approx(whole.square_norm, rel=0.1)


def test_noise_alone_has_no_scale():
    random = np.random.default_rng(0)
    split = Split(random.normal(size=(4, 6)).astype(np.float32), np.array([0, 1, 0, 1]))
    model = Sequential("Linear(2)", (6,), init="zeros")
    split = Split(np.concatenate([split.x[:2], split.x[:2]]), np.array([0, 0, 1, 1]))
    found = measure_noise(model, losses["cross_entropy"](), split)
    assert found.trace > 0
    assert found.simple == float("inf")
