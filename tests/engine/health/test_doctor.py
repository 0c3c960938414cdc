"""What lasts becomes a verdict, what is gone is none; and real runs get those that they deserve."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import datasets
from engine.datasets import Dataset
from engine.datasets.base import Split
from engine.health import doctor as module
from engine.health.cost import look_seconds, step_seconds
from engine.health.doctor import Doctor
from engine.health.noise_scale import noise_seconds
from engine.health.probe import Probe
from engine.health.record import Record
from engine.health.standing import GONE, LASTING
from engine.health.verdict import Finding
from engine.training import commands as c
from engine.training import events as e
from engine.training import trainer
from engine.training.config import make_config, read_preset
from engine.training.learner import Learner, StepFigures

Learn = Callable[..., Learner]
Train = Callable[..., Any]

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

LEVELS = ("", "amber", "red")


class OneRule:
    """In place of all rules: one that says what it is told to."""

    def __init__(self, said: list[str]) -> None:
        self._said = iter(said)

    def names(self) -> list[str]:
        return ["rule"]

    def __getitem__(self, name: str) -> Any:
        level = next(self._said)
        return lambda record: [Finding(level, "layer", 2.0, 1.0, "remedy")] if level else []


def examine(learner: Learner, said: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The level that stands after each look."""
    standing, after = [""], []

    def emit(event: Any) -> None:
        if isinstance(event, e.VerdictCleared):
            assert event.verdict.level == standing[0]
            standing[0] = ""
        else:
            assert standing[0] == ""
            standing[0] = event.verdict.level
            assert 1 <= event.verdict.step <= event.step

    doctor = Doctor(learner, emit)
    with monkeypatch.context() as patch:
        patch.setattr(module, "rules", OneRule(said))
        patch.setattr(doctor, "_record", lambda: Record(0))
        for _ in said:
            learner.position.step += 1
            doctor.look()
            after.append(standing[0])
    assert [entry.level for entry in doctor.log if entry.cleared is None] == ([standing[0]] if standing[0] else [])
    return after


@SHARED
@given(said=st.lists(st.sampled_from(LEVELS), max_size=40))
def test_a_verdict_is_what_enough_looks_in_a_row_agree_on(learn: Learn, said: list[str]):
    with pytest.MonkeyPatch.context() as monkeypatch:
        learner = learn()
        after = examine(learner, said, monkeypatch)
    ranks, standing = [LEVELS.index(level) for level in said], 0
    for place, level in enumerate(after):
        least = min(ranks[place + 1 - LASTING : place + 1]) if place + 1 >= LASTING else 0
        most = max(ranks[place + 1 - GONE : place + 1]) if place + 1 >= GONE else 2
        standing = max(least, min(standing, most))
        assert LEVELS.index(level) == standing


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("r", "."),
        ("rrr", "..r"),
        ("aaa", "..a"),
        ("aaarrr", "..aaar"),
        ("rara", "..aa"),
        ("rrr....", "..rrrrr"),
        ("rrr.....", "..rrrrr."),
        ("rrr..r.....", "..rrrrrrrr."),
        ("rr.rr.rr.", "........."),
        ("rrraaaaa", "..rrrrra"),
    ],
)
def test_by_hand(learn: Learn, monkeypatch: pytest.MonkeyPatch, said: str, after: str):
    names = {"r": "red", "a": "amber", ".": ""}
    assert examine(learn(), [names[letter] for letter in said], monkeypatch) == [names[letter] for letter in after]


def test_since_is_the_first_of_the_looks_that_agree(learn: Learn, monkeypatch: pytest.MonkeyPatch):
    told: list[Any] = []
    learner = learn()
    doctor = Doctor(learner, told.append)
    monkeypatch.setattr(module, "rules", OneRule(["", "red", "amber", "red", "red", "red"]))
    for step in (10, 20, 30, 40, 50, 60):
        learner.position.step = step
        doctor.look()
    raised = [
        (event.step, event.verdict.level, event.verdict.step) for event in told if isinstance(event, e.VerdictRaised)
    ]
    assert raised == [(40, "amber", 20), (60, "red", 40)]
    assert [(entry.level, entry.cleared) for entry in doctor.log] == [("amber", 60), ("red", None)]


LARGE = "Conv2d(64, 3), ReLU, Conv2d(64, 3), ReLU, Flatten, Linear(256), ReLU, Linear(3)"


