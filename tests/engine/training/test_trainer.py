from collections.abc import Callable
from itertools import pairwise
from math import inf, nan
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import msgspec
import numpy as np
import pytest

from engine import datasets
from engine.errors import UserError
from engine.health.doctor import Doctor
from engine.training import commands as c
from engine.training import events as e
from engine.training import trainer as trainer_module
from engine.training.checkpoint import load_checkpoint, resume_path
from engine.training.learner import Learner
from engine.training.trail import Trail
from engine.training.trainer import Trainer

Train = Callable[..., Any]

STEPS_PER_EPOCH, EPOCHS = 6, 3
STEPS = STEPS_PER_EPOCH * EPOCHS
DIVERGING = {"optimizer": "sgd", "lr": 1000.0, "loss": "mse", "model": "Flatten, Linear(8), Linear(8), Linear(3)"}


def at_step(step: int, *commands: c.AnyCommand) -> Callable[[Any], c.AnyCommand | None]:
    """Give the commands, one a step, from that step on."""
    given = iter(commands)
    return lambda event: next(given, None) if isinstance(event, e.StepsEnded) and event.step >= step else None


def kinds(run: Any) -> list[str]:
    names = [type(event).__name__ for event in run.events]
    return [name for name, before in zip(names, [None, *names], strict=False) if name != before]


def test_a_run_tells_its_story_in_order(train: Train, tmp_path: Path):
    run = train()
    epoch = ["StepsEnded", "Evaluated"] * STEPS_PER_EPOCH + ["EpochEnded"]
    told = [name for name in kinds(run) if name != "CheckpointSaved"]
    assert told == ["PreparationAdvanced", "RunStarted", "Evaluated", *epoch * EPOCHS, "Evaluated", "RunEnded"]
    started, ended = run.the(e.RunStarted), run.the(e.RunEnded)
    assert (started.step, started.epoch, started.epochs, started.steps_per_epoch) == (0, 0, EPOCHS, STEPS_PER_EPOCH)
    assert (started.train_count, started.validation_count, started.test_count) == (108, 12, 30)
    assert [(layer.name, layer.text, layer.output_shape) for layer in started.layers] == [
        ("1", "Linear(8)", (8,)),
        ("3", "Linear(3)", (3,)),
    ]
    assert (ended.step, ended.reason, ended.message) == (STEPS, "done", "")
    assert Path(ended.summary["checkpoint"]) == tmp_path / "run.safetensors"


def test_the_summary_holds_the_numbers_of_the_network(train: Train):
    run = train()
    summary, learner = run.the(e.RunEnded).summary, run.learner
    for name in ("train", "validation", "test"):
        loss, accuracy, _ = learner.evaluate(getattr(learner.dataset, name))
        assert (summary[f"{name}_loss"], summary[f"{name}_accuracy"]) == (loss, accuracy)
    assert (summary["epochs"], summary["steps"], summary["parameters"]) == (EPOCHS, STEPS, 25 * 8 + 8 + 8 * 3 + 3)
    share = summary["test_accuracy"]
    assert summary["test_standard_error"] == pytest.approx((share * (1 - share) / 30) ** 0.5)
    written = {name: None if value != value else value for name, value in summary.items()}  # JSON has no NaN
    assert msgspec.json.decode(msgspec.json.encode(summary)) == written


def test_steps_are_told_without_gap(train: Train):
    told = train().of(e.StepsEnded)
    assert [(event.first_step, event.step) for event in told] == [(step, step) for step in range(1, STEPS + 1)]
    assert sum(event.samples for event in told) == 108 * EPOCHS
    assert told[-1].epoch == EPOCHS


def test_rare_reports_cover_all_steps_and_keep_the_extremes(train: Train):
    often, seldom = train(batch_size=4), train(batch_size=4, report_interval_s=inf)
    steps, told = often.of(e.StepsEnded), seldom.of(e.StepsEnded)
    assert len(told) < len(steps) == 27 * EPOCHS
    assert told[0].first_step == 1
    assert told[-1].step == steps[-1].step
    assert all(after.first_step == before.step + 1 for before, after in pairwise(told))
    for event in told:
        covered = steps[event.first_step - 1 : event.step]
        losses = [step.loss.mean for step in covered]
        assert (event.loss.low, event.loss.high) == (min(losses), max(losses))
        assert event.loss.mean == pytest.approx(np.mean(losses))
        for name in ("gradient_norms", "update_ratios"):
            assert len(getattr(event, name)) == 2
            for layer, norms in enumerate(getattr(event, name)):
                singles = [getattr(step, name)[layer].mean for step in covered]
                assert (norms.low, norms.high) == (min(singles), max(singles))
                assert norms.mean == pytest.approx(np.mean(singles))
        assert event.samples == sum(step.samples for step in covered)
        assert event.accuracy == pytest.approx(sum(step.accuracy * step.samples for step in covered) / event.samples)
    assert often.weights == seldom.weights


