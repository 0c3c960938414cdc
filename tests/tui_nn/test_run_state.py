from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, get_args

import msgspec
import numpy as np
import pytest

from engine.health.verdict import Verdict
from engine.hyperparameters import Hyperparameter
from engine.training import commands as c
from engine.training import events as e
from tui_nn.run_state import MARKS, WINDOW, RunBefore, RunState

Make = Callable[..., Any]


def test_before_the_first_event_nothing_is_known():
    run = RunState()
    assert (run.phase, run.started, run.seconds_left, run.summary) == ("preparing", None, None, {})


def test_a_run_starts_where_its_event_says(make_started: Make):
    run = RunState()
    run.apply(make_started(step=40, epoch=0.4, epochs=7, notices=("One.", "Two.")))
    assert (run.phase, run.step, run.epoch, run.epochs) == ("running", 40, 0.4, 7)
    assert list(run.hyperparameters) == ["learning_rate", "weight_decay", "batch_size"]
    assert run.message == "One. Two."


def test_steps_become_series(run: RunState, make_steps: Make):
    run.apply(make_steps(10, 2.0, accuracy=0.25, learning_rate=0.05))
    run.apply(make_steps(20, 1.0, accuracy=0.5))
    assert (run.step, run.epoch) == (20, 0.2)
    assert run.train_loss.step.tolist() == [10, 20]
    assert run.train_loss.mean.tolist() == [2.0, 1.0]
    assert run.train_loss.low.tolist() == [1.0, 0.5]
    assert run.train_loss.high.tolist() == [3.0, 1.5]
    assert run.train_accuracy.mean.tolist() == [0.25, 0.5]
    assert [norm.mean for norm in run.gradient_norms[-1]] == [0.2, 0.4]
    assert run.learning_rate == 0.1


def test_the_speed_is_a_mean_over_about_a_second(run: RunState, make_steps: Make):
    run.apply(make_steps(10, samples=100, seconds=0.1))
    assert (run.samples_per_second, run.steps_per_second) == (pytest.approx(1000), pytest.approx(100))
    run.apply(make_steps(20, samples=200, seconds=0.1))
    assert run.samples_per_second == pytest.approx(1000 + 0.1 * (2000 - 1000))
    run.apply(make_steps(30, samples=600, seconds=2.0))
    assert run.samples_per_second == pytest.approx(300)


def test_the_range_of_norms_covers_a_bounded_window(run: RunState, make_steps: Make):
    for step in range(1, WINDOW + 6):
        run.apply(make_steps(step, norms=(float(step), 1.0)))
    assert len(run.gradient_norms) == WINDOW
    assert run.gradient_norms[0][0].mean == 6.0


def test_only_validation_becomes_a_series(run: RunState):
    run.apply(e.Evaluated(5, 0.05, "validation", 1.5, 0.5, 400))
    run.apply(e.Evaluated(5, 0.05, "test", 9.0, 0.9, 400))
    run.apply(e.Evaluated(5, 0.05, "train", 9.0, 0.9, 400))
    assert run.validation_loss.mean.tolist() == [1.5]
    assert run.validation_accuracy.mean.tolist() == [0.5]
    assert len(run.train_loss) == 0


def test_the_end_of_an_epoch_is_marked(run: RunState):
    run.apply(e.EpochEnded(100, 1, 1.0, 0.5, 1.0, 0.5, 0.3))
    run.apply(e.EpochEnded(200, 2, 1.0, 0.5, 1.0, 0.5, 0.6))
    assert run.epoch_steps == [100, 200]
    assert run.epoch == 2


def changed(step: int, before: Hyperparameter, value: float) -> e.HyperparameterChanged:
    return e.HyperparameterChanged(step, msgspec.structs.replace(before, value=value), before.value)


def test_a_change_is_shown_told_and_marked_once_a_step(run: RunState):
    rate, batch = run.hyperparameters["learning_rate"], run.hyperparameters["batch_size"]
    run.apply(changed(30, rate, 0.05))
    run.apply(changed(30, batch, 64.0))
    run.apply(changed(31, batch, 128.0))
    assert run.hyperparameters["learning_rate"].value == 0.05
    assert run.hyperparameters["batch_size"].value == 128.0
    assert run.change_steps == [30, 31]
    assert "batch" in run.message
    assert run.message.endswith("128")


