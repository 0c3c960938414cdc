"""Each check against a configuration and data that are sound, and against one thing that is wrong with them."""

from collections.abc import Callable
from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest

from engine import datasets
from engine.arrays import Array
from engine.datasets import Dataset, Split
from engine.datasets.base import Target
from engine.errors import ShapeError
from engine.layers import Backward
from engine.layers.relu import ReLU
from engine.layers.tanh import Tanh
from engine.preflight import Cancelled, Result, checks, preflight
from engine.preflight.check import Trial
from engine.preflight.initial_loss import KNOWING, _luck
from engine.training.config import Config, make_config, preset_names, read_preset
from engine.training.fitting import fit_to_data
from engine.training.learner import Learner

Change = Callable[[Split], Split]

SOUND: dict[str, dict[str, Any]] = {
    "digits": {"model": "Flatten, Linear(32), Tanh, Dropout(0.2), Linear(outputs)", "init": "normal(0.03)"},
    "iris": {"dataset": "iris", "model": "Linear(16), Tanh, Linear(outputs)", "lr": 0.01},
    "number": {"dataset": "iris", "model": "Linear(16), ReLU, Linear(outputs)", "lr": 0.01},
}


def flight(config: Config, dataset: Dataset) -> dict[str, Result]:
    return {result.name: result for result in preflight(config, dataset)}


def sound(name: str, **changes: Any) -> tuple[Config, Dataset]:
    config = make_config({**SOUND[name], **changes})
    dataset = datasets.load(config.dataset)
    return config, with_number(dataset) if name == "number" else dataset


def with_number(dataset: Dataset) -> Dataset:
    """Its first feature is to be told from the others."""

    def change(split: Split) -> Split:
        return Split(split.x[:, 1:], split.x[:, 0].astype(np.float64))

    return replace(changed(dataset, change), class_names=(), target=Target("length", 5.8, 0.8))


def changed(dataset: Dataset, change: Change) -> Dataset:
    parts = {name: change(getattr(dataset, name)) for name in ("train", "validation", "test")}
    return replace(dataset, **parts)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_configuration_fails_no_check(name: str):
    results = flight(*sound(name))
    assert list(results) == checks.names()
    assert [result for result in results.values() if result.passed is False] == []
    applying = {check for check, result in results.items() if result.passed}
    assert applying >= {"data range", "gradients", "splits apart", "twenty samples"}
    assert ("class balance" in applying) == ("initial loss" in applying) == (name != "number")
    assert all(result.found and not result.advice for result in results.values())


def test_the_figures_are_those_of_a_hand():
    config, dataset = sound("digits")
    results = flight(config, dataset)
    assert results["initial loss"].figures["guess"] == pytest.approx(log(10), rel=1e-6)
    pixels = dataset.train.x.reshape(len(dataset.train), -1).astype(np.float64)
    figures = results["data range"].figures
    assert figures["root_mean_square"] == pytest.approx(np.sqrt((pixels**2).mean()), rel=1e-9)
    assert figures["constant"] == (pixels.std(axis=0) == 0).sum()
    assert (figures["low"], figures["high"]) == (pixels.min(), pixels.max())
    assert results["class balance"].figures["ratio"] == 1
    assert results["twenty samples"].figures["loss"] < 0.01 * log(10)


def only_failing(results: dict[str, Result], *names: str) -> list[Result]:
    failing = {name for name, result in results.items() if result.passed is False}
    assert failing == set(names)
    assert all(results[name].advice for name in names)
    return [results[name] for name in names]


def test_pixels_that_nobody_scaled_are_told():
    config, dataset = sound("digits", model="Flatten, Linear(32), ReLU, Linear(outputs)", init="auto")
    raw = changed(dataset, lambda split: Split(dataset.pixels(split.x) * 255, split.labels))
    found, *_ = only_failing(flight(config, raw), "data range", "initial loss")
    assert "255" in found.found
    assert "255" in found.advice


def test_weights_too_large_to_begin_with_are_told():
    config, dataset = sound("digits", model="Flatten, Linear(32), ReLU, Linear(outputs)", init="normal(0.5)")
    (found,) = only_failing(flight(config, dataset), "initial loss")
    assert found.figures["loss"] > 5 * found.figures["guess"]


def test_usual_presets_are_told_of_their_start_and_may_fly():
    """LeNet-5 begins at two and a half guesses and reaches 99 %: that is no reason to keep it on the ground."""
    levels = {}
    for name in preset_names():
        settings = {"dataset": "mnist-5k", **read_preset(name)[1], "seed": 0}
        config = make_config(settings)
        dataset = datasets.load(config.dataset)
        levels[name] = checks["initial loss"]("initial loss", Trial(fit_to_data(config, dataset), dataset)).level
    assert {name for name, level in levels.items() if level == "red"} == {"bad-init"}
    assert levels["lenet"] == levels["mlp"] == "amber"
    assert levels["nielsen-100"] == levels["xor"] == "good"