def test_an_epochs_figures_are_the_means_of_its_steps(train: Train):
    run = train()
    for number, event in enumerate(run.of(e.EpochEnded)):
        steps = run.of(e.StepsEnded)[number * STEPS_PER_EPOCH : (number + 1) * STEPS_PER_EPOCH]
        assert event.epoch == number + 1
        assert event.step == steps[-1].step
        assert event.train_loss == pytest.approx(sum(step.loss.mean * step.samples for step in steps) / 108)
        assert event.train_accuracy == pytest.approx(sum(step.accuracy * step.samples for step in steps) / 108)
        evaluated = next(item for item in run.of(e.Evaluated) if item.step == event.step)
        assert (evaluated.split, evaluated.complete) == ("validation", True)
        assert (event.validation_loss, event.validation_accuracy) == (evaluated.loss, evaluated.accuracy)


def test_the_same_seed_gives_the_same_run(train: Train):
    first, second, other = train(seed=7), train(seed=7), train(seed=8)
    assert first.weights == second.weights != other.weights
    assert [event.loss for event in first.of(e.StepsEnded)] == [event.loss for event in second.of(e.StepsEnded)]


def without_nan(value: Any) -> Any:
    """The same with a word for NaN, which is not equal to itself."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    return "NaN" if value != value else value


def test_every_event_can_be_written_down_and_read_again(train: Train):
    script = [
        c.MeasureWeights(),
        c.PredictDigit(3),
        c.SetHyperparameter("learning_rate", 0.1),
        c.SetPace(0),
        c.SetPace(-1),
    ]
    run = train(*script, c.SaveCheckpoint(), c.RunSteps(2), c.Stop(), linger=True, paused=True)
    # MessagePack, which has NaN: a loss may be that, and what does not apply is.
    encode, decode = msgspec.msgpack.encode, msgspec.msgpack.Decoder(e.AnyEvent).decode
    assert {type(event) for event in run.events} >= {
        e.WeightsMeasured,
        e.DigitPredicted,
        e.CommandRefused,
        e.PaceChanged,
    }
    for event in run.events:
        assert type(decode(encode(event))) is type(event)
        assert without_nan(msgspec.to_builtins(decode(encode(event)))) == without_nan(msgspec.to_builtins(event))


def test_every_command_can_be_written_down_and_read_again():
    decode = msgspec.json.Decoder(c.AnyCommand).decode
    for command in (
        c.Pause(),
        c.RunSteps(3),
        c.SetHyperparameter("learning_rate", 0.1),
        c.Stop(interrupted=True),
        c.Close(),
        c.Detach(),
    ):
        assert decode(msgspec.json.encode(command)) == command


# Standing still and going on.


def test_a_pause_holds_the_run_and_changes_nothing(train: Train):
    run = train(c.Pause(), c.Resume(), react=at_step(4, c.Pause()))
    assert [event.step for event in run.of(e.RunPaused)] == [4]
    assert [event.step for event in run.of(e.RunResumed)] == [4]
    assert run.the(e.RunPaused).reason == ""
    assert run.weights == train().weights
    assert run.the(e.RunEnded).reason == "done"


def test_a_run_may_begin_paused(train: Train):
    run = train(c.Stop(), paused=True)
    assert run.of(e.StepsEnded) == []
    assert run.the(e.RunPaused).step == 0


def test_single_steps(train: Train):
    run = train(c.RunSteps(), c.RunSteps(1), c.RunSteps(3), c.RunSteps(4), c.Stop(), paused=True)
    assert [event.step for event in run.of(e.RunPaused)] == [0, 1, 2, 5, 9]
    assert [event.step for event in run.of(e.StepsEnded)] == list(range(1, 10))
    assert [event.step for event in run.of(e.RunResumed)] == [0, 1, 2, 5]


@pytest.mark.parametrize("count", [0, -1])
def test_no_steps_are_refused(train: Train, count: int):
    run = train(c.RunSteps(count), c.Stop(), paused=True)
    assert run.of(e.StepsEnded) == []
    assert str(count) in run.the(e.CommandRefused).reason


def test_single_epochs_end_where_an_epoch_ends(train: Train):
    run = train(c.RunEpoch(), c.RunSteps(2), c.RunEpoch(), c.Stop(), paused=True)
    assert [event.step for event in run.of(e.RunPaused)] == [0, 6, 8, 12]
    assert [event.epoch for event in run.of(e.EpochEnded)] == [1, 2]


def test_one_more_epoch_after_the_end(train: Train):
    run = train(c.RunEpoch(), c.RunEpoch(), linger=True)
    assert [event.epoch for event in run.of(e.EpochEnded)] == [1, 2, 3, 4, 5]
    assert [event.reason for event in run.of(e.RunEnded)] == ["done"] * 3
    assert run.of(e.EpochEnded)[-1].step == 5 * STEPS_PER_EPOCH
    assert run.weights == train(epochs=5).weights


def test_resuming_after_single_steps_runs_on(train: Train):
    run = train(c.RunSteps(1), c.RunEpoch(), c.Resume(), paused=True)
    assert [event.step for event in run.of(e.RunPaused)] == [0, 1, 6]
    assert run.the(e.RunEnded).step == STEPS
    assert run.weights == train().weights


def test_stop_ends_the_run_and_saves_it(train: Train, tmp_path: Path):
    run = train(react=at_step(4, c.Stop()))
    ended = run.the(e.RunEnded)
    assert (ended.reason, ended.step) == ("stopped", 4)
    assert (tmp_path / "run.safetensors").exists()
    assert train(react=at_step(4, c.Stop(interrupted=True))).the(e.RunEnded).reason == "interrupted"


def test_an_ended_run_answers_until_it_is_closed(train: Train):
    run = train(c.PredictDigit(0), c.Resume(), c.RunSteps(), c.Pause(), c.MeasureWeights(5), c.Close(), linger=True)
    after = run.events[run.events.index(run.the(e.RunEnded)) + 1 :]
    answers = [e.DigitPredicted, e.CommandRefused, e.CommandRefused, e.WeightsMeasured]
    assert [type(event) for event in after] == answers
    assert "the run has ended" in after[1].reason


def test_close_ends_a_running_run(train: Train):
    run = train(react=at_step(2, c.Close()), linger=True)
    ended = run.the(e.RunEnded)
    assert (ended.reason, ended.step) == ("stopped", 2)
    assert run.events[-1] is ended


def test_left_alone_it_saves_goes_on_at_full_speed_and_ends_as_if_nobody_had_been_there(train: Train):
    given = iter([c.SetPace(3600.0), c.RunEpoch(), c.Detach()])  # at that pace it would take hours, and stop on the way
    run = train(react=lambda event: next(given, None) if isinstance(event, e.StepsEnded) else None, linger=True)
    ended = run.the(e.RunEnded)
    assert (ended.reason, ended.step) == ("done", STEPS)
    assert run.events[-1] is ended
    saved = [event.step for event in run.of(e.CheckpointSaved) if event.kind == "last"]
    assert len(saved) == 2
    assert 0 < saved[0] < saved[1] == STEPS
    assert run.weights == train().weights


def test_left_alone_a_run_that_somebody_paused_is_saved_and_ends(train: Train):
    run = train(c.Detach(), react=at_step(4, c.Pause()), linger=True)
    ended = run.the(e.RunEnded)
    assert (ended.reason, ended.step, ended.message) == ("stopped", 4, "")
    assert run.of(e.RunResumed) == []


def test_left_alone_a_run_that_has_ended_is_closed_and_one_that_diverged_has_failed(train: Train):
    assert train(c.PredictDigit(0), c.Detach(), c.PredictDigit(1), linger=True).the(e.DigitPredicted).index == 0
    run = train(c.Detach(), linger=True, **DIVERGING)
    ended = run.the(e.RunEnded)
    assert (ended.reason, ended.message) == ("failed", run.the(e.RunPaused).reason)


@pytest.mark.parametrize("step", [3, STEPS_PER_EPOCH, STEPS])
def test_a_restart_with_the_same_seed_gives_the_same_weights(train: Train, step: int):
    restart = at_step(step, c.Restart())
    run = train(
        react=restart,
        linger=True,
        model="Flatten, Linear(8), BatchNorm1d, Dropout(0.2), Linear(8), Dropout(0.6), Linear(3)",
    )
    straight = train(model="Flatten, Linear(8), BatchNorm1d, Dropout(0.2), Linear(8), Dropout(0.6), Linear(3)")
    assert [event.step for event in run.of(e.RunStarted)] == [0, 0]
    assert run.of(e.RunEnded)[-1].step == STEPS
    assert run.weights == straight.weights
    assert [event.loss for event in run.of(e.StepsEnded)][-STEPS:] == [
        event.loss for event in straight.of(e.StepsEnded)
    ]


def test_a_restart_keeps_the_hyperparameters_as_they_are(train: Train):
    changes = [
        c.SetHyperparameter("learning_rate", 0.02),
        c.SetHyperparameter("batch_size", 54),
        c.SetHyperparameter("dropout", 0.5),
    ]
    model = "Flatten, Linear(8), Dropout(0.1), Linear(3)"
    run = train(*changes, c.RunSteps(3), c.Restart(), linger=True, paused=True, model=model)
    expected = train(model="Flatten, Linear(8), Dropout(0.5), Linear(3)", lr=0.02, batch_size=54)
    assert run.weights == expected.weights
    values = {item.name: item.value for item in run.of(e.RunStarted)[-1].hyperparameters}
    assert (values["learning_rate"], values["batch_size"], values["dropout"]) == (0.02, 54, 0.5)


# Hyperparameters.


def test_a_hyperparameter_is_confirmed_and_acts_on_the_next_step(train: Train):
    run = train(optimizer="sgd", lr=0.25, react=at_step(4, c.SetHyperparameter("learning_rate", 0.5)))
    changed = run.the(e.HyperparameterChanged)
    assert (changed.step, changed.before) == (4, 0.25)
    assert (changed.hyperparameter.name, changed.hyperparameter.value) == ("learning_rate", 0.5)
    assert [event.learning_rate for event in run.of(e.StepsEnded)] == [0.25] * 4 + [0.5] * (STEPS - 4)


def test_a_batch_size_acts_on_the_next_step(train: Train):
    run = train(react=at_step(1, c.SetHyperparameter("batch_size", 44)))
    assert [event.samples for event in run.of(e.StepsEnded)][:6] == [20, 44, 44, 44, 44, 20]


def test_steps_in_rows_stop_where_something_is_due(
    configure: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(trainer_module, "ROW_S", 1e6)  # rows as long as may be, however slow the machine
    looks: list[int] = []
    kept: list[int] = []
    taken: list[int] = []
    look, keep, train_steps = Doctor.look, Trail.keep, Learner.train_steps

    def counted(learner: Learner, epochs: int, most: int) -> Any:
        figures = train_steps(learner, epochs, most)
        taken.append(len(figures))
        return figures

    def looked(doctor: Doctor) -> None:
        looks.append(doctor._learner.position.step)
        look(doctor)

    def kept_at(trail: Trail, learner: Learner, *rest: Any) -> None:
        kept.append(learner.position.step)
        keep(trail, learner, *rest)

    monkeypatch.setattr(Learner, "train_steps", counted)
    monkeypatch.setattr(Doctor, "look", looked)
    monkeypatch.setattr(Trail, "keep", kept_at)

    def story(**options: Any) -> Any:
        for steps in (looks, kept, taken):
            steps.clear()
        events: list[Any] = []
        options |= {"linger": True, "paused": True, "rewindable": True, "report_interval_s": inf}
        commands = OneAtAPause(c.RunSteps(7), c.RunSteps(61), c.Resume(), c.Close())
        config = configure(batch_size=2, epochs=9)
        trainer = Trainer(config, events.append, commands, checkpoint=tmp_path / "a.safetensors", **options)
        trainer.run()
        told = [(type(event).__name__, event.step) for event in events if isinstance(event, e.Evaluated | e.RunPaused)]
        return told, [*looks], [*kept], trainer.weights, max(taken)

    *rows, longest = story()
    *single, one = story(one_by_one=True)
    assert rows == single
    assert one == 1 < longest
    told, looks_taken, checkpoints, _ = rows
    assert [step for name, step in told if name == "RunPaused"] == [0, 7, 68]
    assert min(len(looks_taken), len(checkpoints)) > 5


class OneAtAPause(SimpleQueue):
    """Gives the next command whenever the trainer waits for one."""

    def __init__(self, *commands: c.AnyCommand) -> None:
        super().__init__()
        for command in commands:
            self.put(command)

    def get(self, block: bool = True, timeout: float | None = None) -> c.AnyCommand:
        if not block:
            raise Empty
        return super().get(block=False)


def test_steps_until_a_change_are_told_with_what_they_had(configure: Callable[..., Any], tmp_path: Path):
    class Punctual(SimpleQueue):
        """Gives its one command between the third step and the fourth, in the middle of a report's steps."""

        polls = 0

        def get(self, block: bool = True, timeout: float | None = None) -> c.AnyCommand:
            self.polls += 1
            if self.polls == 4:
                return c.SetHyperparameter("learning_rate", 0.5)
            raise Empty

    events: list[Any] = []
    config = configure(batch_size=4, epochs=1, lr=0.25)
    path = tmp_path / "a.safetensors"
    Trainer(config, events.append, Punctual(), checkpoint=path, report_interval_s=inf, one_by_one=True).run()
    told = [event for event in events if isinstance(event, e.StepsEnded | e.HyperparameterChanged)]
    assert [type(event) for event in told[:3]] == [e.StepsEnded, e.HyperparameterChanged, e.StepsEnded]
    before, change, after = told[:3]
    assert (before.first_step, before.step, before.learning_rate) == (1, 3, 0.25)
    assert (change.step, change.before) == (3, 0.25)
    assert (after.first_step, after.learning_rate) == (4, 0.5)


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("batch_size", 109, "batch_size 109: more than the 108 training samples"),
        ("batch_size", 2.5, "whole number"),
        ("learning_rate", nan, "learning_rate nan: must be"),
        ("learning_rate", -1.0, "learning_rate -1.0: must be"),
        ("learning_rate", inf, "learning_rate inf: must be"),
        ("momentum", 0.9, "unknown hyperparameter 'momentum'"),
        ("weight_decy", 0.1, "did you mean 'weight_decay'"),
    ],
)
def test_a_bad_value_is_refused_and_the_run_is_as_it_was(train: Train, name: str, value: float, part: str):
    run = train(react=at_step(4, c.SetHyperparameter(name, value)))
    refused = run.the(e.CommandRefused)
    assert refused.step == 4
    assert part in refused.reason
    assert run.of(e.HyperparameterChanged) == []
    assert run.weights == train().weights