def test_what_happened_around_a_step_is_told(run: RunState, make_steps: Make):
    assert run.told_at(0, 5) == []
    rate, batch = run.hyperparameters["learning_rate"], run.hyperparameters["batch_size"]
    for event in (make_steps(100), make_steps(300), changed(200, rate, 0.05), changed(200, batch, 64.0)):
        run.apply(event)
    assert run.told_at(100, 5) == ["epoch 1.0"]
    assert run.told_at(200, 5) == ["epoch 2.0", "learning rate 0.1 to 0.05", "batch size 32 to 64"]
    assert run.told_at(190, 10)[1:] == run.told_at(200, 5)[1:]
    assert run.told_at(189, 10) == ["epoch 1.9"]


def test_the_changes_that_are_told_are_bounded_and_the_newest(run: RunState):
    rate = run.hyperparameters["learning_rate"]
    for step in range(MARKS + 5):
        run.apply(changed(step, rate, 0.05))
    assert list(run.changes) == list(range(5, MARKS + 5))


def network_changed(step: int, started: e.RunStarted, **changes: Any) -> e.NetworkChanged:
    about = (started.layers, started.hyperparameters, started.config)
    event = e.NetworkChanged(step, "optimizer", "", "adam", "sgd", *about)
    return msgspec.structs.replace(event, **changes)


def rewound(step: int, from_step: int, started: e.RunStarted, *, undone: bool = True) -> e.RunRewound:
    about = (started.layers, started.hyperparameters, started.config, started.train_count)
    return e.RunRewound(step, from_step, undone, step / 100, 10, *about)


def test_a_change_of_the_network_is_taken_over_marked_and_told(run: RunState, make_started: Make):
    layers = (e.LayerInfo("0", "Linear(8)", (8,), (8,), 100, "Tanh", frozen=True),)
    attempt, network = run.attempt, run.network
    run.apply(network_changed(7, make_started(), layers=layers, hyperparameters=make_started().hyperparameters[:1]))
    assert run.started.layers == layers
    assert list(run.hyperparameters) == ["learning_rate"]
    assert run.change_steps == [7]
    assert run.told_at(7, 0) == ["optimizer adam to sgd"]
    assert run.message == "optimizer changed from adam to sgd"
    assert list(run.story) == ["step 7: optimizer adam to sgd"]
    # The view of the curves stays, and what was seen of the weights does not.
    assert (run.attempt, run.network) == (attempt, network + 1)


def test_code_that_is_compiled_for_a_change_is_told_and_the_run_is_no_other(run: RunState):
    run.apply(e.PreparationAdvanced(1, 3, "compiling sgd update"))
    assert (run.phase, run.message) == ("running", "compiling sgd update, 2 of 3")


def test_going_back_makes_the_part_behind_the_run_before(run: RunState, make_started: Make, make_steps: Make):
    for step in range(10, 101, 10):
        run.apply(make_steps(step, float(step)))
    run.apply(e.Evaluated(50, 0.5, "validation", 1.5, 0.5, 400))
    run.apply(e.Evaluated(100, 1.0, "validation", 1.4, 0.5, 400))
    run.apply(e.EpochEnded(100, 1, 1.0, 0.5, 1.0, 0.5, 0.3))
    for step in (20, 60, 90):
        run.apply(changed(step, make_started().hyperparameters[0], 0.2))
    run.apply(e.RunEnded(100, "done", {"test_accuracy": 0.5}))
    attempt = run.attempt
    run.apply(rewound(60, 100, make_started()))
    assert run.train_loss.step.tolist() == [10, 20, 30, 40, 50, 60]
    assert run.validation_loss.step.tolist() == [50]
    # The branch begins where it left the curve.
    assert run.before.train_loss.step.tolist() == [60, 70, 80, 90, 100]
    assert run.before.validation_loss.step.tolist() == [50, 100]
    assert (run.step, run.epoch, run.epoch_steps, run.abandoned) == (60, 0.6, [], 100)
    assert run.change_steps == [20, 60]
    assert run.told_at(60, 0)[1:] == ["undone: back from step 100 to 60"]
    assert run.story[-1] == "step 60: undone: back from step 100 to 60"
    assert len(run.story) == 4
    assert (run.phase, run.summary, run.ending, run.attempt) == ("running", {}, "", attempt)
    run.apply(e.RunPaused(60))
    run.apply(make_steps(70, 3.0))
    assert (run.phase, run.train_loss.step[-1]) == ("paused", 70)
    run.apply(rewound(0, 70, make_started(), undone=False))
    assert len(run.train_loss) == 0
    assert run.before.train_loss.step.tolist() == [10, 20, 30, 40, 50, 60, 70]
    assert run.message == "rewound: back from step 70 to 0"


