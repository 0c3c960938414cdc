"""Runs whose answers are numbers to be predicted."""

import json
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open

from engine import datasets
from engine.datasets import Dataset
from engine.errors import UserError
from engine.plain_step import PlainStep
from engine.training import commands as c
from engine.training import events as e
from engine.training.checkpoint import load_checkpoint, restore
from engine.training.config import make_config
from engine.training.learner import Learner
from engine.training.probes import predict_sample
from engine.training.trainer import Trainer


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    """150 rows of three features, and a price that is nearly linear in them."""
    path = tmp_path_factory.mktemp("numbers") / "prices.csv"
    random = np.random.default_rng(7)
    x = random.normal([1, 20, 300], [1, 5, 50], (150, 3))
    price = x @ [500, 40, 3] + 1000 + random.normal(0, 20, 150)
    np.savetxt(path, np.column_stack([x, price]), delimiter=",", header="rooms,age,area,price", comments="")
    return f"csv:{path},target=price"


@pytest.fixture(scope="module")
def prices(spec: str) -> Dataset:
    return datasets.load(spec)


def configure(spec: str, **settings: Any) -> Any:
    small = {"dataset": spec, "model": "Linear(8), Tanh, Linear(outputs)", "batch_size": 20, "epochs": 3, "lr": 0.01}
    return make_config({**small, **settings})


def train(spec: str, folder: Path, react: Callable[[Any], None] = lambda event: None, **settings: Any) -> list[Any]:
    events: list[Any] = []
    trainer = Trainer(configure(spec, **settings), events.append, checkpoint=folder / "last.safetensors")
    trainer.run()
    return events


def test_the_loss_and_the_output_follow_the_data(spec: str, prices: Dataset):
    learner = Learner(configure(spec), prices)
    assert (learner.config.loss, learner.config.model) == ("mse", "Linear(8), Tanh, Linear(1)")


def test_a_compiled_step_is_a_plain_one(spec: str, prices: Dataset):
    found = []
    for plain in (False, True):
        learner = Learner(configure(spec, optimizer="sgd"), prices)
        if plain:
            step = PlainStep(learner.model, learner.loss, learner.optimizer, prices.train, None)
            learner._steps = {20: step, len(prices.train) % 20: step}
        figures = []
        for _ in range(8):
            figures.append(learner.train_step(3))
            learner.end_epoch()
        found.append(([step.loss for step in figures], [step.score for step in figures], learner.model.values.copy()))
        learner.close()
    for compiled, reference in zip(*found, strict=True):
        np.testing.assert_allclose(compiled, reference, rtol=2e-4, atol=1e-6)


def test_figures_are_those_of_the_predictions(spec: str, prices: Dataset, tmp_path: Path):
    events = train(spec, tmp_path)
    summary = events[-1].summary
    learner = Learner(configure(spec), prices)
    restore(learner, load_checkpoint(tmp_path / "last.safetensors"))
    assert prices.target is not None
    for name in ("train", "validation", "test"):
        part = getattr(prices, name)
        outputs = learner.model.forward(part.x, training=False)[0][:, 0].astype(float)
        truth = part.labels * prices.target.std + prices.target.mean
        guess = outputs * prices.target.std + prices.target.mean
        assert summary[f"{name}_loss"] == pytest.approx(np.mean((outputs - part.labels) ** 2), rel=1e-4)
        assert summary[f"{name}_rmse"] == pytest.approx(np.sqrt(np.mean((guess - truth) ** 2)), rel=1e-4)
        assert np.isnan(summary[f"{name}_accuracy"])
    # The definition of scikit-learn's r2_score.
    r2 = 1 - np.sum((truth - guess) ** 2) / np.sum((truth - truth.mean()) ** 2)
    assert summary["test_r2"] == pytest.approx(r2, rel=1e-3)
    assert summary["target"] == "price"
    last = [event for event in events if isinstance(event, e.EpochEnded)][-1]
    assert last.validation_rmse == pytest.approx(summary["validation_rmse"])
    assert np.isnan(last.validation_accuracy)
    steps = [event for event in events if isinstance(event, e.StepsEnded)]
    assert steps[0].rmse == pytest.approx(prices.target.std * steps[0].loss.mean ** 0.5, rel=0.02)


def test_it_learns(spec: str, tmp_path: Path):
    summary = train(spec, tmp_path, epochs=60)[-1].summary
    assert summary["test_r2"] > 0.9


def test_the_best_is_that_of_the_least_loss(spec: str, tmp_path: Path):
    events = train(spec, tmp_path, epochs=8, lr=0.3)
    losses = [event.validation_loss for event in events if isinstance(event, e.EpochEnded)]
    assert load_checkpoint(tmp_path / "last.best.safetensors").metadata["epoch"] == np.argmin(losses) + 1