def test_a_hyperparameter_is_stepped_up_and_down(train: Train):
    steps = [c.StepHyperparameter("learning_rate", +1), c.StepHyperparameter("batch_size", -1)]
    run = train(*steps, c.StepHyperparameter("clip_norm", +1), c.Stop(), paused=True, lr=0.1, batch_size=32)
    changes = [
        (event.hyperparameter.name, event.before, event.hyperparameter.value)
        for event in run.of(e.HyperparameterChanged)
    ]
    assert changes == [("learning_rate", 0.1, 0.2), ("batch_size", 32, 16), ("clip_norm", 0, 1e-3)]


def test_a_batch_size_is_not_stepped_beyond_the_data(train: Train):
    run = train(c.StepHyperparameter("batch_size", +1), c.Stop(), paused=True, batch_size=64)
    assert "more than the 108 training samples" in run.the(e.CommandRefused).reason


def test_a_pace_is_confirmed_or_refused(train: Train):
    paces = [c.SetPace(1e-6), c.SetPace(0), c.SetPace(nan), c.SetPace(-1), c.SetPace(inf)]
    run = train(*paces, c.Stop(), paused=True)
    assert len(run.of(e.PaceChanged)) == 2
    assert len(run.of(e.CommandRefused)) == 3
    assert train(pace=1e-6).weights == train().weights


