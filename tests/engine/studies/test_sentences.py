import re
from math import isfinite, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.studies.figures import CURVES
from engine.studies.result import Outcome, Result, first_reached, gather
from engine.studies.sentences import sentences, write_sentence
from engine.studies.study import Plan, make_plan

LABELS = "abcd"
TARGET = 0.5


def make(sentence: str, curve: str = "validation_accuracy", seeds: int = 3, **changes: Any) -> Plan:
    gradient = sentence == "vanishing"
    content = {
        "description": "made by hand",
        "curve": "bias_gradient" if gradient else curve,
        "columns": ["ratio"] if gradient else ["validation_accuracy"],
        "target": TARGET,
        "sentence": sentence,
        "seeds": seeds,
        "vary": {"case": {label: {"lr": 0.1 * place} for place, label in enumerate(LABELS, 1)}},
    }
    return make_plan("made", content | changes)


def outcome(plan: Plan, label: str, seed: int, y: list[float], diverged: int | None, gap: float) -> Outcome:
    curve = plan.study.curve
    x = tuple(float(place) for place in range(1, len(y) + 1))
    if curve == "bias_gradient":
        return Outcome(label, seed, {"ratio": y[-1] / y[0] if y and y[0] else nan}, x, tuple(y))
    figures = (
        {} if diverged or not y else {curve: y[-1], "gap": gap, "reached": first_reached(x, y, TARGET, CURVES[curve])}
    )
    return Outcome(label, seed, figures, x, tuple(y), diverged)


# Few values, so that ties, targets just met and curves that are all alike are common.
VALUES = st.sampled_from([0.0, 0.1, 0.25, 0.4999, 0.5, 0.75, 1.0])


@st.composite
def results(draw: st.DrawFn, names: list[str]) -> Result:
    seeds = draw(st.integers(1, 3))
    name = draw(st.sampled_from(names))
    plan = make(name, draw(st.sampled_from(["validation_accuracy", "train_loss"])), seeds)
    found = []
    for label in LABELS:
        for seed in range(draw(st.integers(0, seeds))):
            diverged = draw(st.sampled_from([None, None, None, 1, 12]))
            y = draw(st.lists(VALUES, min_size=0 if diverged else 1, max_size=5))
            found.append(outcome(plan, label, seed, y, diverged, draw(VALUES) - 0.25))
    return gather(plan, found, 1.0)


@settings(max_examples=200)
@given(results(sorted(sentences)))
def test_whatever_comes_out_there_is_a_sentence_in_one_line(result: Result):
    text = write_sentence(result)
    assert text.endswith(".")
    assert "\n" not in text
    assert not re.search(r"\b(nan|inf|None)\b(?! reaches)", text)
    wild = [row for row in result.rows if row.diverged]
    if wild and len(wild) < len(result.rows):
        for row in wild:
            assert f"{row.label} diverged" in text


@settings(max_examples=400)
@given(results(["fastest"]))
def test_who_is_said_to_be_first_is_and_the_factor_holds(result: Result):
    text = write_sentence(result)
    sound = [row for row in result.rows if not row.diverged]
    figure = result.figure
    sign = -1 if figure.better == "lower" else 1

    def times(row: Any) -> list[float | None]:
        return [
            next((x for x, y in zip(o.x, o.y, strict=True) if sign * y >= sign * TARGET), None) for o in row.outcomes
        ]

    done = {row.label: sum(times(row)) / len(row.outcomes) for row in sound if None not in times(row)}
    said = re.match(r"(.+?) (?:reach|reaches) (?:50 % validation accuracy|training loss 0.5) after ([\d.]+)", text)
    if not done:
        assert said is None
        return
    assert said is not None
    least = min(done.values())
    first = re.split(", | and ", said[1])
    assert first == [label for label in done if done[label] == least]
    assert float(said[2]) == pytest.approx(least, abs=0.051)
    if later := re.search(r", ([a-d, and]+) ha(?:s|ve) not after (\d+)(?:: a factor of at least ([\d.]*\d))?", text):
        never = [row for row in sound if row.label in re.split(", | and ", later[1])]
        assert never
        for row in never:
            assert set(times(row)) == {None}
            assert all(max(o.x) >= float(later[2]) for o in row.outcomes)
            assert later[3] is None or all(max(o.x) >= float(later[3]) * least for o in row.outcomes)
    elif slower := re.search(r"([a-d, and]+) after ([\d.]+): a factor of ([\d.e+]*\d)", text):
        most = max(done.values())
        assert {label for label in done if done[label] == most} == set(re.split(", | and ", slower[1].strip(", ")))
        assert float(slower[3]) == pytest.approx(most / least, rel=0.06)
    for row in sound:
        reached = [time for time in times(row) if time is not None]
        if 0 < len(reached) < len(row.outcomes):
            assert re.search(rf"\b{row.label}\b.* not in every run", text)