def test_resumed_in_the_middle_it_is_the_same_to_the_bit(spec: str, prices: Dataset, tmp_path: Path):
    train(spec, tmp_path / "whole", epochs=4)
    train(spec, tmp_path / "half", epochs=2)
    path = tmp_path / "half" / "last.safetensors"
    found = load_checkpoint(path)
    config = make_config({**json.loads(json.dumps(found.training.config)), "epochs": 4})
    events: list[Any] = []
    Trainer(config, events.append, checkpoint=tmp_path / "on.safetensors", resume=found).run()
    whole, resumed = (
        load_checkpoint(p).tensors for p in (tmp_path / "whole" / "last.safetensors", tmp_path / "on.safetensors")
    )
    assert {name: array.tobytes() for name, array in whole.items()} == {
        name: array.tobytes() for name, array in resumed.items()
    }


def test_a_checkpoint_tells_how_to_use_it(spec: str, prices: Dataset, tmp_path: Path):
    """By its metadata alone, in NumPy: from features as they were read to a price."""
    train(spec, tmp_path)
    with safe_open(tmp_path / "last.safetensors", framework="numpy") as file:
        about = {key: json.loads(value) for key, value in file.metadata().items()}
        w = {key: file.get_tensor(key).astype(float) for key in file.keys()}  # noqa: SIM118, it is no mapping
    assert (about["input_shape"], about["classes"], about["features"]) == ([3], [], ["rooms", "age", "area"])
    raw = prices.values(prices.test.x[:5])
    x = (raw - about["input_mean"]) / about["input_std"]
    y = np.tanh(x @ w["0.weight"].T + w["0.bias"]) @ w["2.weight"].T + w["2.bias"]
    price = y[:, 0] * about["target"]["std"] + about["target"]["mean"]
    learner = Learner(configure(spec), prices)
    restore(learner, load_checkpoint(tmp_path / "last.safetensors"))
    np.testing.assert_allclose(price, learner.estimate(prices.test.x[:5]), rtol=1e-5)
    np.testing.assert_allclose(np.tile(price, 100), learner.estimate(np.tile(prices.test.x[:5], (100, 1))), rtol=1e-5)
    shown = predict_sample(learner, 2)
    assert shown.estimate == pytest.approx(price[2], rel=1e-5)
    assert shown.features == pytest.approx(raw[2])
    assert (shown.pixels, shown.probabilities) == (b"", ())


def test_there_is_no_mistake_to_look_for(spec: str, tmp_path: Path):
    commands: SimpleQueue[Any] = SimpleQueue()
    commands.put(c.FindMistake())
    events: list[Any] = []
    Trainer(configure(spec, epochs=1), events.append, commands, checkpoint=tmp_path / "last.safetensors").run()
    refused = [event.reason for event in events if isinstance(event, e.CommandRefused)]
    assert refused == ["a number is never quite right: there is no next mistake"]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"loss": "cross_entropy"}, "--loss cross_entropy: compares classes, but csv:"),
        ({"loss": "bce"}, "it may be mse"),
        ({"model": "Linear(8), ReLU, Linear(2)"}, "gives (2,), but csv:"),
        ({"model": "Conv2d(4, 3), Flatten, Linear(outputs)"}, "Conv2d takes samples of shape"),
        ({"augment": "affine"}, "--augment affine: needs samples of (channels, height, width)"),
    ],
)
def test_what_does_not_fit_is_one_line(spec: str, prices: Dataset, settings: dict[str, str], complaint: str):
    with pytest.raises(UserError) as caught:
        Learner(configure(spec, **settings), prices)
    assert complaint in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_bounded_last_layer_is_told(spec: str, tmp_path: Path):
    started = next(
        event
        for event in train(spec, tmp_path, model="Linear(outputs), Sigmoid", epochs=1)
        if isinstance(event, e.RunStarted)
    )
    assert any("the last layer, Sigmoid, cannot give every number" in notice for notice in started.notices)


def test_the_wrong_count_of_classes_names_the_way_out(tiny: str, tiny_data: Dataset):
    config = make_config({"dataset": tiny, "model": "Flatten, Linear(10)"})
    with pytest.raises(UserError, match=r"gives \(10,\), but .* with 3 classes needs \(3,\); Linear\(outputs\)"):
        Learner(config, tiny_data)
    assert Learner(
        make_config({"dataset": tiny, "model": "Flatten, Linear(outputs)"}), tiny_data
    ).model.output_shape == (3,)
