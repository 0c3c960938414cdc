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
from engine.training.commands import Reinitialize, SetActivation, SetAugmentation, SetHyperparameter

NAN, INF = math.nan, math.inf

LAYERS = (
    LayerFacts("1 Linear(4)", 100, "ReLU", "he"),
    LayerFacts("3 Linear(4)", 100, "Tanh", "xavier"),
    LayerFacts("5 Linear(2)", 50),
)

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
        "largest_step": 4e-3,
        "first_step": 2e-3,
        "input_size": 1.0,
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
            largest_step=i,
            first_step=h,
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
        for command in finding.cure:
            if isinstance(command, SetHyperparameter):
                item = HYPERPARAMETERS[command.name]
                assert item.checked(command.value) != item.value


@pytest.mark.parametrize(
    ("rule", "changes", "level", "value", "threshold"),
    [
        ("vanishing", {"norms": (0.01, 0.5, 1.0)}, "amber", 0.01 / 2**0.5, 1 / 20),
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
        ("overfit", {"epochs": (EpochFigures(0.1, 0.6, 1.0, 0.89),)}, "amber", 5.0, 0.1),
        ("overfit", {"epochs": (EpochFigures(0.1, 0.6),)}, "amber", 5.0, 0.1),
        (
            "overfit",
            {"epochs": tuple(EpochFigures(0.1, loss, 1.0, 0.8) for loss in (0.5, 0.53, 0.54, 0.53))},
            "red",
            4.3,
            0.1,
        ),
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
    assert finding.cure == (SetHyperparameter("learning_rate", 0.005),)
    low = found("update_ratio", ratios=(5e-5, 1e-4, 2e-4))
    assert [each.cure for each in low] == [(SetHyperparameter("learning_rate", 2.0),)]


def test_no_learning_rate_suits_layers_whose_steps_differ_by_hundreds():
    (finding,) = found("update_ratio", ratios=(1e-5, 1e-3, 2e-3))
    assert finding.cure == ()
    (finding,) = found("update_ratio", ratios=(1e-3, 0.0, 1e-3))
    assert finding.cure == ()


FALLING = np.linspace(2.0, 1.0, 100)

UNUSUAL: list[tuple[str, dict[str, Any]]] = [
    ("update_ratio", {"ratios": (0.02, 1e-3, 1e-3)}),
    ("dead_units", {"activations": (Activation("1 Linear(4)", "ReLU", dead=0.6),)}),
    ("saturation", {"activations": (Activation("3 Linear(4)", "Tanh", saturated=0.6),)}),
]


@pytest.mark.parametrize(("rule", "changes"), UNUSUAL)
def test_what_is_unusual_is_no_illness_while_the_network_learns(rule: str, changes: dict[str, Any]):
    noise = np.random.default_rng(0).normal(0, 0.2, 100)
    assert found(rule, **changes) != []
    assert found(rule, losses=FALLING + noise, **changes) == []
    assert found(rule, losses=1.5 + noise, **changes) != []
    assert found(rule, loss=0.05, **changes) == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("vanishing", {"norms": (1e-9, 1e-9, 1e-9)}),
        ("update_ratio", {"ratios": (1e-6,) * 3}),
        ("stalled", {"evaluations": (0.01,) * 5 + (0.02,) * 5}),
        ("batch_size", {"noise_scale": 1e6}),
    ],
)
def test_once_it_has_learned_nothing_is_small_or_noisy_for_no_reason(rule: str, changes: dict[str, Any]):
    assert found(rule, **changes) != []
    assert found(rule, loss=0.01, **changes) == []


def test_a_layer_that_is_frozen_takes_no_steps_and_that_is_meant():
    frozen = (LAYERS[0]._replace(frozen=True), *LAYERS[1:])
    assert found("update_ratio", ratios=(0.0, 1e-3, 1e-3)) != []
    assert found("update_ratio", ratios=(0.0, 1e-3, 1e-3), layers=frozen) == []
    assert found("update_ratio", ratios=(0.0, 0.02, 1e-3), layers=frozen)[0].layer == "3 Linear(4)"


def test_a_gradient_that_vanishes_is_told_of_the_first_layer_and_passes_rectifiers():
    (finding,) = found("vanishing", norms=(0.01, 0.02, 1.0))
    assert finding.layer == "1 Linear(4)"
    assert finding.cure == (SetActivation("3 Linear(4)", "ReLU"), Reinitialize("", "he"))
    rectified = tuple(layer._replace(activation="ReLU", init="he") for layer in LAYERS)
    (finding,) = found("vanishing", norms=(0.01, 0.02, 1.0), layers=rectified)
    assert finding.cure == (Reinitialize("", "he"),)