def test_commands_are_obeyed_while_a_slow_pace_waits(train: Train):
    answers = {e.StepsEnded: c.SetHyperparameter("learning_rate", 0.1), e.HyperparameterChanged: c.Stop()}
    run = train(pace=60.0, react=lambda event: answers.get(type(event)))
    assert run.the(e.HyperparameterChanged).step == 1
    assert run.the(e.RunEnded).step == 1


# Looking at the network.


def test_a_prediction_shows_the_picture_and_what_the_network_says_of_it(train: Train):
    run = train(c.PredictDigit(3), c.PredictDigit(33), c.PredictDigit(-1), c.Stop(), paused=True)
    shown, again, last = run.of(e.DigitPredicted)
    dataset = run.learner.dataset
    assert (shown.index, shown.label, last.index) == (3, dataset.test.labels[3], 29)
    assert again == shown
    assert (shown.height, shown.width, len(shown.pixels)) == (5, 5, 25)
    expected = np.rint(dataset.pixels(dataset.test.x[3]) * 255).astype(np.uint8)
    assert shown.pixels == expected.tobytes()
    assert sum(shown.probabilities) == pytest.approx(1, rel=1e-5)
    np.testing.assert_allclose(shown.probabilities, run.learner.predict(dataset.test.x[3:4])[1][0], rtol=1e-6)