@settings(max_examples=200)
@given(results(["best", "gap"]))
def test_the_best_is_the_best_and_the_worst_the_worst(result: Result):
    text = write_sentence(result)
    said = re.search(r"(\w) ends best, at ([\d.]+)( %)? .*?, (\w) worst, at ([\d.]+)", text)
    if said is None:
        return
    name, sign = result.plan.study.curve, -1 if result.figure.better == "lower" else 1
    means = {row.label: row.figure(name).mean for row in result.rows if not row.diverged and row.outcomes}
    finite = {label: mean for label, mean in means.items() if isfinite(mean)}
    assert sign * finite[said[1]] == max(sign * mean for mean in finite.values())
    assert sign * finite[said[4]] == min(sign * mean for mean in finite.values())
    assert float(said[2]) == pytest.approx(finite[said[1]] * (100 if said[3] else 1), abs=0.051)


def result_of(sentence: str, runs: dict[str, list[tuple[list[float], int | None, float]]], **changes: Any) -> Result:
    plan = make(sentence, seeds=max(map(len, runs.values())), **changes)
    found = [outcome(plan, label, n, *run) for label, several in runs.items() for n, run in enumerate(several)]
    return gather(plan, found, 1.0)


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        (
            {"a": [([0.1] * 20, None, 0)], "b": [([0.1, 0.2, 0.6], None, 0)], "c": [([0.6], 12, 0)]},
            "b reaches 50 % validation accuracy after 3 epochs, a has not after 20: a factor of at least 6.6; "
            "c diverged, at step 12.",
        ),
        (
            {"a": [([0.6], None, 0)], "b": [([0.1, 0.6], None, 0)], "c": [([0.7], None, 0)]},
            "a and c reach 50 % validation accuracy after 1 epoch, b after 2: a factor of 2.",
        ),
        (
            {"a": [([0.1, 0.3], None, 0)], "b": [([0.2, 0.1], None, 0)]},
            "None reaches 50 % validation accuracy within 2 epochs; the best that a run had is 30.0 %, with a.",
        ),
        ({"a": [([], 3, 0)], "b": [([], 5, 0)]}, "Every run diverged: at steps 3 to 5."),
        (
            {"a": [([0.6], None, 0), ([0.1, 0.6], None, 0)], "b": [([0.6], None, 0), ([0.1], 9, 0)]},
            "a reaches 50 % validation accuracy after 1.5 epochs on average; b diverged in 1 of 2 runs, at step 9.",
        ),
    ],
)
def test_fastest_on_figures_by_hand(runs: dict[str, Any], text: str):
    assert write_sentence(result_of("fastest", runs)) == text


def test_best_says_when_the_second_is_within_the_spread():
    near = result_of("best", {"a": [([0.90], None, 0), ([0.94], None, 0)], "b": [([0.91], None, 0), ([0.91], None, 0)]})
    assert write_sentence(near) == (
        "a ends best, at 92.0 % validation accuracy, b worst, at 91.0 %: 1.0 points apart; "
        "b (91.0 %) is within a standard deviation of the best."
    )
    alike = result_of("best", {"a": [([0.9], None, 0)], "b": [([0.9], None, 0)]})
    assert write_sentence(alike) == "a and b end at 90.0 % validation accuracy."


def test_gap_names_both_ends():
    result = result_of("gap", {"a": [([0.8], None, 0.6)], "b": [([0.9], None, 0.2)], "c": [([0.85], None, 0.3)]})
    assert write_sentence(result) == (
        "The gap between training and validation loss is largest with a (0.6) and smallest with b (0.2); "
        "b ends best, at 90.0 % validation accuracy, a worst, at 80.0 %: 10.0 points apart."
    )


def test_vanishing_takes_the_root_by_layer_and_tells_activations_apart():
    sigmoid, relu = "Linear(3), Sigmoid, Linear(3), Sigmoid, Linear(3)", "Linear(3), ReLU, Linear(3), ReLU, Linear(3)"
    cases = {"a": {"model": sigmoid}, "b": {"model": sigmoid + ", Sigmoid, Linear(3)"}, "c": {"model": relu}}
    published = {"source": "a book", "figures": {"a": 4.7, "b": 16.0}}
    runs = {"a": [([1.0, 5.0], None, 0)], "b": [([1.0, 4.0, 16.0], None, 0)], "c": [([1.0, 1.1], None, 0)]}
    assert write_sentence(result_of("vanishing", runs, vary={"network": cases}, published=published)) == (
        "Each layer further back divides the gradient by 4 to 5 with Sigmoid, by 1.1 with ReLU; "
        "last layer over first is 5, 16 for a and b, published 4.7, 16 (a book), "
        "of which 1 of 2 lie within the range over our seeds."
    )


def test_nothing_finished_is_said():
    assert write_sentence(gather(make("best"), [], 0.0)) == "No run was finished."