@pytest.mark.parametrize(
    ("share", "level", "word"),
    [
        (0.55, "red", "label"),
        (0.64, "red", "label"),
        (0.66, "amber", "label"),
        (0.89, "amber", "label"),
        (0.91, "good", ""),
        (1.09, "good", ""),
        (1.11, "amber", "last layer"),
        (4.9, "amber", "last layer"),
        (5.1, "red", "standardize"),
        (np.nan, "red", "standardize"),
        (np.inf, "red", "standardize"),
    ],
)
def test_a_first_loss_has_three_levels(monkeypatch: pytest.MonkeyPatch, share: float, level: str, word: str):
    config, dataset = sound("digits")
    monkeypatch.setattr("engine.training.learner.Learner.evaluate", lambda *_: (share * log(10), 0.1, 500))
    result = checks["initial loss"]("initial loss", Trial(fit_to_data(config, dataset), dataset))
    assert result.level == level
    assert word in result.advice
    assert bool(word) == bool(result.advice)


@pytest.mark.parametrize(("share", "level"), [(0.49, "red"), (0.51, "amber")])
def test_two_classes_leave_more_to_chance(monkeypatch: pytest.MonkeyPatch, share: float, level: str):
    config = make_config({"dataset": "moons", "model": "Linear(8), ReLU, Linear(outputs)"})
    dataset = datasets.load("moons")
    monkeypatch.setattr("engine.training.learner.Learner.evaluate", lambda *_: (share * log(2), 0.5, 500))
    assert checks["initial loss"]("initial loss", Trial(fit_to_data(config, dataset), dataset)).level == level


def test_a_network_that_looks_at_a_leaked_label_is_told(monkeypatch: pytest.MonkeyPatch):
    """The label stands among the inputs, ten of 0 and 1, and the weights pass it on, so weakly that the loss is no more
    than 45 % below a guess.
    """
    config, dataset = sound("digits", model="Flatten, Linear(outputs)")
    leaked = changed(dataset, lambda split: Split(np.eye(10, dtype=np.float32)[split.labels], split.labels))
    leaked = replace(leaked, input_mean=0.0, input_std=1.0)
    strength = -log((10**0.55 - 1) / 9)  # ln(1 + 9 exp(-strength)) = 0.55 ln 10

    def looking(config: Config, dataset: Dataset) -> Learner:
        learner = Learner(config, dataset)
        learner.model.parameters["1.weight"].value[...] = strength * np.eye(10)
        return learner

    monkeypatch.setattr("engine.preflight.initial_loss.Learner", looking)
    found = checks["initial loss"]("initial loss", Trial(fit_to_data(config, leaked), leaked))
    assert found.found == "1.266, -45%"
    assert found.level == "red"
    assert "label" in found.advice
    low, high = (float(limit) for limit in found.expected.rpartition("), ")[2].split(" to "))
    assert found.figures["loss"] < low < found.figures["guess"] < high


@pytest.mark.parametrize("classes", [2, 3, 5, 10, 30, 100])
def test_chance_alone_is_no_reason_to_fail(classes: int):
    """Outputs by class drawn from all sizes, labels that have nothing to do with them: next to none is so far below."""
    random, labels = np.random.default_rng(classes), np.repeat(np.arange(classes), 3)
    lowest = max(KNOWING * log(classes), log(classes) - _luck(labels))
    losses = []
    for deviation in np.linspace(0.05, 1.0, 20):
        z = random.normal(0, deviation, (100, classes, classes))
        own = z[:, np.arange(classes), np.arange(classes)]
        losses += (np.log(np.exp(z).sum(axis=2)) - own).mean(axis=1).tolist()
    assert min(losses) < log(classes)
    assert np.mean(np.array(losses) < lowest) < (0.1 if classes < 5 else 0.001)


def test_a_wrong_backward_pass_is_told(monkeypatch: pytest.MonkeyPatch):
    right = Tanh.forward

    def forward(self: Tanh, x: Array, *, training: bool) -> tuple[Array, Backward]:
        y, _ = right(self, x, training=training)
        return y, lambda dy: dy * (1 - y)

    monkeypatch.setattr(Tanh, "forward", forward)
    (found,) = only_failing(flight(*sound("digits")), "gradients")
    assert found.figures["error"] > 1e-2


def test_kinks_are_no_mistake_and_a_mistake_beside_them_is_one(monkeypatch: pytest.MonkeyPatch):
    config, dataset = sound("digits", model="Flatten, Linear(16), ReLU, Linear(outputs)")
    assert flight(config, dataset)["gradients"].passed

    def forward(self: ReLU, x: Array, *, training: bool) -> tuple[Array, Backward]:
        active = x > 0
        return x * active, lambda dy: dy * active * 1.01

    monkeypatch.setattr(ReLU, "forward", forward)
    assert flight(config, dataset)["gradients"].passed is False