def test_the_next_mistake_after_each_sample_is_one(train: Train):
    looks = [command for after in range(30) for command in (c.PredictDigit(after), c.FindMistake())]
    run = train(*looks, c.Stop(), paused=True, init="zeros")
    test = run.learner.dataset.test
    chosen = run.learner.predict(test.x)[0]
    wrong = [index for index in range(30) if chosen[index] != test.labels[index]]
    for after, found in enumerate(run.of(e.DigitPredicted)[1::2]):
        assert found.index == next((index for index in wrong if index > after), wrong[0])


def test_another_look_without_an_index_is_at_the_last_sample(train: Train):
    run = train(c.PredictDigit(), c.PredictDigit(-1), c.PredictDigit(), c.Stop(), paused=True)
    assert [shown.index for shown in run.of(e.DigitPredicted)] == [0, 29, 29]


def test_mistakes_are_gone_through_one_after_the_other(train: Train):
    run = train(c.FindMistake(), c.FindMistake(), c.PredictDigit(), c.Stop(), paused=True, init="zeros")
    first, second, again = run.of(e.DigitPredicted)
    assert first.index < second.index == again.index


def test_weights_are_counted_by_layer(train: Train):
    run = train(c.MeasureWeights(7), c.Stop(), paused=True)
    first, second = run.the(e.WeightsMeasured).histograms
    weight = run.learner.model.parameters["1.weight"].value
    assert (first.layer, second.layer) == ("1", "3")
    assert len(first.counts) == 7
    assert sum(first.counts) == weight.size
    assert first.low == -first.high
    assert first.high >= np.abs(weight).max()
    assert first.counts == tuple(np.histogram(weight.astype(np.float64), 7, (first.low, first.high))[0])
    assert (first.mean, first.deviation) == pytest.approx((weight.mean(), weight.std()), rel=1e-4, abs=1e-7)
    assert first.not_finite == 0


