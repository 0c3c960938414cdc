from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from engine import datasets
from engine.datasets import Dataset
from engine.datasets.base import Split
from engine.health.noise_scale import SINGLES, _dense, _one_by_one, gradient_squares, measure_noise
from engine.health.probe import Probe
from engine.losses import losses
from engine.model import Sequential
from engine.training.config import make_config, read_preset
from engine.training.learner import Learner

torch: Any = None
with suppress(ImportError):
    import torch

needs_pytorch = pytest.mark.skipif(torch is None, reason="needs PyTorch")

Learn = Callable[..., Learner]


DENSE = "Flatten, Linear(16, bias={bias}), Tanh, Dropout(0.5), Linear(8), ReLU, Linear(3)"
CONVOLUTIONS = (
    "Conv2d(4, 3, padding=1), BatchNorm2d, ReLU, MaxPool2d(2), Residual(Conv2d(4, 3, padding=1), Tanh), "
    "Flatten, Dropout(0.5), Linear(3)"
)


class Around(torch.nn.Module if torch else object):  # type: ignore[misc]
    """x + f(x), with the names of `Residual`."""

    def __init__(self, *layers: Any) -> None:
        super().__init__()
        for place, layer in enumerate(layers):
            self.add_module(str(place), layer)

    def forward(self, x: Any) -> Any:
        y = x
        for layer in self.children():
            y = layer(y)
        return x + y


def dense_of_pytorch(bias: bool) -> Any:
    return torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(25, 16, bias=bias),
        torch.nn.Tanh(),
        torch.nn.Dropout(0.5),
        torch.nn.Linear(16, 8),
        torch.nn.ReLU(),
        torch.nn.Linear(8, 3),
    )


def convolutions_of_pytorch() -> Any:
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1),
        torch.nn.BatchNorm2d(4),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        Around(torch.nn.Conv2d(4, 4, 3, padding=1), torch.nn.Tanh()),
        torch.nn.Flatten(),
        torch.nn.Dropout(0.5),
        torch.nn.Linear(16, 3),
    )


def sample_gradients(net: Any, learner: Learner, samples: Split) -> np.ndarray:
    """PyTorch's, in float64, without dropout: (samples, parameters)."""
    model = learner.model
    arrays = {name: p.value for name, p in model.parameters.items()} | model.buffers
    net.double().load_state_dict(
        {name: torch.tensor(value.astype(float)) for name, value in arrays.items()}, strict=False
    )
    net.eval()
    rows = []
    for x, label in zip(samples.x, samples.labels, strict=True):
        net.zero_grad()
        torch.nn.functional.cross_entropy(net(torch.tensor(x[None]).double()), torch.tensor([label])).backward()
        rows.append(torch.cat([p.grad.ravel() for p in net.parameters()]).numpy())
    return np.array(rows)


@needs_pytorch
@pytest.mark.parametrize("trained", [0, 40])
@pytest.mark.parametrize("net", ["dense", "dense without biases", "convolutions"])
def test_noise_scale_is_that_of_pytorchs_gradients_sample_by_sample(
    learn: Learn, tiny_data: Dataset, trained: int, net: str
):
    bias = net == "dense"
    learner = learn(model=CONVOLUTIONS if net == "convolutions" else DENSE.format(bias=bias), lr=0.01)
    for _ in range(trained):
        learner.train_step(99)
        learner.end_epoch()
    theirs = convolutions_of_pytorch() if net == "convolutions" else dense_of_pytorch(bias)
    samples = tiny_data.train
    if net == "convolutions":
        chosen = np.linspace(0, len(samples) - 1, SINGLES).astype(int)
        samples = Split(samples.x[chosen], samples.labels[chosen])
    gradients = sample_gradients(theirs, learner, samples)
    trace = gradients.var(axis=0, ddof=1).sum()
    square_norm = (gradients.mean(axis=0) ** 2).sum() - trace / len(gradients)
    found = measure_noise(learner.model, learner.loss, tiny_data.train)
    assert found.trace == pytest.approx(trace, rel=0.01)
    assert found.square_norm == pytest.approx(square_norm, rel=0.01)
    assert found.simple == pytest.approx(trace / square_norm, rel=0.01)
    squares, _ = gradient_squares(learner.model, learner.loss, tiny_data.train)
    assert squares == pytest.approx(np.square(gradients).sum(axis=1), rel=0.01)


def preset_of_pytorch(name: str) -> Any:
    nn = torch.nn
    if name == "mlp":
        return nn.Sequential(
            *(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(0.2)),
            *(nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)),
        )
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


@needs_pytorch
@pytest.mark.parametrize("trained", [0, 30])
@pytest.mark.parametrize("preset", ["mlp", "lenet"])
def test_it_is_pytorchs_on_digits_and_so_are_the_norms_of_samples(preset: str, trained: int):
    config = make_config({"dataset": "mnist-5k", **read_preset(preset)[1]})
    learner = Learner(config, datasets.load(config.dataset))
    for _ in range(trained):
        learner.train_step(1)
    samples = Probe(learner).samples
    found = measure_noise(learner.model, learner.loss, samples)
    squares, mean = gradient_squares(learner.model, learner.loss, samples)
    if preset == "lenet":
        chosen = np.linspace(0, len(samples) - 1, SINGLES).astype(int)
        samples = Split(samples.x[chosen], samples.labels[chosen])
    gradients = sample_gradients(preset_of_pytorch(preset), learner, samples)
    np.testing.assert_allclose(np.sqrt(squares), np.linalg.norm(gradients, axis=1), rtol=1e-3)
    assert mean == pytest.approx((gradients.mean(axis=0) ** 2).sum(), rel=1e-3)
    trace = gradients.var(axis=0, ddof=1).sum()
    assert found.trace == pytest.approx(trace, rel=0.01)
    square_norm = (gradients.mean(axis=0) ** 2).sum() - trace / len(gradients)
    assert found.square_norm == pytest.approx(square_norm, rel=0.01)
    assert found.simple == pytest.approx(trace / square_norm, rel=0.01)


def test_one_by_one_and_all_at_once_are_the_same(learn: Learn, tiny_data: Dataset):
    learner = learn(model=DENSE.format(bias=True))
    few = Split(tiny_data.train.x[:SINGLES], tiny_data.train.labels[:SINGLES])
    together, alone = _dense(learner.model, learner.loss, few), _one_by_one(learner.model, learner.loss, few)
    assert together[0] == pytest.approx(alone[0], rel=1e-4)
    assert together[1] == pytest.approx(alone[1], rel=1e-4)


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