@pytest.mark.parametrize(("what", "kept"), [("activation", 0), ("weights", 0), ("optimizer", 1), ("frozen", 1)])
def test_norms_of_another_network_are_forgotten(
    run: RunState, make_started: Make, make_steps: Make, what: Any, kept: int
):
    run.apply(make_steps(10, update_ratios=(e.Range(1e-3, 1e-3, 1e-3),) * 2))
    run.apply(network_changed(10, make_started(), what=what))
    assert (len(run.gradient_norms), len(run.update_ratios)) == (kept, kept)
    assert len(run.gradient_norm) == len(run.update_ratio) == 1


def test_what_was_measured_after_a_change_goes_with_it(run: RunState, make_started: Make, make_steps: Make):
    for step in (10, 20):
        run.apply(make_steps(step))
        run.apply(e.Evaluated(step, step / 100, "validation", step / 10, 0.5, 400))
    run.apply(network_changed(20, make_started()))
    run.apply(e.Evaluated(20, 0.2, "validation", 9.0, 0.1, 400))
    assert run.validation_loss.mean.tolist() == [1.0, 2.0, 9.0]
    run.apply(make_steps(30))
    run.apply(rewound(20, 30, make_started()))
    assert run.validation_loss.mean.tolist() == [1.0, 2.0]
    assert run.validation_accuracy.mean.tolist() == [0.5, 0.5]
    assert run.before.validation_loss.mean.tolist() == [2.0, 9.0]


def test_a_restart_keeps_the_curves_of_the_run_before(run: RunState, make_started: Make, make_steps: Make):
    run.apply(make_steps(10, 2.0, update_ratios=(e.Range(1e-3, 1e-4, 1e-2),)))
    kept = {item.name: getattr(run, item.name) for item in fields(RunBefore)}
    run.apply(make_started())
    assert run.before is not None
    assert all(getattr(run.before, name) is history for name, history in kept.items())
    assert all(len(getattr(run, name)) == 0 for name in kept)


@pytest.mark.parametrize("norms", [((3.0, 4.0)), ((1.0, 2.0, 2.0))])
def test_the_norm_of_a_step_is_that_of_all_its_layers(run: RunState, make_steps: Make, norms: tuple[float, ...]):
    run.apply(make_steps(1, norms=norms))
    whole = np.linalg.norm(norms)
    assert [run.gradient_norm.mean[0], run.gradient_norm.low[0], run.gradient_norm.high[0]] == pytest.approx(
        [whole] * 3
    )


def test_pause_and_resume(run: RunState):
    run.apply(e.RunPaused(3, "the loss of step 4 is not finite"))
    assert (run.phase, run.trouble) == ("paused", "the loss of step 4 is not finite")
    run.apply(e.RunResumed(3))
    assert (run.phase, run.trouble, run.message) == ("running", "", "")


def test_the_pace_is_kept_and_the_old_speed_forgotten(run: RunState, make_steps: Make):
    run.apply(make_steps())
    run.apply(e.PaceChanged(2.0))
    assert (run.pace, run.samples_per_second, run.steps_per_second) == (2.0, 0.0, 0.0)
    assert "2 s" in run.message
    run.apply(e.PaceChanged(0.0))
    assert (run.pace, run.message) == (0.0, "full speed")


@pytest.mark.parametrize("event", [e.CommandRefused(1, "no such thing"), e.CheckpointFailed(1, "no such thing")])
def test_what_could_not_be_done_is_said_and_the_run_is_as_it_was(run: RunState, event: e.AnyEvent):
    run.apply(event)
    assert (run.message, run.phase, run.trouble) == ("no such thing", "running", "")


@pytest.mark.parametrize(("kind", "message"), [("asked", "saved x.safetensors"), ("best", ""), ("last", "")])
def test_a_checkpoint_is_told_when_it_was_asked_for(run: RunState, kind: Any, message: str):
    run.apply(e.CheckpointSaved(1, "x.safetensors", kind))
    assert run.message == message


def test_snapshots_are_kept(run: RunState):
    histogram = e.Histogram("0", -1.0, 1.0, (1, 2), 0, 0.0, 0.5)
    digit = e.DigitPredicted(3, 7, 1, 0, 1, 1, b"\0", (0.5, 0.5))
    run.apply(e.WeightsMeasured(3, (histogram,)))
    run.apply(digit)
    assert run.histograms == (histogram,)
    assert run.prediction is digit


