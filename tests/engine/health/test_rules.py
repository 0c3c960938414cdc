import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.health.exploding import exploding
from engine.health.record import Activation, EpochFigures, LayerFacts, Record
from engine.health.rule import rules
from engine.health.vanishing import vanishing
from engine.health.verdict import Finding
from engine.hyperparameters import Hyperparameter
from engine.training.commands import SetHyperparameter

NAN, INF = math.nan, math.inf

LAYERS = (LayerFacts("1 Linear(4)", 100), LayerFacts("3 Linear(4)", 100), LayerFacts("5 Linear(2)", 50))

HYPERPARAMETERS = {
    item.name: item
    for item in (
        Hyperparameter("learning_rate", 0.1, 1e-8, 1000.0, "log", ""),
        Hyperparameter("clip_norm", 0.0, 1e-3, 1e3, "log", "", zero=True),
        Hyperparameter("batch_size", 32, 1, 65536, "log2", ""),
        Hyperparameter("dropout", 0.2, 0.0, 1.0, "linear", ""),
    )
}


def record(norms: Any = (1.0, 0.8, 1.2), ratios: Any = (1e-3, 1e-3, 1e-3), loss: float = 1.0, **changes: Any) -> Record:
    """A healthy run, but for the changes; figures of one step stand for all of the window."""
    about: dict[str, Any] = {
        "step": 500,
        "layers": LAYERS,
        "norms": np.tile(np.array(norms, float), (100, 1)),
        "ratios": np.tile(np.array(ratios, float), (100, 1)),
        "losses": np.full(100, loss),
        "largest_ratio": 2e-3,
        "hyperparameters": HYPERPARAMETERS,
        "train_count": 3600,
        "classes": 10,
        "initial_loss": 2.4,
        "evaluations": tuple(2.0 * 0.95**k for k in range(12)),
        "epochs": tuple(EpochFigures(2.0 * 0.8**k, 2.1 * 0.8**k) for k in range(5)),
        "activations": (Activation("1 Linear(4)", "ReLU", dead=0.05), Activation("3 Linear(4)", "Tanh", saturated=0.1)),
        "initial_activations": (
            Activation("1 Linear(4)", "ReLU", variance=0.5),
            Activation("3 Linear(4)", "Tanh", variance=0.3),
        ),
        "noise_scale": 300.0,
    }
    return Record(**{**about, **changes})


def found(rule: str, **changes: Any) -> list[Finding]:
    return list(rules[rule](record(**changes)))


@pytest.mark.parametrize("rule", rules.names())
def test_a_healthy_run_shows_nothing(rule: str):
    assert found(rule) == []


@pytest.mark.parametrize("rule", rules.names())
def test_before_anything_is_known_there_is_nothing_to_find(rule: str):
    assert list(rules[rule](Record(0))) == []
    assert list(rules[rule](Record(0, layers=LAYERS, hyperparameters=HYPERPARAMETERS))) == []


def test_the_rules_are_all_there():
    assert set(rules.names()) == {
        "vanishing", "exploding", "update_ratio", "dead_units", "saturation", "initialization", "stalled", "overfit",
        "learning_rate", "batch_size",
    }  # fmt: skip


FIGURES = st.sampled_from([0.0, 1e-30, 1e-9, 1e-3, 0.3, 1.0, 2.302, 50.0, 1e30, INF, NAN])


@given(st.lists(FIGURES, min_size=9, max_size=9), st.sampled_from(rules.names()))
def test_any_figures_are_judged_and_what_is_found_is_beyond_its_threshold(figures: list[float], rule: str):
    a, b, c, d, e, f, g, h, i = figures
    with np.errstate(all="ignore"):
        findings = found(
            rule,
            norms=(a, b, c),
            ratios=(d, e, f),
            loss=g,
            initial_loss=h,
            noise_scale=i,
            schedule_factor=0.5 if a < b else 0.0,
            evaluations=tuple(figures) * 2,
            epochs=tuple(EpochFigures(x, y) for x, y in product((a, b, c), (d, e, f))),
            activations=(Activation("1 Linear(4)", "ReLU", a, b, c),) * 2,
            initial_activations=(Activation("1 Linear(4)", "ReLU", a, b, c), Activation("x", "Tanh", d, e, f)),
        )
    for finding in findings:
        assert finding.level in ("amber", "red")
        assert finding.value != finding.threshold
        assert finding.remedy
        if isinstance(finding.cure, SetHyperparameter):
            item = HYPERPARAMETERS[finding.cure.name]
            assert item.checked(finding.cure.value) != item.value