def test_weights_that_are_not_finite_are_counted_apart(train: Train):
    def spoil(event: Any) -> None:
        if isinstance(event, e.RunPaused):
            run_weights[0][:4] = [nan, inf, -inf, 1.0]

    run_weights: list[np.ndarray] = []
    original = Learner.__init__

    def remember(self: Learner, *arguments: Any) -> None:
        original(self, *arguments)
        run_weights[:] = [self.model.values] if len(self.dataset.train) > 2 else run_weights

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "__init__", remember)
        run = train(c.MeasureWeights(4), c.Stop(), paused=True, react=spoil)
    histogram = run.the(e.WeightsMeasured).histograms[0]
    assert histogram.not_finite == 3
    assert sum(histogram.counts) == 25 * 8 - 3
    assert np.isfinite([histogram.low, histogram.mean, histogram.deviation]).all()


def test_looking_at_each_step_changes_nothing(train: Train):
    model = "Flatten, Linear(8), BatchNorm1d, ReLU, Dropout(0.3), Linear(3)"
    looks = [c.PredictDigit(1), c.MeasureWeights(), c.FindMistake(), c.SaveCheckpoint()] * 4
    assert train(model=model, react=at_step(1, *looks)).weights == train(model=model).weights


# Evaluation and checkpoints.


