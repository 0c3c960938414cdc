"""Checkpoints: a model that describes itself, and beside it all that a run needs to go on to the bit.

`NAME.safetensors` holds parameters and buffers under PyTorch's names and loads with
`torch.nn.Sequential(...).load_state_dict(...)`. `NAME.resume.safetensors` holds the same weights, the optimizer's
moments and the place in the data; it is complete by itself, so that a cut between the two files loses nothing.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from engine.arrays import Array
from engine.errors import UserError
from engine.health.memory import Memory
from engine.machine import available_threads
from engine.training.added_samples import AddedSample, require_fitting
from engine.training.config import Config, going_on, make_config
from engine.training.learner import Learner, Position

MOMENT = "optimizer."

ADDED_LABELS, ADDED_PIXELS = "added.labels", "added.pixels"

NOTHING = Memory()


class Progress(msgspec.Struct, frozen=True):
    """What a run knows beside the learner: epochs planned, threads in use, the best validation figures so far."""

    epochs: int
    threads: int = 0
    best_accuracy: float = -1.0
    best_loss: float = float("inf")


class TrainingState(msgspec.Struct, forbid_unknown_fields=True):
    """What going on needs beside weights and moments; `hyperparameters` are the last ones.

    `config` is the first one, but for what was changed since then beside numbers. `optimizer_missed` is
    `Optimizer.missed` by the names of parameters, `frozen` has names of parameters. `added_count` of the samples that
    were added belong to `train_count`; the others wait for the next epoch.
    """

    config: dict[str, Any]
    progress: Progress
    position: Position
    optimizer_steps: int
    hyperparameters: dict[str, float]
    dropout_draws: list[int]
    train_count: int
    added_count: int = 0
    optimizer_missed: dict[str, int] = {}
    frozen: list[str] = []
    health: Memory = NOTHING


class Checkpoint(NamedTuple):
    """A checkpoint as read: tensors by name and metadata as JSON values. `training` is None for a bare model."""

    path: Path
    tensors: dict[str, Array]
    metadata: dict[str, Any]
    training: TrainingState | None

    @property
    def config(self) -> Config:
        """The configuration to go on with: the run's own, with everything as it was last."""
        if self.training is None:
            return make_config(
                {name: self.metadata[name] for name in ("model", "loss", "dataset") if name in self.metadata}
            )
        progress = self.training.progress
        threads = min(progress.threads, available_threads())
        first = make_config(self.training.config)
        return going_on(first, self.training.hyperparameters, epochs=progress.epochs, threads=threads)

    @property
    def progress(self) -> Progress | None:
        """How far the run was, or None for a bare model."""
        return self.training.progress if self.training else None


def resume_path(path: Path) -> Path:
    """Where the state of training lies beside a model."""
    return beside(path, ".resume")


def beside(path: Path, what: str) -> Path:
    """The name of another checkpoint of the same run: beside(last.safetensors, ".best") is last.best.safetensors."""
    return path.with_name(f"{path.name.removesuffix('.safetensors')}{what}.safetensors")


def save_checkpoint(path: Path, learner: Learner, progress: Progress, health: Memory = NOTHING) -> None:
    """Write both files beside their names, then rename: neither is ever half there. Raises UserError."""
    with _named(path):
        _write(resume_path(path), pack(learner, progress, health))
        _write(path, _pack(_model(learner), _about(learner)))


def pack(learner: Learner, progress: Progress, health: Memory = NOTHING) -> bytes:
    """The content of a file that is complete by itself."""
    names = list(learner.model.parameters)
    training = TrainingState(
        config=msgspec.to_builtins(learner.config),
        progress=progress,
        position=learner.position,
        optimizer_steps=learner.optimizer.steps,
        hyperparameters=learner.chosen,
        dropout_draws=[layer.draws for layer in learner.model.dropouts],
        train_count=len(learner.dataset.train),
        added_count=learner.added_count,
        optimizer_missed={names[place]: count for place, count in learner.optimizer.missed.items()},
        frozen=[names[place] for place in learner.model.frozen],
        health=health,
    )
    moments = {MOMENT + name: array for name, array in learner.optimizer.moments.items()}
    tensors = _model(learner) | moments | _added(learner)
    return _pack(tensors, {**_about(learner), "training": msgspec.to_builtins(training)})


def write(path: Path, content: bytes, *, lasting: bool = True) -> None:
    """Write beside the name, then rename; `lasting`: so that it survives a power cut. Raises UserError."""
    with _named(path):
        _write(path, content, lasting=lasting)


def _model(learner: Learner) -> dict[str, Array]:
    return {name: parameter.value for name, parameter in learner.model.parameters.items()} | learner.model.buffers


def _about(learner: Learner) -> dict[str, Any]:
    """What a model says of itself."""
    dataset = learner.dataset
    about = {
        "model": learner.config.model,
        "input_shape": dataset.input_shape,
        "classes": dataset.class_names,
        "input_mean": np.asarray(dataset.input_mean).tolist(),
        "input_std": np.asarray(dataset.input_std).tolist(),
        "loss": learner.config.loss,
        "dataset": dataset.name,
        "step": learner.position.step,
        "epoch": learner.epoch,
    }
    if dataset.feature_names:
        about["features"] = dataset.feature_names
    if dataset.target is not None:
        about["target"] = dataset.target._asdict()
    return about


