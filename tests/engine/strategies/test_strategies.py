"""Searches without gradients: what they propose, what they keep, and that they live on as all else does."""

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from engine.errors import UserError
from engine.expressions import make_one
from engine.losses.cross_entropy import CrossEntropy
from engine.model import Sequential
from engine.plain_step import Batch
from engine.search_step import SearchStep
from engine.strategies import strategies
from engine.strategies.base import candidate_source
from engine.training import commands as c
from engine.training import events as e
from engine.training.learner import Learner

Train = Callable[..., Any]
Learn = Callable[..., Learner]

SEARCHES = [name for name in strategies.names() if name != "gradient"]
RICH = "Flatten, Linear(12), BatchNorm1d, ReLU, Dropout(0.2), Linear(3)"

every_search = pytest.mark.parametrize("strategy", SEARCHES)


def test_there_are_searches():
    assert SEARCHES == ["hill_climbing", "random_search"]


# What they propose.


@every_search
def test_a_candidate_is_a_function_of_weights_seed_and_step(strategy: str):
    candidates = []
    for seed, step in ((3, 7), (3, 7), (4, 7), (3, 8)):
        model = Sequential("Linear(8), Linear(3)", (5,))
        make_one(strategy, strategies).propose(model, candidate_source(seed, step), 1.0)
        candidates.append(model.values.tobytes())
    assert candidates[0] == candidates[1]
    assert len(set(candidates)) == 3


def test_hill_climbing_adds_normal_noise_to_every_weight_and_nothing_else():
    search = make_one("hill_climbing(scale=0.25)", strategies)
    model = Sequential("Linear(300), BatchNorm1d, Linear(3)", (50,))
    before = {name: parameter.value.copy() for name, parameter in model.parameters.items()}
    search.propose(model, candidate_source(0, 0), 0.5)
    change = np.concatenate([(p.value - before[name]).ravel() for name, p in model.parameters.items()])
    assert change.mean() == pytest.approx(0, abs=0.01)
    assert change.std() == pytest.approx(0.125, rel=0.02)
    assert np.count_nonzero(change) == change.size == model.parameter_count
    # What fills up the rows of a stored matrix stays zero: products read it.
    assert np.count_nonzero(model.values) == model.parameter_count


def test_random_search_forgets_the_weights_and_draws_them_as_the_initializer_does():
    search = make_one("random_search(scale=2)", strategies)
    models = [Sequential("Linear(400), ReLU, Linear(3)", (50,), seed=seed) for seed in (1, 2)]
    for model in models:
        search.propose(model, candidate_source(5, 9), 0.1)
    weight, bias = (models[0].parameters[f"0.{name}"].value for name in ("weight", "bias"))
    assert models[0].values.tobytes() == models[1].values.tobytes()
    assert weight.std() == pytest.approx(2 * (2 / 50) ** 0.5, rel=0.02)  # twice He's
    assert bias.std() == pytest.approx(2, rel=0.1)


# What they keep.


@every_search
@pytest.mark.parametrize("text", [RICH, "Flatten, Linear(8), Tanh, Linear(3), Softmax"])
def test_the_best_never_becomes_worse_and_is_what_the_weights_are(learn: Learn, strategy: str, text: str):
    learner = learn(strategy=strategy, model=text, init="normal(3)", loss="mse")
    best, kept = learner.evaluate(learner.dataset.train)[0], 0
    for _ in range(60):
        before = learner.model.values.tobytes()
        figures = learner.train_step(100)
        learner.end_epoch()
        loss, accuracy, count = learner.evaluate(learner.dataset.train)
        assert (figures.loss, figures.score, figures.samples) == (loss, pytest.approx(accuracy * count), 108)
        assert loss <= best
        assert (loss < best) == (before != learner.model.values.tobytes())
        kept += loss < best
        best = loss
    assert 0 < kept < 60


@every_search
def test_a_step_tells_what_changed_and_no_gradient(learn: Learn, strategy: str):
    learner = learn(strategy=strategy, init="normal(3)")
    step = learner._search_step
    assert step is not None
    for index in range(20):
        before = learner.model.values.copy()
        result = step.run(Batch(np.arange(3), 1, 0, index), None, 1.0, 0.0)
        change = np.linalg.norm(learner.model.values - before)
        assert np.sqrt(result.change_squares.sum()) == pytest.approx(change, rel=1e-5)
        assert np.sqrt(result.weight_squares.sum()) == pytest.approx(np.linalg.norm(before), rel=1e-5)
        figures = learner.train_step(100)
        learner.end_epoch()
        assert figures.norms.size == figures.update_ratios.size == 0


@every_search
@pytest.mark.parametrize(
    ("first", "candidates", "best"),
    [(1.0, [nan, 2.0, inf, 0.5, 0.5, nan], [1.0, 1.0, 1.0, 0.5, 0.5, 0.5]), (nan, [inf, 3.0, 4.0], [nan, 3.0, 3.0])],
)
def test_only_what_is_lower_and_finite_is_kept(strategy: str, first: float, candidates: list[float], best: list[float]):
    model = Sequential("Linear(3)", (2,))
    measured = iter([first, *candidates])
    step = SearchStep(model, CrossEntropy(), make_one(strategy, strategies), lambda: (next(measured), 1.0, 4))
    for number, (candidate, expected) in enumerate(zip(candidates, best, strict=True)):
        before = model.values.tobytes()
        result = step.run(Batch(np.arange(2), 0, 0, number), None, 1.0, 0.0)
        np.testing.assert_equal(result.loss, expected)
        assert (model.values.tobytes() != before) == (candidate in (0.5, 3.0) and candidates.index(candidate) == number)