def test_validation_is_complete_each_epoch_and_a_sample_in_between(train: Train, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trainer_module, "SAMPLE", 5)
    run = train()
    counts = [(event.step, event.count) for event in run.of(e.Evaluated) if event.split == "validation"]
    for step, count in counts:
        assert count == (5 if step % STEPS_PER_EPOCH else 12) or step == 0
    assert all(event.complete == (event.count in (12, 30, 108)) for event in run.of(e.Evaluated))
    assert {event.split for event in run.of(e.Evaluated)[-3:]} == {"train", "validation", "test"}


def test_checkpoints_are_saved_at_the_end_at_the_best_and_when_asked(train: Train, tmp_path: Path):
    run = train(react=at_step(4, c.SaveCheckpoint()))
    saved = [(event.kind, event.step, Path(event.path).name) for event in run.of(e.CheckpointSaved)]
    assert saved[0] == ("asked", 4, "run-step4.safetensors")
    assert saved[1] == ("best", 6, "run.best.safetensors")
    assert saved[-1] == ("last", STEPS, "run.safetensors")
    assert all(Path(event.path).exists() for event in run.of(e.CheckpointSaved))
    best, seen = [], []
    for event in run.of(e.EpochEnded):
        seen.append((event.validation_accuracy, -event.validation_loss))
        best += [event.step] if seen[-1] == max(seen) and seen.count(seen[-1]) == 1 else []
    assert [step for kind, step, _ in saved if kind == "best"] == best


def test_a_full_disk_does_not_stop_learning(train: Train, monkeypatch: pytest.MonkeyPatch):
    def fail(path: Path, *_: Any) -> None:
        raise UserError(f"checkpoint {path}: cannot be written: No space left on device")

    monkeypatch.setattr(trainer_module, "save_checkpoint", fail)
    run = train(react=at_step(2, c.SaveCheckpoint()))
    ended = run.the(e.RunEnded)
    assert (ended.reason, ended.step, ended.summary["checkpoint"]) == ("done", STEPS, "")
    assert "No space left" in ended.message
    assert run.of(e.CheckpointSaved) == []
    assert len(run.of(e.CommandRefused)) + len(run.of(e.CheckpointFailed)) >= 2


# What goes wrong.


def test_a_loss_that_is_not_finite_pauses_with_an_explanation(train: Train):
    weights = []

    def remember(event: Any) -> None:
        if isinstance(event, e.StepsEnded):
            weights.append(event.step)

    run = train(c.Resume(), c.Stop(), react=remember, linger=True, **DIVERGING)
    first, second = run.of(e.RunPaused)
    assert 0 < first.step < STEPS
    for part in ("the loss is not finite", f"step {first.step + 1}", "learning rate 100", "anew"):
        assert part in first.reason
    assert second == first
    assert weights == list(range(1, first.step + 1))
    assert np.isfinite(run.learner.model.values).all()
    stopped = train(react=at_step(first.step, c.Stop()), linger=True, **DIVERGING)
    assert run.weights == stopped.weights
    assert all(np.isfinite(event.loss.high) for event in run.of(e.StepsEnded))


def test_after_a_pause_for_that_a_lower_rate_and_a_restart_help(train: Train):
    run = train(c.SetHyperparameter("learning_rate", 0.01), c.Restart(), linger=True, **DIVERGING)
    assert [event.reason for event in run.of(e.RunEnded)] == ["done"]
    assert run.weights == train(**{**DIVERGING, "lr": 0.01}).weights


def test_nobody_there_to_help_ends_the_run_with_a_checkpoint(train: Train, tmp_path: Path):
    ended = train(**DIVERGING).the(e.RunEnded)
    assert ended.reason == "failed"
    assert "is not finite" in ended.message
    assert (tmp_path / "run.safetensors").exists()


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"dataset": "mnits"}, "did you mean"),
        ({"model": "Flatten, Linear(4)"}, "layer 1 (Linear) gives (4,)"),
        ({"model": "Flaten, Linear(3)"}, "unknown layer 'Flaten'"),
        ({"batch_size": 109}, "109"),
        ({"lr": nan}, "nan"),
        ({"model": "Flatten, Linear(1000000000000)"}, "no memory"),
    ],
)
def test_a_mistake_is_told_in_one_line_before_anything_is_trained(train: Train, settings: dict[str, Any], part: str):
    run = train(**settings)
    failed = run.the(e.RunFailed)
    assert failed.mistake
    assert part in failed.message
    assert len(failed.message.splitlines()) == 1
    assert run.of(e.RunStarted) == []