def test_a_class_without_samples_is_told():
    config, dataset = sound("iris")
    kept = dataset.train.labels != 2
    less = replace(dataset, train=Split(dataset.train.x[kept], dataset.train.labels[kept]))
    (found,) = only_failing(flight(config, less), "class balance")
    assert dataset.class_names[2] in found.advice


def test_a_class_of_a_tenth_of_another_passes_and_a_smaller_one_does_not():
    config, dataset = sound("digits")
    (ones,) = np.nonzero(dataset.train.labels == 1)
    for count, passed in ((len(ones) // 10, True), (len(ones) // 10 - 1, False)):
        kept = np.setdiff1d(np.arange(len(dataset.train)), ones[count:])
        less = replace(dataset, train=Split(dataset.train.x[kept], dataset.train.labels[kept]))
        assert flight(config, less)["class balance"].passed is passed


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_what_is_no_number_is_told_in_any_split(part: str, value: float):
    config, dataset = sound("iris")
    split: Split = getattr(dataset, part)
    x = split.x.copy()
    x[3, 1] = value
    result = flight(config, replace(dataset, **{part: Split(x, split.labels)}))["data range"]
    assert result.passed is False
    assert f"1 inputs of {part}" in result.found


def test_a_feature_out_of_all_proportion_is_named():
    config, dataset = sound("iris")
    large = changed(dataset, lambda split: Split(split.x * np.array([1, 1, 40, 1]), split.labels))
    result = flight(config, large)["data range"]
    assert result.passed is False
    assert dataset.feature_names[2] in result.found


def test_inputs_that_are_all_alike_are_told():
    config, dataset = sound("iris")
    alike = changed(dataset, lambda split: Split(np.ones_like(split.x), split.labels))
    assert "alike" in flight(config, alike)["data range"].advice


def test_tests_on_what_was_trained_on_are_told():
    config, dataset = sound("digits")
    leak = Split(
        np.concatenate([dataset.test.x, dataset.train.x[:50]]),
        np.concatenate([dataset.test.labels, dataset.train.labels[:50]]),
    )
    (found,) = only_failing(flight(config, replace(dataset, test=leak)), "splits apart")
    assert found.figures == {"validation": 0, "test": 50}


def test_rows_of_few_values_are_alike_by_chance():
    config = make_config({"dataset": "student", "model": "Linear(outputs)"})
    dataset = datasets.load("student")
    result = flight(config, dataset)["splits apart"]
    assert result.passed
    assert result.figures["test"] > 2
    assert flight(config, replace(dataset, test=dataset.train))["splits apart"].passed is False


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "Flatten, " + "Linear(30), Sigmoid, " * 4 + "Linear(outputs)", "optimizer": "sgd", "lr": 0.1},
        {"lr": 1e-8},
    ],
    ids=["vanishing gradient", "rate too small"],
)
def test_a_network_that_cannot_learn_twenty_samples_is_told(changes: dict[str, Any]):
    result = flight(*sound("digits", **{"init": "auto", **changes}))["twenty samples"]
    assert result.passed is False
    assert result.figures["steps"] == 1000


def test_a_rate_at_which_the_loss_explodes_is_told():
    config, dataset = sound("number", optimizer="sgd", lr=1000.0)
    result = flight(config, dataset)["twenty samples"]
    assert result.passed is False
    assert "not finite" in result.advice


@pytest.mark.parametrize("optimizer", ["adamw(weight_decay=0.5)", "sgd(weight_decay=0.05)"])
def test_regularization_does_not_keep_twenty_samples_from_being_learned(optimizer: str):
    rate = 0.01 if "adam" in optimizer else 0.1
    changes = {"optimizer": optimizer, "lr": rate, "loss": "cross_entropy(label_smoothing=0.3)", "augment": "elastic"}
    config, dataset = sound("digits", **changes, set={"dropout": 0.5, "augment_intensity": 1.5})
    assert flight(config, dataset)["twenty samples"].passed


def test_a_search_has_neither_gradients_nor_twenty_samples():
    results = flight(*sound("iris", strategy="hill_climbing", lr=None))
    assert {name for name, result in results.items() if result.passed is None} == {"gradients", "twenty samples"}


def test_a_configuration_that_does_not_fit_is_an_error_before_any_check():
    with pytest.raises(ShapeError, match="Linear"):
        next(preflight(*sound("digits", model="Linear(10)")))


@pytest.mark.parametrize("name", sorted(set(checks.names()) - {"class balance", "initial loss"}))
def test_what_takes_long_can_be_cancelled_in_the_middle(name: str):
    config, dataset = sound("iris")
    breaths = 0

    def breathe() -> None:
        nonlocal breaths
        breaths += 1
        raise Cancelled

    with pytest.raises(Cancelled):
        checks[name](name, Trial(fit_to_data(config, dataset), dataset, breathe))
    assert breaths == 1


def test_nothing_is_checked_that_nobody_waits_for():
    def breathe() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        next(preflight(*sound("iris"), breathe))
