"""What is kept to go back to: where, how much, and what goes first."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training import commands as c
from engine.training import events as e
from engine.training import trail as trail_module
from engine.training.checkpoint import load_checkpoint
from engine.training.trail import LEAST, MOST, Point, Trail, _spare

Train = Callable[..., Any]
RATE = c.StepHyperparameter("learning_rate", 1)


def steps(folder: Path) -> list[int]:
    return sorted(int(path.stem.partition("-")[2]) for path in folder.glob("step-*.safetensors"))


def at(given: dict[int, list[c.AnyCommand]]) -> Callable[[Any], c.AnyCommand | None]:
    """Commands by the step after which they come; of several, one a report."""
    return lambda event: given[event.step].pop(0) if isinstance(event, e.StepsEnded) and given.get(event.step) else None


def test_checkpoints_lie_along_the_run_and_go_with_it(train: Train, tmp_path: Path):
    seen: list[list[int]] = []

    def look(event: Any) -> None:
        if isinstance(event, e.Evaluated):
            seen.append(steps(tmp_path / "run.steps"))

    run = train(react=look, rewindable=True, epochs=100)
    assert seen[-1] == [*range(0, 551, 50)]
    assert not (tmp_path / "run.steps").exists()
    assert run.trainer.step == 600


def test_a_run_without_a_trail_says_so(train: Train, tmp_path: Path):
    run = train(c.Undo(), c.Rewind(0), paused=True, linger=True)
    assert ["keeps no checkpoints" in event.reason for event in run.of(e.CommandRefused)] == [True, True]
    assert not (tmp_path / "run.steps").exists()


def test_a_checkpoint_of_the_state_before_precedes_each_change_and_outlives_the_run(train: Train, tmp_path: Path):
    given = at({7: [c.SetActivation("1", "Tanh")], 20: [c.Freeze("1")], 33: [c.SetOptimizer("sgd")]})
    train(react=given, rewindable=True, epochs=12)
    assert steps(tmp_path / "run.steps") == [7, 20, 33]
    files = [load_checkpoint(tmp_path / "run.steps" / f"step-{step:09}.safetensors") for step in (7, 20, 33)]
    assert [(file.config.model, file.config.optimizer, file.training and file.training.frozen) for file in files] == [
        ("Flatten, Linear(8), ReLU, Linear(3)", "adam", []),
        ("Flatten, Linear(8), Tanh, Linear(3)", "adam", []),
        ("Flatten, Linear(8), Tanh, Linear(3)", "adam", ["1.weight", "1.bias"]),
    ]


def test_a_key_that_is_held_down_is_one_change(train: Train, tmp_path: Path):
    held = {step: [RATE] for step in range(5, 15)}
    run = train(react=at({**held, 40: [c.Undo()]}), rewindable=True, epochs=9)
    rates = [event.hyperparameter.value for event in run.of(e.HyperparameterChanged)]
    assert len(rates) == 10
    assert [(event.step, event.from_step) for event in run.of(e.RunRewound)] == [(5, 40)]
    assert run.learner.hyperparameter("learning_rate").value == 1e-3


def test_slowed_down_the_same_presses_are_as_many_changes(train: Train):
    """At a second an epoch of six steps, half a second is three steps."""
    presses = [(5, RATE), (2, RATE), (5, RATE), (4, RATE)]
    slowly = [each for count, press in presses for each in (c.SetPace(0), c.RunSteps(count), c.SetPace(1), press)]
    run = train(*slowly, *[c.Undo()] * 4, rewindable=True, epochs=9, linger=True, paused=True)
    assert [event.step for event in run.of(e.RunRewound)] == [16, 12, 5]


def test_changes_of_one_step_are_taken_back_together_and_further_back_one_by_one(train: Train):
    run = train(
        c.RunSteps(3), RATE, c.RunSteps(4), c.SetActivation("1", "Tanh"), c.Freeze("1"),
        c.RunSteps(5), c.SetSchedule("cosine"), c.Undo(), c.Undo(), c.Undo(), c.Undo(),
        paused=True, linger=True, rewindable=True, epochs=9,
    )  # fmt: skip
    told = run.of(e.RunRewound)
    assert [(event.step, event.from_step, event.undone) for event in told] == [
        (12, 12, True),
        (7, 12, True),
        (3, 7, True),
    ]
    assert [layer.activation for layer in told[0].layers] == ["Tanh", ""]
    assert [layer.activation for layer in told[1].layers] == ["ReLU", ""]
    assert not told[1].layers[0].frozen
    assert run.the(e.CommandRefused).reason == "there is no change to undo"


def test_what_was_refused_is_no_change(train: Train):
    run = train(
        c.RunSteps(3), c.SetActivation("1", "Rilu"), c.SetHyperparameter("batch_size", 10_000.0), c.Undo(),
        paused=True, linger=True, rewindable=True,
    )  # fmt: skip
    assert len(run.of(e.CommandRefused)) == 3


def test_rewinding_goes_to_the_latest_checkpoint_before_and_the_run_goes_on_from_there(train: Train):
    plain = train(epochs=20)
    back = train(react=at({110: [c.Rewind(99)]}), rewindable=True, epochs=20)
    (told,) = back.of(e.RunRewound)
    assert (told.step, told.from_step, told.undone, told.epochs) == (50, 110, False, 20)
    assert back.weights == plain.weights
    ended = [run.the(e.RunEnded).summary for run in (plain, back)]
    assert ended[0]["validation_loss"] == ended[1]["validation_loss"]
    assert ended[1]["steps"] == 120


def test_an_ended_run_can_go_back_and_ends_again(train: Train):
    run = train(
        c.Rewind(10**9), c.Resume(), c.Rewind(-1), rewindable=True, linger=True, epochs=10,
    )  # fmt: skip
    assert [event.step for event in run.of(e.RunEnded)] == [60, 60]
    assert run.the(e.RunRewound).step == 50
    assert "no checkpoint as early as that; the first one is of step 0" in run.the(e.CommandRefused).reason


def test_a_restart_begins_another_trail(train: Train, tmp_path: Path):
    run = train(
        c.RunSteps(3), RATE, c.Restart(), c.Pause(), c.Undo(), paused=True, linger=True, rewindable=True,
        react=lambda event: c.Pause() if isinstance(event, e.RunStarted) else None,
    )  # fmt: skip
    assert run.the(e.CommandRefused).reason == "there is no change to undo"
    assert steps(tmp_path / "run.steps") == [3]


def test_going_back_clears_what_the_doctor_said(train: Train):
    dead = {"model": "Flatten, Linear(8), ReLU, Linear(8), ReLU, Linear(3)", "init": "zeros", "epochs": 60, "lr": 1e-8}
    run = train(react=at({300: [c.Rewind(100)]}), rewindable=True, **dead)
    raised = [(event.verdict.rule, event.verdict.layer) for event in run.of(e.VerdictRaised) if event.step <= 300]
    back = next(place for place, event in enumerate(run.events) if isinstance(event, e.RunRewound))
    cleared = [event for event in run.events[:back] if isinstance(event, e.VerdictCleared)]
    assert raised
    assert {(event.verdict.rule, event.verdict.layer) for event in cleared} == set(raised)
    again = [event.verdict.rule for event in run.events[back:] if isinstance(event, e.VerdictRaised)]
    assert set(again) == {rule for rule, _ in raised}


def test_a_checkpoint_that_cannot_be_read_is_named_and_the_run_goes_on(train: Train, tmp_path: Path):
    def spoil(event: Any) -> None:
        if isinstance(event, e.NetworkChanged):
            (tmp_path / "run.steps" / f"step-{event.step:09}.safetensors").write_bytes(b"nothing")

    run = train(
        c.RunSteps(3), c.SetOptimizer("sgd"), c.Undo(), c.Resume(),
        paused=True, linger=True, rewindable=True, react=spoil,
    )  # fmt: skip
    assert "step-000000003.safetensors: not a readable safetensors file" in run.the(e.CommandRefused).reason
    assert run.of(e.RunEnded)[-1].step == 18


def test_a_full_disk_is_told_and_the_change_is_made(train: Train, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "run.steps").write_text("no folder")
    run = train(c.RunSteps(3), c.SetOptimizer("sgd"), paused=True, linger=True, rewindable=True)
    assert run.of(e.NetworkChanged)[0].after == "sgd"
    assert all("cannot be written" in event.reason for event in run.of(e.CheckpointFailed))
    assert run.of(e.CheckpointFailed)


@given(
    changes=st.sets(st.integers(0, 5000), max_size=60),
    size=st.sampled_from([1, 10, 40]),
)
def test_room_is_bounded_and_changes_outlive_the_rest(changes: set[int], size: int):
    points: list[Point] = []
    regular = Trail(Path("nowhere"))
    bound = 400
    for step in range(0, 5001, 10):
        if step in changes or regular.due(step):
            regular._next = step + max(trail_module.APART, step // trail_module.GROWTH)
            points.append(Point(step, Path("nowhere"), size, "x" if step in changes else ""))
        while len(points) > LEAST and (len(points) > MOST or sum(point.size for point in points) > bound):
            spare = _spare(points)
            assert spare not in (points[0], points[-1])
            assert not spare.changed or all(point.changed for point in points[1:-1])
            points.remove(spare)
    assert points[0].step == 0
    assert len(points) <= MOST
    assert sum(point.size for point in points) <= max(bound, LEAST * size)
    gaps = [after.step - before.step for before, after in pairwise(points)]
    assert changes or size > 1 or max(gaps) <= 5000 / 5