@pytest.mark.parametrize(
    ("rule", "changes", "level", "value", "threshold"),
    [
        ("vanishing", {"norms": (0.01, 0.5, 1.0)}, "amber", 0.01, 1 / 20),
        ("vanishing", {"norms": (1e-8, 0.5, 1.0)}, "red", 1e-9, 1e-7),
        ("update_ratio", {"ratios": (1.1e-2, 1e-3, 1e-3)}, "amber", 1.1e-2, 1e-2),
        ("update_ratio", {"ratios": (0.9e-4, 1e-3, 1e-3)}, "amber", 0.9e-4, 1e-4),
        ("update_ratio", {"ratios": (11, 1e-3, 1e-3)}, "red", 11, 10),
        ("update_ratio", {"ratios": (0.9e-8, 1e-3, 1e-3)}, "red", 0.9e-8, 1e-8),
        ("dead_units", {"activations": (Activation("1 Linear(4)", "ReLU", dead=0.11),)}, "amber", 0.11, 0.1),
        ("dead_units", {"activations": (Activation("1 Linear(4)", "ReLU", dead=0.51),)}, "red", 0.51, 0.5),
        ("saturation", {"activations": (Activation("1 Linear(4)", "Tanh", saturated=0.26),)}, "amber", 0.26, 0.25),
        ("saturation", {"activations": (Activation("1 Linear(4)", "Tanh", saturated=0.51),)}, "red", 0.51, 0.5),
        ("initialization", {"initial_loss": 2.6, "loss": 2.4}, "amber", 2.6, 1.1 * math.log(10)),
        ("initialization", {"initial_loss": 5.0, "loss": 2.4}, "red", 5.0, 2 * math.log(10)),
        ("stalled", {"evaluations": (1.0,) * 10}, "amber", 0.0, 0.001),
        ("stalled", {"evaluations": (1.0,) * 5 + (1.06,) * 5}, "red", -0.06, -0.05),
        ("overfit", {"epochs": (EpochFigures(1.0, 1.2),)}, "amber", 0.2, 0.1),
        ("overfit", {"epochs": tuple(EpochFigures(1.0, 1.2 + k / 100) for k in range(4))}, "red", 0.23, 0.1),
        ("learning_rate", {"ratios": (0.02,) * 3, "loss": 2.5}, "red", 0.02, 1e-2),
        ("learning_rate", {"largest_ratio": 0.5, "loss": 2.5}, "red", 0.5, 1e-2),
        ("learning_rate", {"ratios": (5e-5,) * 3, "loss": 2.2}, "amber", 5e-5, 1e-4),
        ("batch_size", {"noise_scale": 6400.0}, "amber", 200, 100),
        ("batch_size", {"noise_scale": 0.16}, "amber", 0.005, 0.01),
    ],
)
def test_what_is_found_and_how_much_of_it(
    rule: str, changes: dict[str, Any], level: str, value: float, threshold: float
):
    finding = found(rule, **changes)[0]
    assert (finding.level, finding.value, finding.threshold) == (
        level,
        pytest.approx(value, abs=1e-12),
        pytest.approx(threshold),
    )
    assert finding.layer in ("", "1 Linear(4)")


def test_the_learning_rate_that_the_ratio_asks_for():
    (finding,) = found("update_ratio", ratios=(1e-3, 0.02, 1e-3))
    assert finding.cure == SetHyperparameter("learning_rate", 0.005)
    (finding,) = found("update_ratio", ratios=(1e-3, 0.0, 1e-3))
    assert finding.cure is None