def looks(learner: Learner, monkeypatch: pytest.MonkeyPatch, changed: int = 0) -> tuple[list[int], list[int]]:
    """The steps of a long run at which a doctor looks, and those at which it measures noise; `changed`: once."""
    found: list[int] = []
    noise: list[int] = []
    doctor = Doctor(learner, lambda event: None)
    monkeypatch.setattr(doctor, "look", lambda: found.append(learner.position.step))
    measured = SimpleNamespace(simple=1.0)
    monkeypatch.setattr(module, "measure_noise", lambda *_: noise.append(learner.position.step) or measured)
    figures = StepFigures(1.0, 1, 1, np.ones(2), 0.1, np.ones(2))
    for step in range(1, 20_000):
        learner.position.step = step
        doctor.add([figures])
        doctor.look_if_due()
        if step == changed:
            doctor.changed()
    return found, noise


@pytest.mark.parametrize("options", [{}, {"model": LARGE}, {"model": LARGE, "batch_size": 1}])
def test_looks_are_at_steps_that_the_network_and_the_batch_decide(
    learn: Learn, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
):
    found, noise = looks(learn(**options), monkeypatch)
    assert found[:3] == [20, 30, 45]
    assert (found, noise) == looks(learn(**options), monkeypatch)
    learner = learn(**options)
    step_s = step_seconds(learner.model, learner.settings.batch_size)
    samples = Probe(learner).samples
    look = look_seconds(learner.model, len(samples)) / step_s
    for count, step in enumerate(found[1:], 2):
        assert count * look <= module.START + module.SHARE * step
        gap = step - found[count - 2]
        paid = ((count * look) - module.START) / module.SHARE
        assert gap <= max(10, found[count - 2] // 2) or step == ceil(paid)
    gradients = noise_seconds(learner.model, samples) / step_s
    for count, step in enumerate(noise, 1):
        assert count * gradients <= module.NOISE_SHARE * step
    assert noise or gradients > module.NOISE_SHARE * found[-1]


def test_after_a_change_looks_are_soon_again(learn: Learn, monkeypatch: pytest.MonkeyPatch):
    found, _ = looks(learn(), monkeypatch, changed=10_000)
    assert [step - 10_000 for step in found if step > 10_000] == [step for step in found if step < 10_000]


def test_a_search_is_left_alone(train: Train):
    run = train(strategy="random_search", epochs=30)
    assert run.of(e.VerdictRaised) == []


def test_a_step_that_is_not_finite_is_red_at_once_and_in_the_summary(train: Train):
    run = train(optimizer="sgd(learning_rate=1000)", loss="mse", model="Flatten, Linear(8), Linear(3)")
    (verdict,) = [event.verdict for event in run.of(e.VerdictRaised) if event.verdict.rule == "exploding"]
    assert (verdict.level, verdict.layer) == ("red", "")
    rate, clip, anew = verdict.cure
    assert rate == c.SetHyperparameter("learning_rate", 100)
    assert isinstance(clip, c.SetHyperparameter)
    assert clip.name == "clip_norm"
    assert anew == c.Reinitialize("", "xavier")
    assert verdict.remedy in run.the(e.RunEnded).message
    (entry,) = [entry for entry in run.the(e.RunEnded).summary["verdicts"] if entry["rule"] == "exploding"]
    assert (entry["level"], entry["step"], entry["cleared"]) == ("red", verdict.step, None)


def test_two_runs_of_one_seed_get_the_same_verdicts(train: Train):
    bad: dict[str, Any] = {
        "model": "Flatten, Linear(8), Sigmoid, Linear(8), Sigmoid, Linear(3)",
        "lr": 0.5,
        "epochs": 40,
    }
    first, second = (
        [
            event
            for event in train(**bad, report_interval_s=interval).events
            if isinstance(event, e.VerdictRaised | e.VerdictCleared)
        ]
        for interval in (0.0, 1e9)
    )
    assert first == second != []


def test_a_restart_begins_with_a_clean_slate(train: Train):
    bad: dict[str, Any] = {
        "optimizer": "sgd(learning_rate=1000)",
        "loss": "mse",
        "model": "Flatten, Linear(8), Linear(3)",
    }
    run = train(c.SetHyperparameter("learning_rate", 1e-3), c.Restart(), c.Close(), **bad, linger=True)
    assert [entry["rule"] for entry in run.of(e.RunEnded)[-1].summary["verdicts"] if entry["rule"] == "exploding"] == []


def test_losses_before_a_change_say_nothing_of_the_loss_after_it(learn: Learn):
    """Pictures that are varied from now on are harder: a higher loss than before is no rise."""
    learner = learn()
    doctor = Doctor(learner, lambda event: None)
    figures = StepFigures(0.1, 1, 1, np.ones(2), 0.1, np.ones(2))
    for _ in range(20):
        doctor.add([figures])
        doctor.look_if_due()
        doctor.evaluated(0.1)
    assert doctor.memory.evaluations == (pytest.approx(0.1),) * 20
    doctor.add([figures])
    doctor.look_if_due()
    doctor.changed()
    for _ in range(3):
        doctor.add([figures._replace(loss=2.0)])
        doctor.look_if_due()
        doctor.evaluated(2.0)
    assert doctor.memory.evaluations == (2.0,) * 3


def sigmoids(depth: int) -> dict[str, Any]:
    layers = "Linear(30), Sigmoid, " * depth
    return {"model": f"Flatten, {layers}Linear(10)", "optimizer": "sgd", "lr": 0.1, "batch_size": 32, "epochs": 1}


def nielsen(hidden: int, lr: float) -> dict[str, Any]:
    """The nets of "Neural Networks and Deep Learning", chapter 1: one hidden layer, squared error, batches of 10."""
    model = f"Flatten, Linear({hidden}), Sigmoid, Linear(10), Sigmoid"
    about = {"loss": "mse", "init": "nielsen", "batch_size": 10, "epochs": 1}
    return {"model": model, "optimizer": "sgd", "lr": lr, **about}


DENSE = "Flatten, Linear(128), ReLU, Linear(64), ReLU, Linear(10)"


@pytest.fixture
def diagnose(train: Train) -> Callable[..., dict[tuple[str, str], Any]]:
    """diagnose(**settings): every verdict on a run on embedded digits, the last by rule and level."""

    def run(**about: Any) -> dict[tuple[str, str], Any]:
        done = train(config=make_config({"dataset": "mnist-5k", "seed": 0, **about}), report_interval_s=1e9)
        verdicts = [event.verdict for event in done.of(e.VerdictRaised)]
        assert done.of(e.RunEnded), done.of(e.RunFailed)  # a figure that cannot be written down fails the run
        msgspec.to_builtins(verdicts)
        return {(verdict.rule, verdict.level): verdict for verdict in verdicts}

    return run


Diagnose = Callable[..., dict[tuple[str, str], Any]]


def test_a_learning_rate_of_a_thousandth_of_the_right_one_is_too_low(diagnose: Diagnose):
    found = diagnose(**nielsen(100, 0.001))
    verdict = found["learning_rate", "amber"]
    assert verdict.value < verdict.threshold
    (rate,) = verdict.cure
    assert isinstance(rate, c.SetHyperparameter)
    assert rate.value > 0.005


def test_a_learning_rate_of_a_hundred_saturates_the_hidden_layer(diagnose: Diagnose):
    found = diagnose(**nielsen(30, 100.0))
    assert found["saturation", "red"].layer == "1 Linear(30)"
    assert found["saturation", "red"].value > 0.9
    verdict = found["learning_rate", "red"]
    rate, anew = verdict.cure
    assert isinstance(rate, c.SetHyperparameter)
    assert rate.value < 100
    assert anew == c.Reinitialize("", "xavier")


@pytest.mark.parametrize(("depth", "faded"), [(1, False), (2, False), (4, True)])
def test_sigmoids_fade_with_depth(diagnose: Diagnose, depth: int, faded: bool):
    found = diagnose(**sigmoids(depth))
    assert (("vanishing", "amber") in found) == faded


def test_rectifiers_that_a_wild_step_has_killed(diagnose: Diagnose):
    found = diagnose(model=DENSE, optimizer="sgd", lr=3.0, batch_size=32, epochs=1)
    assert found["dead_units", "red"].value > 0.5
    assert found["learning_rate", "red"].cure[0].value < 3


def test_five_hundred_samples_are_learned_by_heart(diagnose: Diagnose):
    verdict = diagnose(model=DENSE, samples=500, epochs=60)["overfit", "red"]
    assert verdict.value > verdict.threshold
    assert verdict.cure == (c.SetAugmentation("affine"),)


def test_inputs_that_nobody_standardized(diagnose: Diagnose, monkeypatch: pytest.MonkeyPatch):
    def raw(name: str) -> Dataset:
        data = datasets.load(name)
        splits = {
            part: Split((data.values(getattr(data, part).x) * 255).astype(np.float32), getattr(data, part).labels)
            for part in ("train", "validation", "test")
        }
        return replace(data, **splits)

    monkeypatch.setattr(trainer, "datasets", SimpleNamespace(load=raw, MissingData=datasets.MissingData))
    verdict = diagnose(model=DENSE, optimizer="sgd", lr=1e-5, batch_size=32, epochs=1)["initialization", "red"]
    assert verdict.value > 20
    assert "standardize" in verdict.remedy
    assert verdict.cure == ()


@pytest.mark.parametrize(("preset", "epochs", "seed"), [("mlp", 8, 0), ("lenet", 3, 0), ("spiral", 60, 4)])
def test_a_healthy_run_has_no_verdict(diagnose: Diagnose, preset: str, epochs: int, seed: int):
    """Ten seeds of each to the end: python -m benchmarks health. LeNet's seed has half of a layer's units dead."""
    _, settings = read_preset(preset)
    assert diagnose(**{"dataset": "mnist-5k", **settings, "epochs": epochs, "seed": seed}) == {}
