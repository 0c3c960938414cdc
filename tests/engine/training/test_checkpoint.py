import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save_file

from engine.datasets import Dataset
from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training.checkpoint import (
    Checkpoint,
    Progress,
    load_checkpoint,
    require_writable,
    restore,
    resume_path,
    save_checkpoint,
)
from engine.training.learner import Learner

Train = Callable[..., Any]
Learn = Callable[..., Learner]

RICH = "Flatten, Linear(12), BatchNorm1d, ReLU, Dropout(0.2), Linear(8), Tanh, Dropout(0.5), Linear(3)"
DEEP = (
    "Conv2d(4, 3, padding=1, bias=False), BatchNorm2d, ReLU, Residual(Conv2d(4, 3, padding=1), BatchNorm2d, ReLU, "
    "Dropout2d(0.2), Conv2d(4, (3, 1), padding=(1, 0)), BatchNorm2d), ReLU, MaxPool2d(3, 2, 1), Dropout2d(0.1), "
    "Conv2d(6, 2), GlobalAvgPool2d, Flatten, Dropout(0.3), Linear(3)"
)
CHANGES = {
    2: c.SetHyperparameter("learning_rate", 0.02),
    3: c.SetHyperparameter("batch_size", 10),
    4: c.SetHyperparameter("dropout", 0.35),
    5: c.SetHyperparameter("weight_decay", 0.001),
    6: c.SetHyperparameter("clip_norm", 0.5),
}


def saved(learner: Learner, path: Path) -> Checkpoint:
    save_checkpoint(path, learner, Progress(3))
    return load_checkpoint(path)


def state(run: Any) -> tuple[bytes, ...]:
    learner = run.learner
    arrays = [learner.model.values, *learner.model.buffers.values(), *learner.optimizer.moments.values()]
    return (*(array.tobytes() for array in arrays), repr(learner.position).encode())


def react(changes: dict[int, c.AnyCommand], stop: int | None = None) -> Callable[[Any], c.AnyCommand | None]:
    def answer(event: Any) -> c.AnyCommand | None:
        if isinstance(event, e.StepsEnded):
            return c.Stop() if event.step == stop else changes.get(event.step)
        return None

    return answer


def stop_and_go_on(train: Train, stop: int, changes: dict[int, Any], path: Path, **options: Any) -> tuple[Any, Any]:
    """One run in one go, and the same run stopped after a step and resumed from what lies on the disk."""
    whole = train(react=react(changes), **options)
    train(react=react(changes, stop), checkpoint=path, **options)
    checkpoint = load_checkpoint(path)
    late = {step: command for step, command in changes.items() if step > stop}
    rest = train(react=react(late), config=checkpoint.config, resume=checkpoint, **options)
    return whole, rest


def assert_same(whole: Any, rest: Any) -> None:
    assert state(rest) == state(whole)
    timeless = {"seconds", "compile_seconds", "samples", "samples_per_second", "peak_memory_mb", "checkpoint", "run"}
    summaries = [run.the(e.RunEnded).summary for run in (whole, rest)]
    ours, theirs = ({key: value for key, value in summary.items() if key not in timeless} for summary in summaries)
    assert ours == theirs
    epochs = {event.epoch: event for event in whole.of(e.EpochEnded)}
    for event in rest.of(e.EpochEnded):
        assert msgspec.structs.replace(event, seconds=0) == msgspec.structs.replace(epochs[event.epoch], seconds=0)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
@pytest.mark.parametrize("stop", [1, 6, 8, 17])
def test_a_resumed_run_ends_as_if_it_had_not_stopped(train: Train, optimizer: str, stop: int, tmp_path: Path):
    options = {"model": RICH, "optimizer": optimizer, "schedule": "warmup(5), cosine", "clip_norm": 0.7}
    assert_same(*stop_and_go_on(train, stop, {}, tmp_path / "cut.safetensors", **options))


@pytest.mark.parametrize("stop", [1, 8])
def test_a_resumed_run_of_layers_inside_others_ends_as_if_it_had_not_stopped(train: Train, stop: int, tmp_path: Path):
    whole, rest = stop_and_go_on(train, stop, CHANGES, tmp_path / "cut.safetensors", model=DEEP)
    assert_same(whole, rest)
    assert [layer.draws for layer in rest.learner.model.dropouts] == [whole.learner.position.step] * 3


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
@pytest.mark.parametrize("stop", [1, 7, 9, 20])
def test_hyperparameters_changed_on_the_way_are_kept(train: Train, optimizer: str, stop: int, tmp_path: Path):
    whole, rest = stop_and_go_on(train, stop, CHANGES, tmp_path / "cut.safetensors", model=RICH, optimizer=optimizer)
    assert_same(whole, rest)
    assert whole.learner.settings.batch_size == rest.learner.settings.batch_size == 10