def test_the_end_and_the_failure(run: RunState):
    run.apply(e.RunEnded(9, "failed", {"steps": 9}, "it diverged"))
    assert (run.phase, run.summary, run.trouble) == ("ended", {"steps": 9}, "it diverged")
    failure = e.RunFailed(9, "MemoryError: no room")
    run.apply(failure)
    assert (run.phase, run.failure, run.trouble) == ("failed", failure, "MemoryError: no room")


def test_preparation_is_followed():
    run, advanced = RunState(), e.PreparationAdvanced(2, 7, "compiling ReLU")
    run.apply(advanced)
    assert (run.phase, run.preparation) == ("preparing", advanced)


def test_a_download_that_failed_is_told_until_another_begins():
    run = RunState()
    run.apply(e.DownloadFailed("mnist", "no network", "mnist-5k"))
    assert (run.phase, run.trouble, run.failure) == ("failed", "no network", None)
    run.apply(e.DownloadAdvanced("mnist", 1, 2, 0.0, "example.org"))
    assert (run.phase, run.trouble) == ("preparing", "")
    run.apply(e.RunEnded(0, "stopped", {}, "ended early"))
    assert (run.phase, run.trouble) == ("failed", "ended early")


def test_a_restart_clears_all_but_the_pace(run: RunState, make_started: Make, make_steps: Make):
    rate = run.hyperparameters["learning_rate"]
    for event in (
        make_steps(),
        e.Evaluated(10, 0.1, "validation", 1.0, 0.5, 400),
        e.EpochEnded(100, 1, 1.0, 0.5, 1.0, 0.5, 0.3),
        changed(30, rate, 0.05),
        e.WeightsMeasured(3, (e.Histogram("0", -1.0, 1.0, (1, 2), 0, 0.0, 0.5),)),
        e.PaceChanged(2.0),
        e.RunEnded(9, "done", {"steps": 9}, "trouble"),
    ):
        run.apply(event)
    again = make_started(hyperparameters=(msgspec.structs.replace(rate, value=0.05),))
    run.apply(again)
    fresh = RunState(pace=2.0)
    fresh.apply(again)
    assert (run.phase, run.pace, run.step, run.summary, run.trouble) == ("running", 2.0, 0, {}, "")
    assert run.hyperparameters["learning_rate"].value == 0.05
    for name in ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "gradient_norms"):
        assert len(getattr(run, name)) == 0
    assert (run.epoch_steps, run.change_steps, run.histograms) == ([], [], ())


def test_two_runs_share_nothing(make_steps: Make, make_started: Make):
    one, other = RunState(), RunState()
    one.apply(make_started())
    one.apply(make_steps())
    assert len(other.train_loss) == 0
    assert len(other.gradient_norms) == 0


def test_seconds_left_at_the_present_speed(run: RunState, make_steps: Make):
    assert run.seconds_left is None
    run.apply(make_steps(250, epoch=2.5, samples=320, seconds=0.1))  # ten steps: 100 a second
    assert run.seconds_left == pytest.approx((10 - 2.5) * 100 / 100)
    run.apply(changed(250, run.hyperparameters["batch_size"], 64.0))
    assert run.seconds_left == pytest.approx((10 - 2.5) * 50 / 100)
    run.apply(e.RunPaused(250))
    assert run.seconds_left is None


def test_no_time_is_left_after_the_last_epoch(run: RunState, make_steps: Make):
    run.apply(make_steps(1010, epoch=10.1))
    assert run.seconds_left == 0.0