@every_search
def test_every_step_of_an_epoch_tries_something_else(learn: Learn, strategy: str):
    learner, tried = learn(strategy=strategy), set()

    def measure() -> tuple[float, float, int]:
        tried.add(learner.model.values.tobytes())
        return float(len(tried)), 0.0, 108

    learner._search_step._measure = measure
    for _ in range(learner.steps_per_epoch):
        learner.train_step(3)
    assert learner.position.epoch == 0
    assert len(tried) == 1 + learner.steps_per_epoch


def test_another_loss_is_measured_anew_before_it_is_compared(learn: Learn):
    learner = learn(strategy="hill_climbing(scale=0.3)")
    for _ in range(30):
        learner.train_step(100)
        learner.end_epoch()
    learner.set("label_smoothing", 0.5)
    before = learner.evaluate(learner.dataset.train)[0]
    loss = learner.train_step(100).loss
    assert loss == learner.evaluate(learner.dataset.train)[0] <= before


def test_the_batch_says_how_long_an_epoch_is_and_no_more(learn: Learn):
    ends = []
    for batch_size in (5, 108):
        learner = learn(strategy="hill_climbing", batch_size=batch_size)
        for _ in range(4):
            learner.train_step(9)
            learner.end_epoch()
        ends.append((learner.model.values.tobytes(), learner.epoch))
    assert ends[0][0] == ends[1][0]
    assert [epoch for _, epoch in ends] == [pytest.approx(20 / 108), 4]


# As a part of a run.


@every_search
def test_the_same_seed_gives_the_same_search_whatever_the_threads(train: Train, strategy: str):
    first, second, other = (
        train(strategy=strategy, seed=seed, threads=threads) for seed, threads in ((7, 1), (7, 2), (8, 1))
    )
    assert first.weights == second.weights != other.weights


@every_search
def test_a_search_has_its_own_hyperparameters(train: Train, strategy: str):
    run = train(
        c.StepHyperparameter("scale", +1),
        c.SetHyperparameter("learning_rate", 1),
        c.Stop(),
        strategy=strategy,
        paused=True,
    )
    names = [item.name for item in run.the(e.RunStarted).hyperparameters]
    assert names == ["scale", "batch_size", "label_smoothing"]
    changed = run.the(e.HyperparameterChanged)
    assert changed.hyperparameter.value == pytest.approx({"random_search": 2, "hill_climbing": 0.1}[strategy])
    assert "unknown hyperparameter 'learning_rate'" in run.the(e.CommandRefused).reason


@every_search
def test_the_summary_counts_what_a_search_looked_at(train: Train, strategy: str):
    summary = train(strategy=strategy).the(e.RunEnded).summary
    assert (summary["strategy"], summary["optimizer"], summary["steps"]) == (strategy, None, 18)
    assert summary["samples"] == 18 * 108
    assert summary["verdicts"] == []
    assert summary["train_loss"] > 0


@every_search
def test_a_search_runs_without_compiled_code(learn: Learn, strategy: str, monkeypatch: pytest.MonkeyPatch):
    compiled, plain = learn(strategy=strategy), learn(strategy=strategy)
    monkeypatch.setattr(plain, "not_compiled", "a layer")
    for learner in (compiled, plain):
        assert (learner.phases == []) == (learner is plain)
        for _ in range(10):
            learner.train_step(9)
            learner.end_epoch()
    np.testing.assert_allclose(compiled.model.values, plain.model.values, rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"strategy": "random"}, "unknown strategy 'random'; known: gradient, hill_climbing, random_search"),
        ({"strategy": "hill_climbing(scale=-1)"}, "--strategy hill_climbing(scale=-1): must be a number from 1e-06"),
        (
            {"strategy": "hill_climbing(speed=1)"},
            "unexpected keyword argument 'speed'; write hill_climbing(scale=0.05)",
        ),
        ({"strategy": "random_search", "lr": 0.1}, "--lr 0.1: unknown hyperparameter 'learning_rate'"),
        ({"strategy": "random_search", "clip_norm": 1.0}, "--clip-norm 1: unknown hyperparameter 'clip_norm'"),
        ({"strategy": "random_search", "augment": "affine"}, "--augment affine: random_search compares weights"),
        ({"strategy": "gradient", "set": {"scale": 1}}, "unknown hyperparameter 'scale'"),
    ],
)
def test_a_mistake_is_one_line(learn: Learn, options: dict[str, Any], words: str):
    with pytest.raises(UserError) as caught:
        learn(**options)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_the_data_of_a_batch_does_not_matter(learn: Learn):
    ends = []
    for chosen in (np.arange(3), np.array([9, 1])):
        learner = learn(strategy="hill_climbing")
        step = learner._search_step
        assert step is not None
        step.run(Batch(chosen, 1, 5, 2), None, 1.0, 0.0)
        ends.append(learner.model.values.tobytes())
    assert ends[0] == ends[1]