@pytest.mark.parametrize("stop", [4, 9])
def test_samples_are_varied_as_if_the_run_had_not_stopped(train: Train, stop: int, tmp_path: Path):
    changes = {3: c.SetHyperparameter("augment_intensity", 0.5), 8: c.SetHyperparameter("batch_size", 11)}
    whole, rest = stop_and_go_on(train, stop, changes, tmp_path / "cut.safetensors", augment="elastic")
    assert_same(whole, rest)
    assert rest.learner.hyperparameter("augment_intensity").value == 0.5
    assert state(whole) != state(train(augment="elastic", react=react({8: changes[8]})))


@pytest.mark.parametrize("strategy", ["random_search", "hill_climbing(scale=0.3)"])
@pytest.mark.parametrize("stop", [1, 6, 9, 17])
def test_a_resumed_search_ends_as_if_it_had_not_stopped(train: Train, strategy: str, stop: int, tmp_path: Path):
    changes = {3: c.SetHyperparameter("scale", 0.2), 8: c.SetHyperparameter("batch_size", 10)}
    options = {"model": RICH, "strategy": strategy, "schedule": "cosine"}
    whole, rest = stop_and_go_on(train, stop, changes, tmp_path / "cut.safetensors", **options)
    assert_same(whole, rest)
    assert rest.learner.config.strategy == strategy
    assert rest.learner.hyperparameter("scale").value == 0.2


def test_a_resumed_run_begins_where_it_stopped(train: Train, tmp_path: Path):
    _, rest = stop_and_go_on(train, 8, {}, tmp_path / "cut.safetensors")
    started = rest.the(e.RunStarted)
    assert (started.step, started.epoch) == (8, pytest.approx(1 + 40 / 108))
    assert rest.of(e.StepsEnded)[0].first_step == 9


def test_a_finished_run_goes_on_with_more_epochs(train: Train, tmp_path: Path):
    train(checkpoint=tmp_path / "first.safetensors", model=RICH, epochs=2)
    checkpoint = load_checkpoint(tmp_path / "first.safetensors")
    longer = msgspec.structs.replace(checkpoint.config, epochs=4)
    assert state(train(config=longer, resume=checkpoint)) == state(train(model=RICH, epochs=4))


def test_a_finished_run_resumed_is_finished(train: Train, tmp_path: Path):
    train(checkpoint=tmp_path / "first.safetensors")
    checkpoint = load_checkpoint(tmp_path / "first.safetensors")
    again = train(config=checkpoint.config, resume=checkpoint)
    assert again.of(e.StepsEnded) == []
    assert again.the(e.RunEnded).reason == "done"


def test_the_best_so_far_is_remembered(train: Train, tmp_path: Path):
    train(checkpoint=tmp_path / "first.safetensors", epochs=2)
    progress = load_checkpoint(tmp_path / "first.safetensors").progress
    assert progress is not None
    assert progress.best_accuracy >= 0
    assert progress.best_loss < 10


def test_what_is_read_restores_more_than_one_learner(learn: Learn, tmp_path: Path):
    learner = learn(model=RICH)
    for _ in range(4):
        learner.train_step(3)
    checkpoint = saved(learner, tmp_path / "a.safetensors")
    for _ in range(2):
        other = learn(model=RICH, seed=9)
        restore(other, checkpoint)
        assert other.model.values.tobytes() == learner.model.values.tobytes()
        assert other.position == learner.position
        assert other.position is not learner.position


# The file as others read it.