def test_steps_that_a_schedule_makes_small_are_as_they_should_be():
    small = {"ratios": (2e-5,) * 3, "schedule_factor": 0.02, "loss": 2.3}
    assert found("update_ratio", **small) == found("learning_rate", **small) == []
    assert found("update_ratio", **small | {"schedule_factor": 1.0}) != []
    assert found("update_ratio", **small | {"schedule_factor": 0.0, "ratios": (0.0,) * 3}) == []


def test_an_explosion_is_clipped_at_the_usual_norm():
    norms = np.array([[3.0, 4.0]] * 90 + [[30.0, 50.0]] * 10)
    (finding,) = found_in(norms)
    assert (finding.level, finding.layer) == ("amber", "")
    assert finding.value == pytest.approx(math.hypot(30, 50))
    assert finding.threshold == pytest.approx(50)
    assert finding.cure == SetHyperparameter("clip_norm", 5.0)


def found_in(norms: np.ndarray) -> list[Finding]:
    """What `exploding` finds in norms by step and layer."""
    return list(rules["exploding"](Record(100, norms=norms, hyperparameters=HYPERPARAMETERS)))


def test_one_wild_step_is_no_explosion():
    assert found_in(np.array([[3.0, 4.0]] * 99 + [[30.0, 50.0]])) == []


def test_a_poor_start_that_training_has_overcome_is_no_finding():
    poor = {
        "initial_loss": 50.0,
        "initial_activations": (Activation("a", "ReLU", variance=1.0), Activation("b", "ReLU", variance=0.01)),
    }
    assert [(each.level, each.layer) for each in found("initialization", loss=2.4, **poor)] == [
        ("red", ""),
        ("red", "b"),
    ]
    assert found("initialization", loss=1.0, **poor) == []
    assert found("initialization", loss=2.4, **poor | {"classes": 0}) == []


def test_a_gap_is_answered_by_more_dropout_or_weight_decay():
    (finding,) = found("overfit", epochs=(EpochFigures(1.0, 2.0),))
    assert finding.cure == SetHyperparameter("dropout", 0.4)
    decay = {"weight_decay": Hyperparameter("weight_decay", 0.0, 1e-6, 10.0, "log", "", zero=True)}
    (finding,) = found("overfit", epochs=(EpochFigures(1.0, 2.0),), hyperparameters=decay)
    assert finding.cure == SetHyperparameter("weight_decay", 1e-4)


def test_a_batch_is_never_to_be_larger_than_the_data():
    (finding,) = found("batch_size", noise_scale=1e9)
    assert finding.cure == SetHyperparameter("batch_size", 3600)


@pytest.mark.parametrize(
    ("norms", "counts", "expected"),
    [
        ([1.0], [10], [""]),
        ([0.06, 0.04, 1.0], [10, 10, 10], ["", "amber", ""]),
        ([0.05, 1.0], [10, 10], ["", ""]),
        # The root mean square of n elements is the norm over the root of n.
        ([0.9e-6, 1.1e-6], [100, 100], ["red", ""]),
        ([1.1e-6, 1.1e-6], [10_000, 100], ["red", ""]),
        ([0.0, 1.0], [10, 10], ["red", ""]),
        ([0.0, 0.0], [10, 10], ["red", "red"]),
        ([0.9e-6, 1.0], [100, 100], ["red", ""]),
        ([], [], []),
    ],
)
def test_vanishing(norms: list[float], counts: list[int], expected: list[str]):
    assert vanishing(norms, counts) == expected


@pytest.mark.parametrize(
    ("recent", "medians", "expected"),
    [
        ([1.0, 10.0, 10.1], [1.0, 1.0, 1.0], ["", "", "amber"]),
        ([NAN, INF, 1.0], [1.0, 1.0, 1.0], ["red", "red", ""]),
        ([1.0], [INF], [""]),
        ([], [], []),
    ],
)
def test_exploding(recent: list[float], medians: list[float], expected: list[str]):
    assert exploding(recent, medians) == expected


def test_a_norm_that_is_not_finite_does_not_vanish():
    assert vanishing([NAN, 1.0], [10, 10]) == ["", ""]
    assert vanishing([INF, 1.0], [10, 10]) == ["", ""]
    assert vanishing([1.0, NAN], [10, 10]) == ["", ""]