@pytest.mark.parametrize("place", ["load", "train_steps", "evaluate", "predict"])
def test_a_failure_of_any_kind_is_an_event(train: Train, place: str, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("out of thin air")

    monkeypatch.setattr(datasets if place == "load" else Learner, place, fail)
    run = train(c.PredictDigit(0), c.RunSteps(1), paused=True)
    failed = run.the(e.RunFailed)
    assert "ZeroDivisionError: out of thin air" in failed.message
    assert not failed.mistake


def test_a_softmax_before_the_cross_entropy_is_noticed(train: Train):
    run = train(model="Flatten, Linear(3), Softmax", epochs=1)
    assert "leave out the last layer, Softmax" in run.the(e.RunStarted).notices[0]
    assert train(epochs=1).the(e.RunStarted).notices == ()


def test_two_layers_of_dropout_keep_their_own_rates(train: Train):
    run = train(
        c.Restart(),
        linger=True,
        epochs=1,
        model="Flatten, Linear(8), Dropout(0.1), Linear(8), Dropout(0.95), Linear(3)",
    )
    assert [layer.p for layer in run.learner.model.dropouts] == [0.1, 0.95]
    assert len(run.of(e.RunStarted)) == 2


def test_layers_inside_others_are_told_of_as_layers(train: Train):
    ask = lambda event: c.MeasureWeights(4) if isinstance(event, e.RunStarted) else None  # noqa: E731
    run = train(
        model="Conv2d(2, 3), Residual(Conv2d(2, 3, padding=1), BatchNorm2d), ReLU, Flatten, Linear(3)",
        epochs=1,
        react=ask,
    )
    started = run.the(e.RunStarted)
    assert [(layer.label, layer.parameters) for layer in started.layers] == [
        ("0 Conv2d(2, 3)", 20),
        ("1.0 Conv2d(2, 3, padding=1)", 38),
        ("1.1 BatchNorm2d", 4),
        ("4 Linear(3)", 57),
    ]
    assert started.parameters == 20 + 38 + 4 + 57
    assert {len(steps.gradient_norms) for steps in run.of(e.StepsEnded)} == {4}
    (measured,) = run.of(e.WeightsMeasured)
    assert [histogram.layer for histogram in measured.histograms] == [layer.name for layer in started.layers]


def test_real_digits_are_learnt(train: Train):
    preset = "Flatten, Linear(64), ReLU, Linear(10)"
    summary = (
        train(dataset="mnist-5k", model=preset, batch_size=32, epochs=2, report_interval_s=inf).the(e.RunEnded).summary
    )
    assert summary["test_accuracy"] > 0.85


def test_a_restart_keeps_what_was_learned_before_it(train: Train, tmp_path: Path):
    run = train(react=at_step(STEPS_PER_EPOCH + 1, c.Restart()))
    before = load_checkpoint(tmp_path / "run.safetensors").training
    after = load_checkpoint(tmp_path / "run-2.safetensors").training
    assert before is not None
    assert after is not None
    assert (before.position.step, after.position.step) == (STEPS_PER_EPOCH + 1, STEPS)
    assert {path.name for path in tmp_path.glob("*.best.safetensors")} == {
        "run.best.safetensors",
        "run-2.best.safetensors",
    }
    assert Path(run.the(e.RunEnded).summary["checkpoint"]) == tmp_path / "run-2.safetensors"


def test_a_failing_run_saves_what_it_can(train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("out of thin air")

    monkeypatch.setattr(Learner, "end_epoch", fail)
    failed = train().the(e.RunFailed)
    assert failed.step == STEPS_PER_EPOCH
    training = load_checkpoint(tmp_path / "run.safetensors").training
    assert training is not None
    assert training.position.step == STEPS_PER_EPOCH


def test_a_restart_no_longer_speaks_of_the_checkpoint(train: Train, tmp_path: Path):
    train(epochs=1)
    resume_path(tmp_path / "run.safetensors").unlink()
    resumed = train(resume=load_checkpoint(tmp_path / "run.safetensors"), react=at_step(1, c.Restart()), epochs=1)
    first, second = resumed.of(e.RunStarted)
    assert "weights alone" in first.notices[0]
    assert second.notices == ()