def torch_model(torch: Any, text: str) -> Any:
    """The torch.nn.Sequential that the text stands for."""
    nn = torch.nn
    if text == RICH:
        return nn.Sequential(
            *(nn.Flatten(), nn.Linear(25, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Dropout(0.2)),
            *(nn.Linear(12, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 3)),
        )

    class Residual(nn.Sequential):
        def forward(self, x: Any) -> Any:
            return x + super().forward(x)

    inside = [nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout2d(0.2)]
    inside += [nn.Conv2d(4, 4, (3, 1), padding=(1, 0)), nn.BatchNorm2d(4)]
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), Residual(*inside), nn.ReLU()),
        *(nn.MaxPool2d(3, 2, 1), nn.Dropout2d(0.1), nn.Conv2d(4, 6, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        *(nn.Dropout(0.3), nn.Linear(6, 3)),
    )


def assert_same_logits(torch: Any, learner: Learner, theirs: Any) -> None:
    x = learner.dataset.test.x
    outputs, _ = learner.model.forward(x, training=False)
    with torch.no_grad():
        expected = theirs.eval()(torch.tensor(np.array(x))).numpy()
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("text", [RICH, DEEP])
def test_the_state_loads_strictly_into_pytorch(learn: Learn, text: str, tmp_path: Path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    learner = learn(model=text)
    for _ in range(5):
        learner.train_step(1)
    saved(learner, tmp_path / "a.safetensors")
    theirs = torch_model(torch, text)
    tensors = load_file(tmp_path / "a.safetensors")
    theirs.load_state_dict(tensors, strict=True)
    assert {tensors[name].shape for name in tensors if name.endswith("num_batches_tracked")} == {()}
    assert_same_logits(torch, learner, theirs)


@pytest.mark.parametrize("text", [RICH, DEEP])
def test_pytorchs_state_is_restored(learn: Learn, text: str, tmp_path: Path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file as save_torch

    theirs = torch_model(torch, text)
    x = torch.tensor(np.array(learn().dataset.train.x))
    for _ in range(5):
        theirs(x)
    about = {"model": text, "input_shape": [1, 5, 5], "classes": ["0", "1", "2"], "input_mean": 0.5, "input_std": 1.0}
    path = tmp_path / "a.safetensors"
    save_torch(theirs.state_dict(), path, {name: json.dumps(value) for name, value in about.items()})
    learner = learn(model=text)
    restore(learner, load_checkpoint(path))
    assert_same_logits(torch, learner, theirs)


def test_the_metadata_describes_the_model_in_strict_json(learn: Learn, tiny_data: Dataset, tmp_path: Path):
    learner = learn(model=RICH)
    learner.train_step(1)
    saved(learner, tmp_path / "a.safetensors")
    with safe_open(tmp_path / "a.safetensors", framework="numpy") as file:
        raw = file.metadata()

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    metadata = {key: json.loads(value, parse_constant=refuse) for key, value in raw.items()}
    assert metadata["model"] == RICH
    assert metadata["input_shape"] == [1, 5, 5]
    assert metadata["classes"] == ["0", "1", "2"]
    assert metadata["input_mean"] == tiny_data.input_mean
    assert metadata["input_std"] == tiny_data.input_std
    assert (metadata["step"], metadata["loss"], metadata["dataset"]) == (1, "cross_entropy", tiny_data.name)


def test_the_model_alone_gives_its_weights_and_starts_anew(learn: Learn, tmp_path: Path):
    learner = learn(model=RICH)
    for _ in range(3):
        learner.train_step(1)
    path = tmp_path / "a.safetensors"
    saved(learner, path)
    resume_path(path).unlink()
    checkpoint = load_checkpoint(path)
    assert (checkpoint.training, checkpoint.progress, checkpoint.config.model) == (None, None, RICH)
    other = learn(model=RICH, seed=5)
    restore(other, checkpoint)
    assert other.model.values.tobytes() == learner.model.values.tobytes()
    assert (other.position.step, other.optimizer.steps) == (0, 0)


def test_either_file_names_the_checkpoint(learn: Learn, tmp_path: Path):
    path = tmp_path / "a.safetensors"
    saved(learn(), path)
    by_model, by_state = load_checkpoint(path), load_checkpoint(resume_path(path))
    assert by_model.training == by_state.training
    assert by_model.tensors.keys() == by_state.tensors.keys()


# What goes wrong.


def refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_checkpoint(path)
    message = str(caught.value)
    assert path.stem.partition(".")[0] in message
    assert len(message.splitlines()) == 1
    return message


def test_a_missing_checkpoint(tmp_path: Path):
    assert "no such file" in refused(tmp_path / "none.safetensors")
    assert "no such file" in refused(tmp_path / "none.resume.safetensors")


def test_a_folder_is_no_checkpoint(tmp_path: Path):
    (tmp_path / "a.safetensors").mkdir()
    refused(tmp_path / "a.safetensors")


@pytest.mark.parametrize("kind", ["a.safetensors", "a.resume.safetensors"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_truncated_checkpoint(learn: Learn, tmp_path: Path, kind: str, share: float):
    saved(learn(), tmp_path / "a.safetensors")
    if kind == "a.safetensors":
        (tmp_path / "a.resume.safetensors").unlink()
    content = (tmp_path / kind).read_bytes()
    (tmp_path / kind).write_bytes(content[: int(share * len(content))])
    refused(tmp_path / "a.safetensors")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_what_is_no_checkpoint(tmp_path: Path, content: bytes):
    (tmp_path / "a.safetensors").write_bytes(content)
    refused(tmp_path / "a.safetensors")


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}, {"model": "{"}, {"model": '"Linear(3)"'}])
def test_a_model_that_does_not_describe_itself(tmp_path: Path, metadata: dict[str, str] | None):
    save_file({"0.weight": np.zeros((3, 2), np.float32)}, tmp_path / "a.safetensors", metadata)
    refused(tmp_path / "a.safetensors")


def test_a_bare_model_from_pytorch(tmp_path: Path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file as save_torch

    save_torch(torch.nn.Sequential(torch.nn.Linear(2, 3)).state_dict(), tmp_path / "a.safetensors")
    assert "its metadata has no" in refused(tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    ("other", "part"),
    [
        ({"model": "Flatten, Linear(9), ReLU, Linear(3)"}, "1.weight needs shape (9, 25), but there is shape (8, 25)"),
        (
            {"model": "Flatten, Linear(8), ReLU, Linear(3), BatchNorm1d"},
            "4.weight needs shape (3,), but there is nothing",
        ),
    ],
)
def test_a_checkpoint_of_another_model(learn: Learn, tmp_path: Path, other: dict[str, Any], part: str):
    checkpoint = saved(learn(), tmp_path / "a.safetensors")
    with pytest.raises(UserError) as caught:
        restore(learn(**other), checkpoint)
    assert part in str(caught.value)


def test_another_optimizer_goes_on_from_the_weights_without_a_past(learn: Learn, tmp_path: Path):
    learner = learn()
    learner.train_step(1)
    other = learn(optimizer="momentum")
    restore(other, saved(learner, tmp_path / "a.safetensors"))
    assert other.model.values.tobytes() == learner.model.values.tobytes()
    assert (other.optimizer.steps, other.position.step) == (0, 1)
    assert not other.optimizer.moments["velocity"].any()


def test_epochs_added_and_threads_in_use_are_gone_on_with(learn: Learn, tmp_path: Path):
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, learn(), Progress(epochs=7, threads=1))
    config = load_checkpoint(path).config
    assert (config.epochs, config.threads) == (7, 1)


def test_a_checkpoint_of_other_data(learn: Learn, tmp_path: Path):
    checkpoint = saved(learn(), tmp_path / "a.safetensors")
    assert checkpoint.training is not None
    checkpoint.training.train_count = 60_000
    with pytest.raises(UserError, match=r"60000 samples, but .* has 108"):
        restore(learn(), checkpoint)


@pytest.mark.parametrize("place", ["fsync", "replace"])
def test_a_failing_write_leaves_no_part_and_keeps_what_was_there(
    learn: Learn, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
):
    learner, path = learn(), tmp_path / "a.safetensors"
    saved(learner, path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    learner.train_step(1)

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if place == "fsync" else (Path, "replace")), fail)
    with pytest.raises(UserError, match=r"a\.safetensors: cannot be written: No space left on device"):
        save_checkpoint(path, learner, Progress(3))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_cut_between_the_two_files_loses_nothing(learn: Learn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    learner, path, written = learn(), tmp_path / "a.safetensors", []
    saved(learner, path)
    learner.train_step(1)
    replace = Path.replace

    def cut(self: Path, target: Path) -> Path:
        written.append(target)
        if len(written) == 2:
            raise OSError(errno.EIO, "cut")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(UserError):
        save_checkpoint(path, learner, Progress(3))
    with pytest.raises(UserError, match=r"a\.resume\.safetensors beside it has other weights"):
        load_checkpoint(path)
    other = learn()
    restore(other, load_checkpoint(resume_path(path)))
    assert other.model.values.tobytes() == learner.model.values.tobytes()
    assert other.position.step == 1


def test_nothing_but_the_two_files_is_left(learn: Learn, tmp_path: Path):
    saved(learn(), tmp_path / "new" / "folder" / "a.safetensors")
    names = sorted(file.name for file in (tmp_path / "new" / "folder").iterdir())
    assert names == ["a.resume.safetensors", "a.safetensors"]


def test_the_same_state_gives_the_same_bytes(learn: Learn, tmp_path: Path):
    for name in ("a", "b"):
        learner = learn(model=RICH)
        learner.train_step(1)
        saved(learner, tmp_path / f"{name}.safetensors")
    first, second = (tmp_path / f"{name}.resume.safetensors" for name in ("a", "b"))
    assert len(first.read_bytes()) == len(second.read_bytes())
    for mine, other in zip(
        load_checkpoint(first).tensors.items(), load_checkpoint(second).tensors.items(), strict=True
    ):
        assert mine[0] == other[0]
        np.testing.assert_array_equal(mine[1], other[1])


def test_a_place_that_cannot_be_written_is_found_before_training(train: Train, tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "folder.safetensors").mkdir()
    for path in (tmp_path / "file" / "a.safetensors", tmp_path / "folder.safetensors"):
        with pytest.raises(UserError, match="cannot be written"):
            require_writable(path)
        failed = train(checkpoint=path).the(e.RunFailed)
        assert failed.mistake
        assert "cannot be written" in failed.message