def test_every_kind_of_event_is_taken(make_started: Make, make_steps: Make, make_look: Make):
    examples = [
        e.DownloadAdvanced("mnist", 10, 20, 5.0, "example.org"),
        e.DownloadFailed("mnist", "no", "mnist-5k"),
        e.PreparationAdvanced(0, 1, "reading"),
        make_started(),
        make_steps(loss=np.nan),
        e.Evaluated(1, 0.1, "validation", np.nan, 0.5, 10, complete=False),
        e.EpochEnded(100, 1, 1.0, 0.5, 1.0, 0.5, 0.3),
        changed(1, make_started().hyperparameters[0], 0.2),
        network_changed(1, make_started()),
        rewound(1, 2, make_started()),
        e.PaceChanged(1.0),
        e.CommandRefused(1, "no"),
        e.RunPaused(1),
        e.RunResumed(1),
        e.CheckpointSaved(1, "x", "last"),
        e.CheckpointFailed(1, "no"),
        e.WeightsMeasured(1, ()),
        e.DigitPredicted(1, 0, 0, 0, 1, 1, b"\0", (1.0,)),
        e.DrawingPredicted(1, ()),
        e.SampleAdded(1, 0, 2, 3201),
        e.BoundaryMapped(1, 1, 1, (0.0, 1.0), (0.0, 1.0), b"\0\0", b"\0", "train", b"", b"", b"", 0.1),
        e.UnitsMapped(1, 0, 1, "Linear(1)", 0, 1, 1, 1, b"\0", (1.0,), 0.1),
        make_look(),
        e.ErrorsMeasured(1, "test", 0, b"\0\0\0\0", (0.0,), (0.0,), (), 0.0, 0, 0.1),
        e.SamplesPicked(1, "test", "cell", 0, 0, 0, 0, (), 0, 0, b"", (), 0.1),
        e.DigitVaried(1, c.AS_IT_IS, e.DigitPredicted(1, 0, 0, 0, 1, 1, b"\0", (1.0,)), (), 0.1),
        e.DigitExplained(1, 0, 0, 0, c.AS_IT_IS, 1, 1, b"\0", b"\0", 0.0, b"\0", 0.0, (), "", None, (), 0, 1, 0.1),
        e.VerdictRaised(1, Verdict("rule", "red", "", 1, 1.0, 0.5, "remedy")),
        e.VerdictCleared(1, Verdict("rule", "red", "", 1, 1.0, 0.5, "remedy")),
        e.RemedyApplied(1, "rule", "", "remedy"),
        e.RunEnded(1, "done", {}),
        e.RunFailed(1, "no"),
    ]
    assert {type(event) for event in examples} == set(get_args(e.AnyEvent))
    run = RunState()
    for event in examples:
        run.apply(event)
    assert np.isnan(run.train_loss.mean).all()
    assert replace(run).phase == "failed"


def test_snapshots_are_kept_by_layer_and_by_what_was_counted(run: RunState, make_look: Make, make_started: Make):
    histogram = e.Histogram("0", -1.0, 1.0, (1, 2), 0, 0.0, 1.0)
    run.apply(e.WeightsMeasured(1, (histogram, msgspec.structs.replace(histogram, layer="2"))))
    run.apply(make_look(step=5, gradients=None))
    run.apply(make_look(step=7))
    steps = {key: [item.step for item in history.columns(9)] for key, history in run.snapshots.items()}
    assert steps == {
        ("0", "weights"): [1, 5, 7],
        ("2", "weights"): [1],
        ("0", "gradients"): [7],
        ("0", "activations"): [5, 7],
    }
    run.apply(make_started())
    assert run.snapshots == {}
    assert run.layer is None


def test_the_largest_norm_of_each_layer_is_kept(run: RunState, make_steps: Make):
    run.apply(make_steps(10, gradient_norms=(e.Range(1.0, 0.5, 9.0), e.Range(2.0, 1.0, 3.0))))
    assert run.layer_norms.values.tolist() == [[9.0, 3.0]]
    assert run.layer_norms.steps.tolist() == [10]


def test_verdicts_stand_until_they_are_cleared(run: RunState):
    amber, red, other = (
        Verdict("exploding", "amber", "", 1, 2.0, 1.0, ""),
        Verdict("exploding", "red", "", 5, float("nan"), 1.0, ""),
        Verdict("vanishing", "red", "", 2, 0.0, 1.0, ""),
    )
    for event in (e.VerdictRaised(3, amber), e.VerdictRaised(4, other), e.VerdictCleared(5, amber)):
        run.apply(event)
    run.apply(e.VerdictRaised(5, red))
    assert run.verdicts == [other, red]
    run.apply(e.VerdictCleared(6, red))
    assert run.verdicts == [other]


def test_samples_that_were_added_count_for_the_time_left(run: RunState, make_steps: Callable[..., e.StepsEnded]):
    run.apply(make_steps(10))
    before = run.seconds_left
    run.apply(e.SampleAdded(10, 1, 2, 6400))
    assert run.message == "a sample of two added: from epoch 2 on 6,400 samples"
    assert list(run.story) == ["step 10: a sample of two added"]
    assert run.change_steps == [10]
    assert run.seconds_left == pytest.approx(2 * before)
