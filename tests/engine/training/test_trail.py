"""What is kept to go back to: where, how much, and what goes first."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training import trail as trail_module
from engine.training.checkpoint import load_checkpoint
from engine.training.trail import LEAST, MOST, Point, Trail

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


def test_a_change_after_the_end_is_undone_at_the_end(train: Train):
    run = train(c.SetOptimizer("sgd"), c.Undo(), linger=True, rewindable=True)
    assert [event.reason for event in run.of(e.RunEnded)] == ["done", "done"]
    assert isinstance(run.events[-1], e.RunEnded)


def test_going_back_takes_the_epochs_back_that_were_added(train: Train):
    run = train(
        c.RunSteps(3), c.SetOptimizer("sgd"), c.Resume(), c.RunEpoch(), c.Undo(), c.Resume(),
        paused=True, linger=True, rewindable=True, epochs=3,
    )  # fmt: skip
    assert run.the(e.RunRewound).epochs == 3
    assert [event.step for event in run.of(e.RunEnded)] == [18, 24, 18]


def test_what_was_best_is_forgotten_with_the_epoch_that_it_was_in(train: Train):
    change = c.SetSchedule("cosine")
    run = train(
        c.RunSteps(3), change, c.RunSteps(15), c.Undo(), change, c.RunSteps(15),
        paused=True, linger=True, rewindable=True, epochs=9,
    )  # fmt: skip
    best = [event.step for event in run.of(e.CheckpointSaved) if event.kind == "best"]
    assert best[: len(best) // 2] == best[len(best) // 2 :] != []


@pytest.mark.parametrize("first", [c.RunSteps(6), c.RunEpoch()])
def test_going_back_while_it_runs_it_goes_on_to_its_end_whatever_was_asked_for_before(train: Train, first: Any):
    run = train(first, react=at({5: [c.Rewind(0)]}), paused=True, linger=True, rewindable=True, epochs=3)
    assert [(event.step, event.reason) for event in run.of(e.RunEnded)] == [(18, "done")]
    assert len(run.of(e.RunPaused)) == 1  # before the first step


def test_a_run_that_diverged_and_was_taken_back_has_not_failed(train: Train):
    run = train(
        c.RunSteps(8), c.SetHyperparameter("learning_rate", 1000.0), c.Resume(), c.Undo(), c.Detach(),
        paused=True, linger=True, rewindable=True, optimizer="sgd", loss="mse", epochs=4,
        model="Flatten, Linear(8), Linear(8), Linear(3)",
    )  # fmt: skip
    assert [bool(event.reason) for event in run.of(e.RunPaused)].count(True) == 1
    ended = run.the(e.RunEnded)
    assert (ended.reason, ended.message) == ("stopped", "")


def test_the_diagnosis_remembers_what_it_did_at_that_step(train: Train, tmp_path: Path):
    found = []
    for name, commands in (("plain", (c.RunSteps(50),)), ("back", (c.RunSteps(70), c.Rewind(55)))):
        path = tmp_path / name / "run.safetensors"
        train(*commands, c.SaveCheckpoint(), paused=True, linger=True, rewindable=True, epochs=20, checkpoint=path)
        training = load_checkpoint(path.with_name("run-step50.safetensors")).training
        assert training is not None
        found.append(training.health)
    assert found[0] == found[1]
    assert len(found[0].epochs) == 8


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
        c.RunSteps(3), c.SetOptimizer("sgd"), c.Undo(), c.Undo(), c.Resume(),
        paused=True, linger=True, rewindable=True, react=spoil,
    )  # fmt: skip
    damaged, none = (event.reason for event in run.of(e.CommandRefused))
    assert "step-000000003.safetensors: not a readable safetensors file" in damaged
    assert none == "there is no change to undo"
    assert run.of(e.RunEnded)[-1].step == 18


def test_a_full_disk_is_told_and_the_change_is_made(train: Train, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "run.steps").write_text("no folder")
    run = train(c.RunSteps(3), c.SetOptimizer("sgd"), paused=True, linger=True, rewindable=True)
    assert run.of(e.NetworkChanged)[0].after == "sgd"
    assert all("cannot be written" in event.reason for event in run.of(e.CheckpointFailed))
    assert run.of(e.CheckpointFailed)


class Walk:
    """A trail of packed numbers, beside what it must hold: the plainest account of the same commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trail = Trail(folder)
        self.learner: Any = SimpleNamespace(position=SimpleNamespace(step=0), added=[])
        self.version = 0
        """What a checkpoint holds: another one after each step and change."""
        self.held: dict[int, int] = {}
        """What the checkpoint of each step has held."""
        self.changes: list[int] = []
        """Steps of the checkpoints to go back to, the latest last."""
        self.latest = ("", 0, -1)
        self.next = 0

    @property
    def step(self) -> int:
        return int(self.learner.position.step)

    def walk(self, steps: int) -> None:
        for _ in range(steps):
            assert self.trail.due(self.step) == (self.step >= self.next)
            if self.step >= self.next:
                self.held.setdefault(self.step, self.version)
                self.trail.keep(self.learner, *NOTHING)
                self.next = self.step + max(trail_module.APART, self.step // trail_module.GROWTH)
            self.learner.position.step += 1
            self.version += 1

    def change(self, what: str, within: int) -> None:
        name, last, first = self.latest
        continued = name == what and self.step <= last + within and first in self.changes
        kept = self.trail.before_change(self.learner, *NOTHING, what, within)
        if not continued:
            self.held.setdefault(self.step, self.version)
            if self.step not in self.changes:
                self.changes.append(self.step)
        self.latest = (what, self.step, first if continued else self.step)
        self.version += 1
        kept()

    def go_back(self, point: Point) -> None:
        self.trail.cut(point)
        self.learner.position.step, self.version = point.step, self.held[point.step]
        self.held = {step: version for step, version in self.held.items() if step <= point.step}
        self.changes = [step for step in self.changes if step < point.step]
        self.latest = ("", 0, -1)
        self.next = point.step + max(trail_module.APART, point.step // trail_module.GROWTH)

    def undo(self, *, damaged: bool) -> None:
        if not self.changes:
            with pytest.raises(UserError, match="no change to undo"):
                self.trail.latest_change()
            return
        point = self.trail.latest_change()
        assert point.step == self.changes[-1]
        if damaged:
            self.trail.drop(point)
            point.path.unlink()
            del self.held[self.changes.pop()]
        else:
            self.go_back(point)

    def rewind(self, to: int) -> None:
        reached = [point.step for point in self.trail.points if point.step <= to]
        if not reached:
            with pytest.raises(UserError, match="no checkpoint as early"):
                self.trail.at_or_before(to)
            return
        point = self.trail.at_or_before(to)
        assert point.step == max(reached)
        self.go_back(point)

    def check(self) -> None:
        """What is kept is on disk, as it was, in order, and no more of it than may be."""
        points = self.trail.points
        assert [point.step for point in points] == sorted({point.step for point in points})
        assert [point.step for point in points if point.changed] == self.changes
        files = {path: int(path.read_bytes()) for path in self.folder.glob("*")}
        assert files == {point.path: self.held[point.step] for point in points}


NOTHING: Any = (None, None)
KINDS, WITHIN = st.sampled_from(["rate", "freeze"]), st.sampled_from([0, 3])
ACTS = st.one_of(
    st.integers(1, 12).map(lambda count: lambda walk: walk.walk(count)),
    st.tuples(KINDS, WITHIN).map(lambda about: lambda walk: walk.change(*about)),
    st.tuples(KINDS, WITHIN).map(lambda about: lambda walk: walk.change(*about)),
    st.booleans().map(lambda often: lambda walk: walk.undo(damaged=often)),
    st.integers(0, 60).map(lambda step: lambda walk: walk.rewind(step)),
)


@settings(max_examples=200)
@given(st.lists(ACTS, min_size=5, max_size=40))
def test_a_trail_holds_what_was_before_each_change_and_undo_finds_it(acts: list[Callable[[Walk], None]]):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        walk = Walk(Path(folder))
        patch.setattr(trail_module, "APART", 4)
        patch.setattr(trail_module, "GROWTH", 2)
        patch.setattr(trail_module, "MOST", 1000)
        patch.setattr(trail_module, "pack", lambda *_: str(walk.version).encode())
        walk.walk(1)
        for act in acts:
            act(walk)
            walk.check()
        walk.trail.close()
        left = {path.name for path in Path(folder).glob("*")}
        assert left == {f"step-{step:09}.safetensors" for step in walk.changes}
        Path(folder).mkdir(exist_ok=True)  # it goes with the last of them


def test_checkpoints_of_another_run_of_that_name_go(tmp_path: Path):
    (tmp_path / "step-000000007.safetensors").write_bytes(b"old")
    Trail(tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_could_not_be_written_is_no_point_to_go_back_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trail_module, "pack", lambda *_: b"")
    walk = Walk(tmp_path / "steps")
    (tmp_path / "steps").write_text("no folder")
    with pytest.raises(UserError, match="cannot be written"):
        walk.trail.keep(walk.learner, *NOTHING)
    with pytest.raises(UserError, match="cannot be written"):
        walk.trail.before_change(walk.learner, *NOTHING, "rate", 3)()
    assert walk.trail.points == []


@given(changes=st.sets(st.integers(0, 500).map(lambda ten: 10 * ten), max_size=60), size=st.sampled_from([1, 10, 40]))
def test_room_is_bounded_and_used_and_changes_outlive_the_rest(changes: set[int], size: int):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(trail_module, "MOST_BYTES", 400)
        patch.setattr(trail_module, "pack", lambda *_: bytes(size))
        walk = Walk(Path(folder))
        trail, most = walk.trail, min(MOST, max(LEAST, 400 // size))
        for step in range(0, 5001, 10):
            walk.learner.position.step, before = step, list(trail.points)
            if step in changes:
                trail.before_change(walk.learner, *NOTHING, f"change {step}", 0)()
            elif trail.due(step):
                trail.keep(walk.learner, *NOTHING)
            gone = [point for point in before if point not in trail.points]
            assert len(trail.points) == min(most, len(before) + (trail.points[-1].step == step))
            for point in gone:
                assert not point.changed or all(each.changed for each in before[1:])
        assert trail.points[0].step == 0
        assert {path.name for path in Path(folder).iterdir()} == {point.path.name for point in trail.points}
        gaps = [after.step - before.step for before, after in pairwise(trail.points)]
        assert changes or size > 1 or max(gaps) <= 5000 / 5
