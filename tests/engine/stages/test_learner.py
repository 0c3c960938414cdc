"""What a learner compiles, what it leaves to NumPy, and that it learns the same by either."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.datasets import Dataset
from engine.expressions import make_one
from engine.kernels import updates
from engine.layers import Layer, layers
from engine.layers.softmax import Softmax
from engine.optimizers import optimizers
from engine.optimizers.adam import Adam
from engine.plain_step import PlainStep
from engine.stages.lowering import STAGES
from engine.stages.step import CompiledStep, missing
from engine.stages.update import PHASES, update_phase
from engine.training.learner import Learner

Learn = Callable[..., Learner]

WITHOUT_STAGE: set[str] = set()
"""Layers that train in NumPy alone, each with its reason."""

MODEL = "Conv2d(4, 3, padding=1), ReLU, MaxPool2d(2), Flatten, Linear(12), BatchNorm1d, ReLU, Dropout(0.2), Linear(3)"


def test_every_layer_has_a_stage():
    lowered = {name for name in layers.names() if layers[name] in STAGES}
    assert set(layers.names()) - lowered == WITHOUT_STAGE
    assert set(STAGES) == {layers[name] for name in lowered}


@pytest.mark.parametrize("name", optimizers.names())
def test_every_optimizer_has_an_update(name: str):
    assert update_phase(make_one(name, optimizers)) is not None


@pytest.mark.parametrize(
    "model",
    [
        "Flatten, Linear(3), Softmax",
        "Flatten, Softmax, Linear(3)",
        "Flatten, Linear(3), Residual(Linear(3), Residual(Softmax))",
    ],
)
def test_a_layer_without_a_stage_trains_in_numpy(
    learn: Learn, tiny_data: Dataset, model: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delitem(STAGES, Softmax)
    learner = learn(model=model, loss="mse")
    before = learner.evaluate(tiny_data.test)[0]
    for _ in range(60):
        learner.train_step(20)
        learner.end_epoch()
    assert learner.not_compiled == "Softmax"
    assert isinstance(learner._step(20), PlainStep)
    assert learner.phases == []
    assert learner.evaluate(tiny_data.test)[0] < before
    learner.close()


def test_a_rule_of_its_own_is_not_taken_for_its_parents():
    class Halting(Adam):
        rule = updates.sgd

    class Standing(Adam):
        rule = staticmethod(lambda *arguments: (0.0, 0.0))

    assert update_phase(Halting()) is PHASES[updates.sgd]
    assert update_phase(Standing()) is None


class Doubling(Layer):
    """A layer that nobody has lowered."""

    def forward(self, x: np.ndarray, *, training: bool) -> Any:
        return 2 * x, lambda dy: 2 * dy


def test_what_is_missing_is_named(network: Callable[..., Any]):
    whole = network("Flatten, Linear(3)", (1, 2, 2))
    assert missing(whole.model, whole.optimizer) == ""
    whole.model.layers.insert(1, Doubling())
    assert missing(whole.model, whole.optimizer) == "Doubling"


@pytest.mark.parametrize(
    "settings",
    [{"model": MODEL}, {"augment": "affine", "loss": "mse"}, {"optimizer": "sgd", "augment": "elastic"}],
)
def test_the_phases_are_all_that_runs(
    learn: Learn, tiny_data: Dataset, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    learner = learn(**settings)
    phases = learner.phases
    assert len({phase.__name__ for phase in phases}) == len(phases)
    ran: set[Any] = set()
    crew = learner.crew
    original = crew.run
    monkeypatch.setattr(crew, "run", lambda job: (ran.update(job.phases), original(job)))
    for _ in range(8):
        learner.train_steps(3, 3)
        learner.end_epoch()
    learner.evaluate(tiny_data.train)
    assert ran == set(phases)
    assert learner.not_compiled == ""
    learner.close()


def figures_of(learner: Learner, sizes: list[int]) -> list[tuple[float, int]]:
    found = []
    for size in sizes:
        learner.set("batch_size", size)
        figures = learner.train_step(10)
        assert figures.samples == min(size, len(learner.dataset.train) - learner.position.sample + figures.samples)
        found.append((figures.loss, figures.score))
        learner.end_epoch()
    return found


SIZES = [20, 20, 20, 7, 7, 20, 20, 108, 40, 40, 40, 40, 1, 2, 30]


@pytest.mark.parametrize("augment", ["none", "elastic"])
def test_learning_is_the_same_compiled_and_plain(learn: Learn, tiny_data: Dataset, augment: str):
    ours, theirs = (learn(model=MODEL, augment=augment, optimizer="sgd(learning_rate=0.02)") for _ in range(2))
    theirs.not_compiled = "whatever"
    found, expected = (figures_of(learner, SIZES) for learner in (ours, theirs))
    assert isinstance(ours._step(30), CompiledStep)
    assert isinstance(theirs._step(30), PlainStep)
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    for split in (tiny_data.train, tiny_data.test):
        np.testing.assert_allclose(ours.evaluate(split), theirs.evaluate(split), rtol=1e-3)
    ours.close()


def test_learning_is_the_same_with_any_number_of_threads(learn: Learn):
    found = []
    for threads in (1, 2, 4):
        learner = learn(model=MODEL, augment="affine")
        learner.threads = threads
        found.append((figures_of(learner, SIZES), learner.model.values.tobytes()))
        learner.close()
    assert found[0] == found[1] == found[2]


def test_buffers_of_batch_sizes_long_past_are_let_go(learn: Learn):
    learner = learn()
    figures_of(learner, [20, 7, 30, 5, 40])
    assert len(learner._steps) == 2
    learner.close()


def test_going_on_after_closing_is_as_if_nobody_had_closed(learn: Learn):
    left, closed = learn(model=MODEL), learn(model=MODEL)
    for _ in range(4):
        left.train_step(3)
        closed.train_step(3)
        closed.close()
    assert left.model.values.tobytes() == closed.model.values.tobytes()
    left.close()
    left.close()


@pytest.mark.parametrize("count", [1, 62, 63, 250, 251, 600])
def test_any_number_of_samples_is_predicted(learn: Learn, tiny_data: Dataset, count: int):
    learner = learn(model=MODEL)
    x = np.resize(tiny_data.train.x, (count, *tiny_data.input_shape))
    chosen, probabilities = learner.predict(x)
    expected, _ = learner.model.forward(x, training=False)
    np.testing.assert_array_equal(chosen, expected.argmax(axis=1))
    np.testing.assert_allclose(probabilities, learner.loss.probabilities(expected), rtol=0, atol=1e-5)
    learner.close()


def test_predictions_stay_when_others_are_made(learn: Learn, tiny_data: Dataset):
    for loss in ("cross_entropy", "mse", "bce"):
        learner = learn(model=MODEL, loss=loss)
        kept = learner.predict(tiny_data.train.x[:100])
        first = [array.copy() for array in kept]
        learner.predict(tiny_data.train.x[8:108])
        for before, after in zip(first, kept, strict=True):
            np.testing.assert_array_equal(before, after)
        learner.close()
