from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import datasets
from engine.datasets import Dataset, Split
from engine.datasets.base import Target
from engine.datasets.remote import remote_sets
from engine.datasets.splits import with_few_samples
from engine.errors import UserError
from engine.training import events as e
from engine.training.config import Config, make_config, preset_names, read_preset
from engine.training.learner import Learner
from engine.training.outline import Outline, outline, outline_of_remote, outline_of_run
from engine.training.plan import plan

SETS = {name: datasets.load(name) for name in ("mnist-5k", "iris", "spiral")}
DIGITS = outline(SETS["mnist-5k"])


def number(dataset: Dataset) -> Dataset:
    def split(part: Split) -> Split:
        return Split(part.x[:, 1:], part.x[:, 0].astype(np.float64))

    parts = {name: split(getattr(dataset, name)) for name in ("train", "validation", "test")}
    return replace(dataset, class_names=(), target=Target("length", 5.8, 0.8), **parts)


SETS["number"] = number(SETS["iris"])


@pytest.mark.parametrize("name", preset_names())
def test_the_layers_of_every_preset_are_those_of_the_network_that_is_trained(name: str):
    settings = {"dataset": "mnist-5k"} | read_preset(name)[1]
    config, dataset = make_config(settings), datasets.load(settings["dataset"])
    found = plan(config, outline(dataset))
    model = Learner(config, dataset).model
    assert found.trouble == ""
    assert found.parameters == model.parameter_count
    assert [(layer.label, layer.output_shape) for layer in found.layers] == [
        (leaf.label, leaf.output_shape) for leaf in model.leaves
    ]


def learn(config: Config) -> None:
    Learner(config, with_few_samples(SETS["mnist-5k"], config.samples))


WRONG: list[tuple[dict[str, Any], int]] = [
    # What is asked for, and how many layers there are before it is wrong.
    ({"model": "Flatten, Linear(8), Conv2d(3, 3)"}, 2),
    ({"model": "Conv2d(3, 40), Flatten, Linear(10)"}, 0),
    ({"model": "Flatten, Linear(12), Residual(Linear(4), ReLU), Linear(10)"}, 2),
    ({"model": "Linear(10)"}, 0),
    ({"model": "Flatten, Linear(8)"}, 2),
    ({"model": "Flatten, Linear(8"}, 0),
    ({"model": ""}, 0),
    ({"model": "Flatten, Liner(8)"}, 0),
    ({"model": "Flatten"}, 1),
    ({"model": "Flatten, Linear(0)"}, 0),
    ({"model": "Flatten, Linear(3000000000), Linear(10)"}, 3),
    ({"model": "Flatten, Linear(3000000000), BatchNorm1d, Linear(10)"}, 0),
    ({"loss": "crossentropy"}, 4),
    ({"optimizer": "adam(beta3=1)"}, 4),
    ({"lr": -1}, 4),
    ({"schedule": "cosine("}, 4),
    ({"init": "hee"}, 4),
    ({"augment": "affin"}, 4),
    ({"strategy": "guess"}, 4),
    ({"set": {"momentum": 0.5}}, 4),
    ({"set": {"dropout": 0.5}}, 4),
    ({"batch_size": 3601}, 4),
    ({"set": {"batch_size": 3601}}, 4),
    ({"samples": 3601}, 4),
    ({"samples": 20, "batch_size": 21}, 4),
    ({"clip_norm": -1.0}, 4),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "layers"), WRONG, ids=[str(settings) for settings, _ in WRONG])
def test_what_the_learner_would_refuse_is_told_in_its_words(settings: dict[str, Any], layers: int):
    config = make_config({"model": "Flatten, Linear(8), ReLU, Linear(outputs)", **settings})
    found = plan(config, DIGITS)
    assert len(found.trouble.splitlines()) == 1
    assert len(found.layers) == layers
    with pytest.raises(UserError) as refused:
        learn(config)
    if "batch_size" not in str(settings):
        assert found.trouble == str(refused.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"model": "Flatten, Dropout(0.2), Linear(outputs)", "set": {"dropout": 0.5}},
        {"samples": 20, "batch_size": 20},
        {"strategy": "hill_climbing(scale=0.1)"},
        {"augment": "elastic", "set": {"augment_intensity": 0.5}},
    ],
)
def test_what_it_would_take_is_taken(settings: dict[str, Any]):
    assert plan(make_config(settings), DIGITS).trouble == ""


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("loss", ["auto", "mse", "bce", "cross_entropy"])
def test_outputs_and_loss_follow_the_data(name: str, loss: str):
    dataset = SETS[name]
    config = make_config({"model": "Flatten, Linear(6), Tanh, Linear(outputs)", "loss": loss})
    found = plan(config, outline(dataset))
    if name == "number" and loss in ("bce", "cross_entropy"):
        assert "asks for a number" in found.trouble
        assert len(found.layers) == 4
    else:
        assert found.trouble == ""
        assert found.layers[-1].output_shape == Learner(config, dataset).model.output_shape


@pytest.mark.parametrize("name", SETS)
def test_what_a_run_tells_is_enough(name: str, make_started: Callable[[Dataset], e.RunStarted]):
    dataset = SETS[name]
    told = outline_of_run(make_started(dataset))
    read = outline(dataset)
    assert (told.text, told.train_count) == (read.text, len(dataset.train))
    config = make_config({"model": "Flatten, Linear(6), Tanh, Linear(outputs)"})
    assert plan(config, told) == plan(config, read)


@pytest.fixture
def make_started(tmp_path: Path) -> Callable[[Dataset], e.RunStarted]:
    from engine.training.summary import run_started

    def make(dataset: Dataset) -> e.RunStarted:
        config = make_config({"model": "Flatten, Linear(outputs)", "batch_size": 10})
        return run_started(Learner(config, dataset), "run", 1, 1, 0.0)

    return make


def test_sets_that_are_not_here_are_known_all_the_same():
    for name in remote_sets:
        found = outline_of_remote(name)
        assert isinstance(found, Outline)
        assert found.text == "54,000 samples of (1, 28, 28), 10 classes"
    assert outline_of_remote("iris") is None
