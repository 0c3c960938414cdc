"""A replay of the recorded commands gives the same weights to the bit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training.checkpoint import load_checkpoint, read_checkpoint, resume_path
from engine.training.command_log import Began, Obeyed, log_path, read_log
from engine.training.replay import replay

Train = Callable[..., Any]

STEPS_PER_EPOCH = 6
MODELS = (
    "Flatten, Linear(8), ReLU, Dropout(0.3), Linear(6), Tanh, Linear(3)",
    "Flatten, Linear(8), BatchNorm1d, Sigmoid, Linear(3)",
    "Conv2d(4, 3), ReLU, Flatten, Linear(3)",
)


def replayed(path: Path, to: Path) -> tuple[Any, list[Any]]:
    events: list[Any] = []
    trainer = replay(read_log(path), events.append, to).trainer
    trainer.run()
    assert not [event for event in events if isinstance(event, e.RunFailed)], events[-1]
    return trainer, events


def content(path: Path) -> list[Any]:
    """Of a model and of all that goes on from it: the bytes of each tensor, and what stands beside them."""
    found = [read_checkpoint(path), read_checkpoint(resume_path(path))]
    return [({name: array.tobytes() for name, array in each.tensors.items()}, each.metadata) for each in found]


STEPPED, SET = ["learning_rate", "weight_decay", "dropout"], ["clip_norm", "label_smoothing", "augment_intensity"]
NUMBERS = st.one_of(
    st.builds(c.StepHyperparameter, st.sampled_from(STEPPED), st.sampled_from([-1, 1])),
    st.builds(c.SetHyperparameter, st.just("batch_size"), st.sampled_from([4.0, 20.0, 33.0])),
    st.builds(c.SetHyperparameter, st.sampled_from(SET), st.just(0.5)),
)  # fmt: skip
CHANGES = st.one_of(
    st.builds(c.SetActivation, st.just("1"), st.sampled_from(["Tanh", "ReLU", "LeakyReLU(0.2)", "Sigmoid"])),
    st.builds(c.Reinitialize, st.sampled_from(["", "1"]), st.sampled_from(["he", "xavier_uniform", "auto"])),
    st.builds(c.Freeze, st.sampled_from(["0", "1", "3"]), st.booleans()),
    st.builds(c.SetSchedule, st.sampled_from(["cosine", "warmup(5)", "exponential(0.9)", "constant"])),
    st.builds(c.SetOptimizer, st.sampled_from(["sgd", "nesterov", "rmsprop", "adam(beta1=0.8)", "adamw"])),
    st.builds(c.SetAugmentation, st.sampled_from(["affine", "elastic", "none"])),
)
FLOW = st.one_of(
    st.builds(c.RunSteps, st.integers(1, 30)),
    st.just(c.RunEpoch()),
    st.just(c.Restart()),
    st.builds(c.SetPace, st.sampled_from([0.0, 0.001])),
)
DRAWN = st.builds(c.AddSample, st.integers(0, 2), st.binary(min_size=25, max_size=25))
BACK = st.one_of(st.just(c.Undo()), st.builds(c.Rewind, st.integers(0, 120)))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    commands=st.lists(st.one_of(NUMBERS, CHANGES, FLOW, FLOW, DRAWN, BACK), min_size=4, max_size=25),
    optimizer=st.sampled_from(["sgd", "momentum", "rmsprop", "adam", "adamw(weight_decay=0.01)"]),
    model=st.sampled_from(MODELS),
    augment=st.sampled_from(["none", "affine"]),
)
def test_whatever_was_commanded_a_replay_gives_the_same_files(
    train: Train, tmp_path: Path, commands: list[Any], optimizer: str, model: str, augment: str
):
    made = {"optimizer": optimizer, "model": model, "augment": augment, "schedule": "cosine", "epochs": 9}
    run = train(*commands, c.Stop(), linger=True, paused=True, rewindable=True, **made)
    assert not run.of(e.RunFailed)
    assert not run.of(e.CheckpointFailed)
    path = tmp_path / "run.safetensors"
    trainer, events = replayed(path, tmp_path / "again" / "run.safetensors")
    ended = [event for event in events if isinstance(event, e.RunEnded)]
    saved = Path(ended[-1].summary["checkpoint"])
    assert content(saved) == content(tmp_path / saved.name)
    record, again = read_log(path), read_log(saved.with_name("run.safetensors"))
    assert record.obeyed == again.obeyed
    assert [(line.step, line.weights) for line in record.ended] == [(line.step, line.weights) for line in again.ended]
    assert trainer.weights == run.trainer.weights


def test_commands_between_the_steps_of_a_running_network_come_at_their_steps(train: Train, tmp_path: Path):
    given = iter([
        c.SetHyperparameter("learning_rate", 0.05), c.SetActivation("1", "Tanh"), c.Freeze("1"), c.Undo(), c.Undo(),
        c.SetOptimizer("sgd"), c.Rewind(50), c.SetHyperparameter("batch_size", 10.0),
    ])  # fmt: skip

    def react(event: Any) -> Any:
        return next(given, None) if isinstance(event, e.StepsEnded) and event.step % 13 == 5 else None

    run = train(react=react, rewindable=True, epochs=12)
    record = read_log(tmp_path / "run.safetensors")
    # A report comes before its step is counted out, so the command is obeyed at that very step.
    assert [(line.step, line.back_to) for line in record.obeyed] == [
        (5, None), (18, None), (31, None), (44, 31), (44, 18), (31, None), (44, 31), (44, None),
    ]  # fmt: skip
    trainer, _ = replayed(tmp_path / "run.safetensors", tmp_path / "again" / "x.safetensors")
    assert trainer.weights == run.trainer.weights == record.ended[-1].weights


def test_between_the_steps_of_a_slowed_run_a_replay_waits_for_no_command(train: Train, tmp_path: Path):
    """A step of more than the tenth of a second that may be caught up with."""
    given = iter([c.SetOptimizer("sgd"), c.Freeze("1")])
    run = train(react=lambda event: next(given, None) if isinstance(event, e.StepsEnded) else None, pace=0.7, epochs=1)
    trainer, events = replayed(tmp_path / "run.safetensors", tmp_path / "again" / "x.safetensors")
    assert [event.step for event in events if isinstance(event, e.RunEnded)] == [6]
    assert trainer.weights == run.trainer.weights


def test_what_was_done_after_the_end_is_replayed(train: Train, tmp_path: Path):
    run = train(c.SetOptimizer("sgd"), c.RunEpoch(), c.Restart(), linger=True, epochs=1)
    assert [event.step for event in run.of(e.RunEnded)] == [6, 12, 6]
    trainer, events = replayed(tmp_path / "run.safetensors", tmp_path / "again" / "x.safetensors")
    assert [event.step for event in events if isinstance(event, e.RunEnded)] == [6, 12, 6]
    assert trainer.weights == run.trainer.weights


def test_a_record_of_a_machine_with_more_cores_is_replayed_with_those_there_are(train: Train, tmp_path: Path):
    run = train(epochs=1)
    path = log_path(tmp_path / "run.safetensors")
    written = path.read_bytes()
    path.write_bytes(written.replace(b'"threads":0', b'"threads":1000'))
    assert path.read_bytes() != written
    trainer, _ = replayed(path, tmp_path / "again" / "x.safetensors")
    assert trainer.weights == run.trainer.weights


def test_a_run_that_diverged_and_was_taken_back_is_replayed(train: Train, tmp_path: Path):
    run = train(
        c.RunSteps(8), c.SetHyperparameter("learning_rate", 1000.0), c.Resume(), c.Undo(), c.Resume(), c.Stop(),
        paused=True, linger=True, rewindable=True, optimizer="sgd", loss="mse", epochs=4,
        model="Flatten, Linear(8), Linear(8), Linear(3)",
    )  # fmt: skip
    paused = [event for event in run.of(e.RunPaused) if event.reason]
    assert len(paused) == 1
    assert run.the(e.RunRewound).step == 8
    assert run.learner.hyperparameter("learning_rate").value < 1
    assert run.of(e.RunEnded)[-1].step == 24
    trainer, _ = replayed(tmp_path / "run.safetensors", tmp_path / "again" / "x.safetensors")
    assert trainer.weights == run.trainer.weights


def test_a_resumed_run_goes_on_recording(train: Train, tmp_path: Path):
    first = tmp_path / "first.safetensors"
    train(
        c.RunSteps(7), c.SetActivation("1", "Tanh"), c.Freeze("1"), c.Stop(), paused=True, linger=True, checkpoint=first
    )
    found = load_checkpoint(first)
    # It overwrites the checkpoint that it began from.
    run = train(
        c.RunSteps(5), c.SetOptimizer("momentum"), config=found.config, resume=found, linger=True, checkpoint=first
    )
    assert run.of(e.RunStarted)[0].layers[0].frozen
    assert run.of(e.RunStarted)[0].layers[0].activation == "Tanh"
    record = read_log(first)
    assert record.began.start == "first.start.safetensors"
    trainer, events = replayed(first, tmp_path / "again" / "x.safetensors")
    assert events[1].step == 7 if isinstance(events[1], e.RunStarted) else True
    assert trainer.weights == run.trainer.weights == record.ended[-1].weights


def test_what_was_refused_is_not_in_the_record(train: Train, tmp_path: Path):
    train(c.RunSteps(3), c.SetOptimizer("adm"), c.Undo(), c.SetOptimizer("sgd"), paused=True, linger=True)
    obeyed = [line.command for line in read_log(tmp_path / "run.safetensors").obeyed]
    assert obeyed == [c.RunSteps(3), c.SetOptimizer("sgd"), c.Close()]


def test_running_statistics_are_part_of_the_weights_that_a_record_ends_with(train: Train):
    run = train(model=MODELS[1], epochs=1)
    before = run.trainer.weights
    run.learner.model.buffers["2.running_mean"][0] += 1
    assert run.trainer.weights != before


def test_a_log_that_cannot_be_written_is_told_once(train: Train, tmp_path: Path):
    log_path(tmp_path / "run.safetensors").mkdir()
    run = train(c.RunSteps(3), c.SetOptimizer("sgd"), c.Stop(), paused=True, linger=True)
    told = [event.reason for event in run.of(e.CheckpointFailed)]
    assert len(told) == 1
    assert "log of commands" in told[0]
    assert run.of(e.RunEnded)


def test_a_record_can_be_read(train: Train, tmp_path: Path):
    train(c.SetHyperparameter("learning_rate", 0.01), c.SaveCheckpoint(), c.MeasureWeights(), paused=True, linger=True)
    lines = log_path(tmp_path / "run.safetensors").read_text().splitlines()
    assert lines[1:-1] == [
        '{"line":"obeyed","step":0,"command":{"type":"SetHyperparameter","name":"learning_rate","value":0.01}}',
        lines[2],
    ]
    assert lines[2].startswith('{"line":"ended","step":0,"reason":"stopped","weights":"')
    assert lines[-1] == '{"line":"obeyed","step":0,"command":{"type":"Close"}}'
    began = msgspec.json.decode(lines[0], type=Began)
    assert (began.paused, began.linger, began.config.model) == (True, True, "Flatten, Linear(8), ReLU, Linear(3)")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: [], "is empty"),
        (lambda lines: [lines[0][:-5]], "line 1 is none"),
        (lambda lines: lines[1:], "line 1 is not where it belongs"),
        (lambda lines: [lines[0], lines[0], lines[1]], "line 2 is not where it belongs"),
        (lambda lines: [lines[0], b"{", lines[1]], "line 2 is none"),
        (lambda lines: [lines[0], b"\xff\xfe", lines[1]], "line 2 is none"),
        (lambda lines: [lines[0], b'{"line":"obeyed","step":1,"command":{"type":"Fly"}}', lines[1]], "line 2 is none"),
    ],
)
def test_what_is_no_record_is_named(train: Train, tmp_path: Path, change: Callable[[Any], Any], words: str):
    train(paused=True)
    path = log_path(tmp_path / "run.safetensors")
    path.write_bytes(b"\n".join(change(path.read_bytes().splitlines())))
    with pytest.raises(UserError, match=words):
        read_log(path)


def test_a_record_cut_in_a_line_is_read_as_far_as_it_goes(train: Train, tmp_path: Path):
    run = train(c.RunSteps(3), c.SetOptimizer("sgd"), paused=True, linger=True)
    path = log_path(tmp_path / "run.safetensors")
    path.write_bytes(path.read_bytes()[:-5])
    record = read_log(path)
    assert [type(line.command) for line in record.obeyed] == [c.RunSteps, c.SetOptimizer]
    trainer, _ = replayed(path, tmp_path / "again" / "x.safetensors")
    assert trainer.weights == run.trainer.weights


def test_a_record_that_does_not_fit_its_run_says_where(train: Train, tmp_path: Path):
    train(c.RunSteps(3), c.SetOptimizer("sgd"), paused=True, linger=True)
    path = log_path(tmp_path / "run.safetensors")
    path.write_bytes(path.read_bytes().replace(b'"step":3', b'"step":9'))
    events: list[Any] = []
    replay(read_log(path), events.append, tmp_path / "again" / "x.safetensors").trainer.run()
    assert isinstance(events[-1], e.RunFailed)
    assert "SetOptimizer at step 9 does not fit: the replay is at step 3" in events[-1].message


def test_undo_gives_the_bytes_of_the_run_as_it_was(train: Train, tmp_path: Path):
    made = {"model": MODELS[0], "augment": "affine", "optimizer": "adam", "schedule": "cosine", "epochs": 9}
    plain = train(c.RunSteps(20), paused=True, linger=True, checkpoint=tmp_path / "plain.safetensors", **made)
    train(
        c.RunSteps(9), c.SetActivation("1", "Tanh"), c.Freeze("6"), c.SetHyperparameter("dropout", 0.5), c.RunSteps(4),
        c.SetOptimizer("sgd"), c.Reinitialize(), c.SetAugmentation("none"), c.RunSteps(5), c.Undo(), c.Undo(),
        c.RunSteps(11), c.Stop(),
        paused=True, linger=True, rewindable=True, checkpoint=tmp_path / "back.safetensors", **made,
    )  # fmt: skip
    assert plain.learner.position.step == 20 > 18  # beyond an epoch: its end was passed again
    ours, theirs = (read_checkpoint(tmp_path / f"{name}.resume.safetensors") for name in ("plain", "back"))
    assert {name: array.tobytes() for name, array in ours.tensors.items()} == {
        name: array.tobytes() for name, array in theirs.tensors.items()
    }
    told = [run.metadata["training"] for run in (ours, theirs)]
    for each in told:
        each["config"] = {"model": each["config"]["model"], "optimizer": each["config"]["optimizer"]}
        each["hyperparameters"].pop("dropout", None)
        each.pop("health")  # looks begin anew where a run has gone back
    assert told[0] == told[1]


def test_the_steps_of_a_record_are_those_at_which_it_was_obeyed():
    line = Obeyed(3, c.Rewind(2), 1)
    assert msgspec.json.decode(msgspec.json.encode(line), type=Obeyed) == line