def test_dead_units_are_woken_in_all_layers_at_once_and_with_smaller_steps():
    dead = tuple(Activation(layer.label, "ReLU", dead=0.9) for layer in LAYERS[:2])
    finding = found("dead_units", activations=dead, largest_step=3.0, first_step=0.5)[0]
    assert finding.cure == (
        SetHyperparameter("learning_rate", 0.0002),
        SetActivation("1 Linear(4)", "LeakyReLU"),
        SetActivation("3 Linear(4)", "LeakyReLU"),
        Reinitialize("", "auto"),
    )
    (finding,) = found("dead_units", activations=dead[:1])
    assert finding.cure == (SetActivation("1 Linear(4)", "LeakyReLU"), Reinitialize("1 Linear(4)", "he"))


def test_raw_inputs_are_the_makers_to_mend():
    (finding,) = found("initialization", initial_loss=50.0, loss=40.0, input_size=80.0)
    assert finding.cure == ()
    assert "standardize" in finding.remedy
    (finding,) = found("initialization", initial_loss=50.0, loss=40.0)
    assert finding.cure == (Reinitialize("", "auto"),)


def test_a_first_loss_that_is_a_little_off_asks_for_small_weights_in_the_last_layer():
    (finding,) = found("initialization", initial_loss=2.7, loss=2.4)
    assert (finding.level, finding.cure) == ("amber", (Reinitialize("5 Linear(2)", "normal(0.01)"),))
    assert found("initialization", initial_loss=2.7, loss=2.4, largest_step=1e-5) == []


def test_a_small_gap_in_accuracy_is_not_felt_whatever_the_losses():
    epochs = tuple(EpochFigures(0.001, loss, 1.0, 0.95) for loss in (0.2, 0.3, 0.4, 0.5))
    assert found("overfit", epochs=epochs) == []
    assert found("overfit", epochs=tuple(epoch._replace(validation_accuracy=0.85) for epoch in epochs)) != []


def test_overfitting_is_red_once_validation_was_worse_three_times_in_a_row():
    def levels(*losses: float) -> list[str]:
        epochs = tuple(EpochFigures(0.01, loss, 1.0, 0.8) for loss in losses)
        return [finding.level for finding in found("overfit", epochs=epochs)]

    assert levels(0.2, 0.5, 0.5, 0.5) == ["red"]
    assert levels(0.2, 0.5, 0.15, 0.5) == levels(0.2, 0.5, 0.5, 0.15) == levels(0.5, 0.5, 0.5) == ["amber"]


@pytest.mark.parametrize(("later", "level"), [(1.06, "red"), (1.04, "amber"), (1.0, "amber")])
def test_a_loss_that_rises_a_little_stalls_and_is_no_red_verdict(later: float, level: str):
    assert [finding.level for finding in found("stalled", evaluations=(1.0,) * 5 + (later,) * 5)] == [level]


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
    assert finding.cure == (SetHyperparameter("clip_norm", 5.0),)


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


@pytest.mark.parametrize(("before", "after"), [(1.0, 0.01), (0.01, 1.0)])
def test_a_start_whose_variances_grow_is_as_poor_as_one_whose_variances_shrink(before: float, after: float):
    start = (Activation("a", "ReLU", variance=before), Activation("b", "ReLU", variance=after))
    (finding,) = found("initialization", loss=2.4, initial_activations=start)
    assert (finding.level, finding.layer, finding.value) == ("red", "b", pytest.approx(100))


def test_a_gap_is_answered_by_varied_pictures_more_dropout_or_weight_decay():
    gap = {"epochs": (EpochFigures(0.1, 2.0, 1.0, 0.5),)}
    (finding,) = found("overfit", **gap, pictures=True)
    assert finding.cure == (SetAugmentation("affine"),)
    (finding,) = found("overfit", **gap)
    assert finding.cure == (SetHyperparameter("dropout", 0.4),)
    decay = {"weight_decay": Hyperparameter("weight_decay", 0.0, 1e-6, 10.0, "log", "", zero=True)}
    (finding,) = found("overfit", **gap, hyperparameters=decay)
    assert finding.cure == (SetHyperparameter("weight_decay", 1e-4),)


def test_a_batch_is_never_to_be_larger_than_the_data():
    (finding,) = found("batch_size", noise_scale=1e9)
    assert finding.cure == (SetHyperparameter("batch_size", 3600),)


@pytest.mark.parametrize(
    ("norms", "counts", "expected"),
    [
        ([1.0], [10], [""]),
        ([0.06, 0.04, 1.0], [10, 10, 10], ["", "amber", ""]),
        # A layer of a hundred times as many numbers has ten times the norm at the same size of each.
        ([0.4, 1.0], [1000, 10], ["amber", ""]),
        ([0.6, 1.0], [1000, 10], ["", ""]),
        ([0.051, 1.0], [10, 10], ["", ""]),
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
