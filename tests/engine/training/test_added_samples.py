"""Samples added while a run goes on: what is trained on, from when on, and that nothing else depends on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.datasets import Dataset
from engine.datasets.batches import epoch_order
from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training.added_samples import MOST, AddedSample
from engine.training.checkpoint import Progress, load_checkpoint, restore, save_checkpoint
from engine.training.learner import Learner

Learn = Callable[..., Learner]
Train = Callable[..., Any]


def picture(seed: int) -> bytes:
    return np.random.default_rng(seed).integers(0, 256, 25).astype(np.uint8).tobytes()


def train_epoch(learner: Learner) -> None:
    while not learner.end_epoch():
        learner.train_step(3)


def test_it_is_trained_on_from_the_next_epoch_on(learn: Learn, tiny_data: Dataset):
    learner = learn(seed=3)
    learner.train_step(3)
    learner.add(AddedSample(2, picture(0)))
    assert (learner.added_count, learner.steps_per_epoch) == (0, 6)
    train_epoch(learner)
    assert learner.position.step == 6
    learner.train_step(3)
    assert (learner.added_count, len(learner.dataset.train)) == (1, 109)
    x, label = learner.dataset.train.x[-1], learner.dataset.train.labels[-1]
    values = np.frombuffer(picture(0), np.uint8).reshape(1, 5, 5) / 255
    assert label == 2
    np.testing.assert_allclose(x, (values - tiny_data.input_mean) / tiny_data.input_std, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(learner.dataset.train.x[:-1], tiny_data.train.x)
    assert tiny_data.train.x.shape[0] == 108


def test_before_the_first_step_it_belongs_to_the_first_epoch(learn: Learn):
    learner = learn()
    learner.add(AddedSample(0, picture(1)))
    learner.train_step(3)
    assert learner.added_count == 1


@pytest.mark.parametrize("model", ["Flatten, Linear(8), ReLU, Linear(3)", "Conv2d(4, 2), ReLU, Flatten, Linear(3)"])
def test_the_steps_are_those_of_a_run_that_had_the_samples_from_the_beginning(learn: Learn, model: str):
    """The compiled step reads its samples by address: it must be those of the split that has grown."""
    early, late = learn(model=model), learn(model=model)
    samples = [AddedSample(n % 3, picture(n)) for n in range(7)]
    early.put_samples(samples, len(samples))
    for sample in samples:
        late.add(sample)
    for _ in range(2):
        train_epoch(early)
        train_epoch(late)
    assert late.model.values.tobytes() == early.model.values.tobytes()
    other = learn(model=model)
    for _ in range(2):
        train_epoch(other)
    assert other.model.values.tobytes() != early.model.values.tobytes()


def test_every_sample_of_the_longer_epoch_is_seen_once(learn: Learn):
    learner = learn(batch_size=7)
    train_epoch(learner)
    learner.add(AddedSample(1, picture(2)))
    seen = []
    while not learner.end_epoch():
        first = learner.position.sample
        learner.train_step(3)
        seen += learner._orders[1][first : first + 7].tolist()
    assert sorted(seen) == list(range(109))
    assert seen == epoch_order(109, 0, 1).tolist()


def test_a_search_measures_over_the_split_that_has_grown(learn: Learn):
    learner = learn(strategy="hill_climbing(scale=0.3)")
    learner.train_step(3)
    learner.add(AddedSample(1, picture(2)))
    train_epoch(learner)
    assert learner.train_step(3).samples == 109


@pytest.mark.parametrize("stop", [3, 6, 8, 13])
def test_a_run_with_added_samples_resumes_to_the_bit(train: Train, stop: int, tmp_path: Path):
    """Stopped before the sample is trained on, between two that are, and after both."""
    added = {2: c.AddSample(1, picture(4)), 7: c.AddSample(2, picture(5))}

    def react(changes: dict[int, c.AnyCommand], stop: int | None = None) -> Any:
        def answer(event: Any) -> c.AnyCommand | None:
            if not isinstance(event, e.StepsEnded):
                return None
            return c.Stop() if event.step == stop else changes.get(event.step)

        return answer

    whole = train(react=react(added))
    path = tmp_path / "cut.safetensors"
    train(react=react(added, stop), checkpoint=path)
    checkpoint = load_checkpoint(path)
    late = {step: command for step, command in added.items() if step > stop}
    rest = train(react=react(late), config=checkpoint.config, resume=checkpoint)
    assert rest.weights == whole.weights
    assert rest.learner.position == whole.learner.position
    assert rest.learner.added == whole.learner.added
    assert len(whole.learner.dataset.train) == 110
    assert whole.weights != train().weights


def test_going_back_to_a_checkpoint_forgets_what_was_added_since(learn: Learn, tmp_path: Path):
    learner = learn()
    train_epoch(learner)
    save_checkpoint(tmp_path / "a.safetensors", learner, Progress(3))
    before = learner.model.values.tobytes()
    learner.add(AddedSample(1, picture(4)))
    train_epoch(learner)
    restore(learner, load_checkpoint(tmp_path / "a.safetensors"))
    assert (learner.added, len(learner.dataset.train)) == ([], 108)
    assert learner.model.values.tobytes() == before


def test_the_trainer_says_from_when_on_and_a_restart_keeps_it(train: Train):
    commands = (c.AddSample(2, picture(0)), c.RunSteps(1), c.AddSample(1, picture(1)), c.Restart(), c.Stop())
    run = train(*commands, paused=True)
    first, second = run.of(e.SampleAdded)
    assert (first.epoch, first.label, first.train_count) == (0, 2, 109)
    assert (second.epoch, second.label, second.train_count) == (1, 1, 110)
    assert [event.train_count for event in run.of(e.RunStarted)] == [108, 110]
    assert run.the(e.RunEnded).summary["added_samples"] == 2


@pytest.mark.parametrize(
    ("label", "pixels", "words"),
    [
        (3, picture(0), "label 3: .* classes 0 to 2"),
        (-1, picture(0), "label -1"),
        (0, b"\0" * 24, "24 bytes: .* pictures of 1x5x5"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(train: Train, label: int, pixels: bytes, words: str):
    run = train(c.AddSample(label, pixels), paused=True)
    with pytest.raises(UserError, match=words):
        raise UserError(run.the(e.CommandRefused).reason)
    assert run.learner.added == []


def test_rows_of_a_table_and_numbers_take_no_pictures(train: Train):
    run = train(c.AddSample(0, b"\0\0"), paused=True, dataset="spiral(samples=300)", model="Linear(3)")
    assert "no classes of pictures" in run.the(e.CommandRefused).reason


def test_there_is_an_end_to_it(learn: Learn):
    learner = learn()
    learner.added = [AddedSample(0, picture(0))] * MOST
    with pytest.raises(UserError, match="no more"):
        learner.add(AddedSample(0, picture(0)))


def test_a_rewind_and_the_undoing_of_another_change_keep_what_was_added(train: Train):
    """In the epoch of the step that the run goes back to they wait once more; then they are trained on."""
    added = (c.AddSample(0, picture(5)), c.RunSteps(8), c.AddSample(1, picture(6)))
    commands = (
        c.RunSteps(4), *added, c.RunSteps(2), c.SetOptimizer("sgd"), c.RunSteps(5),
        c.Undo(), c.RunSteps(3), c.Rewind(4), c.RunSteps(1), c.Stop(),
    )  # fmt: skip
    run = train(*commands, paused=True, linger=True, rewindable=True, epochs=9)
    undo, rewind = run.of(e.RunRewound)
    assert (undo.step, undo.train_count, rewind.step, rewind.train_count) == (14, 110, 4, 110)
    assert [sample.label for sample in run.learner.added] == [0, 1]
    assert run.learner.added_count == 0
    on = train(*commands[:-1], c.RunSteps(3), c.Stop(), paused=True, linger=True, rewindable=True, epochs=9)
    assert on.learner.added_count == 2
    assert len(on.learner.dataset.train) == 110


def test_what_a_rewind_kept_outlives_the_undoing_of_an_earlier_one(train: Train):
    """Undo takes back what was added at the step that it goes to: nothing that the checkpoint is merely too old for."""
    run = train(
        c.RunSteps(10), c.AddSample(0, picture(5)), c.RunSteps(110), c.AddSample(1, picture(6)),
        c.Rewind(60), c.RunSteps(2), c.Undo(), c.RunSteps(20), c.Stop(),
        paused=True, linger=True, rewindable=True, epochs=40,
    )  # fmt: skip
    rewind, undo = run.of(e.RunRewound)
    assert (rewind.train_count, undo.step, undo.train_count) == (110, 10, 109)
    assert [sample.label for sample in run.learner.added] == [1]
    assert run.learner.added_count == 1


ADD, CHANGE, UNDO = "add", "change", "undo"
ACTS = st.one_of(
    st.just(ADD), st.just(ADD), st.just(UNDO), st.just(CHANGE),
    st.integers(1, 12).map(c.RunSteps), st.integers(1, 12).map(c.RunSteps), st.integers(0, 50).map(c.Rewind),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=8, max_size=20))
def test_whatever_the_order_only_an_undo_takes_back_and_only_what_its_change_added(
    train: Train, monkeypatch: pytest.MonkeyPatch, acts: list[Any]
):
    """The steps with changes, and what each added, stand in a list; a rewind forgets those from its step on."""
    monkeypatch.setattr("engine.training.trail.APART", 5)
    commands: list[c.AnyCommand] = [c.RunSteps(1)]
    for number, act in enumerate(acts):
        optimizer = "sgd" if number % 2 else "adam"
        known = {ADD: c.AddSample(number % 3, picture(number)), CHANGE: c.SetOptimizer(optimizer), UNDO: c.Undo()}
        commands.append(known.get(act, act))
    run = train(*commands, paused=True, linger=True, rewindable=True, epochs=1000)
    told = iter([event for event in run.events if isinstance(event, e.RunRewound | e.CommandRefused)])
    step, changes, expected = 0, [], []
    for command in commands:
        match command:
            case c.RunSteps(count):
                step += count
            case c.AddSample() | c.SetOptimizer():
                if not changes or changes[-1][0] < step:
                    changes.append((step, []))
                if isinstance(command, c.AddSample):
                    changes[-1][1].append(command.pixels)
                    expected.append(command.pixels)
            case c.Undo() | c.Rewind():
                event = next(told)
                assert isinstance(event, e.CommandRefused) == (isinstance(command, c.Undo) and not changes)
                if isinstance(event, e.CommandRefused):
                    continue
                if event.undone:
                    assert event.step == changes[-1][0]
                    expected = [pixels for pixels in expected if pixels not in changes[-1][1]]
                step = event.step
                changes = [change for change in changes if change[0] < step]
                assert event.train_count == 108 + len(expected)
    assert [sample.pixels for sample in run.learner.added] == expected


def test_another_run_of_the_same_data_has_them_and_one_of_other_data_has_not(train: Train, configure: Train):
    same = configure(seed=4)
    other = configure(dataset="iris", model="Linear(3)", batch_size=16)
    first = (c.AddSample(0, picture(5)), c.RunSteps(8))
    run = train(*first, c.BeginRun(same), c.Stop(), paused=True, linger=True)
    assert [event.train_count for event in run.of(e.RunStarted)] == [108, 109]
    assert [sample.label for sample in run.learner.added] == [0]
    run = train(*first, c.BeginRun(other), c.Stop(), paused=True, linger=True)
    assert run.of(e.RunStarted)[1].train_count == len(run.learner.given.train) == len(run.learner.dataset.train)
    assert run.learner.added == []


def test_a_batch_size_that_a_run_had_is_no_trouble_when_it_begins_anew(train: Train):
    """Samples that were added are no reason to allow one that is larger than the data set itself."""
    run = train(
        c.AddSample(0, picture(5)), c.RunSteps(2), c.SetHyperparameter("batch_size", 109),
        c.SetHyperparameter("batch_size", 108), c.Restart(),
        paused=True, linger=True,
    )  # fmt: skip
    assert "more than the 108 training samples" in run.the(e.CommandRefused).reason
    assert run.learner.hyperparameter("batch_size").value == 108


def test_damaged_samples_of_a_checkpoint_are_named(learn: Learn, tmp_path: Path):
    learner = learn()
    learner.add(AddedSample(1, picture(4)))
    save_checkpoint(tmp_path / "a.safetensors", learner, Progress(3))
    checkpoint = load_checkpoint(tmp_path / "a.safetensors")
    checkpoint.tensors["added.labels"][0] = 7
    with pytest.raises(UserError, match=r"a\.safetensors: label 7"):
        restore(learn(), checkpoint)
    del checkpoint.tensors["added.labels"]
    assert checkpoint.training is not None
    checkpoint.training.added_count = 1
    checkpoint.training.train_count += 1
    with pytest.raises(UserError, match="1 samples were added, but it has 0"):
        restore(learn(), checkpoint)


def test_a_wrong_label_is_taken_back_with_all_of_its_number(train: Train):
    """Added at one step, its digits are one change."""
    number = [c.AddSample(1, picture(6)), c.AddSample(2, picture(7))]
    first = (c.RunSteps(2), c.AddSample(0, picture(5)), c.RunSteps(6))
    run = train(*first, *number, c.RunSteps(7), c.Undo(), c.RunSteps(9), c.Stop(), paused=True, rewindable=True)
    without = train(*first, c.RunSteps(9), c.Stop(), paused=True, rewindable=True)
    assert run.the(e.RunRewound).train_count == 109
    assert [sample.label for sample in run.learner.added] == [0]
    assert run.weights == without.weights