def require_writable(path: Path) -> None:
    """Make the checkpoint's folder. Raises UserError now, rather than at the end of a long run."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise PermissionError(0, "a folder has that name" if path.is_dir() else "its folder cannot be written to")
    except OSError as error:
        raise UserError(f"checkpoint {path}: cannot be written: {error.strerror}") from None


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a model with the state of training beside it, or that state by its own name, or a model alone.

    Raises UserError that names what is wrong, also where model and state are of different steps.
    """
    tensors, metadata = _read(path)
    source = path
    if "training" not in metadata and resume_path(path).exists():
        source, model = resume_path(path), tensors
        tensors, metadata = _read(source)
        if any(name not in tensors or tensors[name].tobytes() != model[name].tobytes() for name in model):
            remedy = "name that one, or move it away to begin with these"
            raise UserError(f"checkpoint {path}: {source.name} beside it has other weights; {remedy}")
    if "training" not in metadata:
        return Checkpoint(path, tensors, metadata, None)
    try:
        training = msgspec.convert(metadata["training"], TrainingState)
        checkpoint = Checkpoint(path, tensors, metadata, training)
        _ = checkpoint.config
        return checkpoint
    except (msgspec.ValidationError, KeyError, UserError) as error:
        raise UserError(f"checkpoint {source}: its metadata describes no training: {error}") from None


def read_checkpoint(path: Path) -> Checkpoint:
    """The tensors and the metadata of one file, whatever lies beside it. Raises UserError that names what is wrong."""
    return Checkpoint(path, *_read(path), None)


def restore(learner: Learner, checkpoint: Checkpoint) -> None:
    """Put a learner where the checkpoint left it; another optimizer begins without a past.

    Raises UserError where the two do not fit.
    """
    copy_tensors(checkpoint, {name: p.value for name, p in learner.model.parameters.items()} | learner.model.buffers)
    state = checkpoint.training
    if state is None:
        return
    trained, name = state.train_count - state.added_count, learner.dataset.name
    count = len(learner.dataset.train) - learner.added_count
    if trained != count:
        raise UserError(f"checkpoint {checkpoint.path}: from {trained} samples, but {name} has {count}")
    learner.put_samples(_read_added(checkpoint, learner), state.added_count)
    moments = {MOMENT + name: array for name, array in learner.optimizer.moments.items()}
    if moments.keys() == {name for name in checkpoint.tensors if name.startswith(MOMENT)}:
        copy_tensors(checkpoint, moments)
        learner.optimizer.steps = state.optimizer_steps
        missed = {place: state.optimizer_missed.get(name, 0) for place, name in enumerate(learner.model.parameters)}
        learner.optimizer.missed = {place: count for place, count in missed.items() if count}
    for parameter_name, parameter in learner.model.parameters.items():
        parameter.frozen = parameter_name in state.frozen
    learner.renew_steps()
    learner.position = state.position
    for layer, draws in zip(learner.model.dropouts, state.dropout_draws, strict=True):
        layer.draws = draws


def _added(learner: Learner) -> dict[str, Array]:
    """The samples that were added, as tensors; none of none."""
    if not learner.added:
        return {}
    pixels = np.frombuffer(b"".join(sample.pixels for sample in learner.added), np.uint8)
    return {
        ADDED_LABELS: np.array([sample.label for sample in learner.added], np.int64),
        ADDED_PIXELS: pixels.reshape(-1, *learner.dataset.input_shape),
    }


def _read_added(checkpoint: Checkpoint, learner: Learner) -> list[AddedSample]:
    """The samples that were added. Raises UserError where they do not fit the data."""
    labels, pixels = checkpoint.tensors.get(ADDED_LABELS), checkpoint.tensors.get(ADDED_PIXELS)
    if labels is None or pixels is None:
        samples = []
    else:
        samples = [AddedSample(int(label), one.tobytes()) for label, one in zip(labels, pixels, strict=False)]
    assert checkpoint.training is not None
    try:
        if not 0 <= checkpoint.training.added_count <= len(samples):
            raise UserError(f"{checkpoint.training.added_count} samples were added, but it has {len(samples)}")
        for sample in samples:
            require_fitting(sample, learner.dataset)
    except UserError as error:
        raise UserError(f"checkpoint {checkpoint.path}: {error}") from None
    return samples


def _read(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    if path.is_dir():
        raise UserError(f"checkpoint {path}: is a folder; name a .safetensors file in it")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = {key: json.loads(value) for key, value in (file.metadata() or {}).items()}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118, it is no mapping
    except FileNotFoundError:
        raise UserError(f"checkpoint {path}: no such file") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"checkpoint {path}: not a readable safetensors file: {error}") from None
    missing = {"model", "input_shape", "classes", "input_mean", "input_std"} - metadata.keys()
    if missing:
        raise UserError(f"checkpoint {path}: its metadata has no {', '.join(sorted(missing))}")
    return tensors, metadata


def copy_tensors(checkpoint: Checkpoint, targets: dict[str, Array]) -> None:
    """Fill arrays with a checkpoint's, by name. Raises UserError for one that is missing or of another shape."""
    for name, target in targets.items():
        found = checkpoint.tensors.get(name)
        if found is None or found.shape != target.shape:
            shape = "nothing" if found is None else f"shape {found.shape}"
            raise UserError(f"checkpoint {checkpoint.path}: {name} needs shape {target.shape}, but there is {shape}")
        target[...] = found


def _write(path: Path, content: bytes, *, lasting: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors of writing as UserErrors that name the checkpoint."""
    try:
        yield
    except OSError as error:
        raise UserError(f"checkpoint {path}: cannot be written: {error.strerror}") from None


def _pack(tensors: dict[str, Array], metadata: dict[str, Any]) -> bytes:
    content = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    packed: bytes = save(content, {key: json.dumps(value) for key, value in metadata.items()})
    return packed
