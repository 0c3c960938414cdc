"""A network's training step, and its forward pass alone, as jobs for the crew."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

import engine.stages
from engine.arrays import Array
from engine.augmentations import Augmentation
from engine.datasets.base import Split
from engine.kernels.compiled import phase
from engine.kernels.crew import Crew, Job, Segment
from engine.layers.flatten import Flatten
from engine.losses import Loss
from engine.losses.cross_entropy import CrossEntropy
from engine.model import Sequential
from engine.optimizers.base import Optimizer
from engine.plain_step import Batch, StepResult
from engine.stages.batch import gather_maps, gather_rows, vary_maps, vary_rows
from engine.stages.loss import cross_entropy
from engine.stages.lowering import STAGES, Lowering
from engine.stages.signals import Maps, Rows, Signal, border_for, even_chunks, size_of
from engine.stages.update import BLOCK, judge_gradients, update_phase

for _module in iter_modules(engine.stages.__path__):
    if _module.name not in ("step", "lowering", "signals"):
        import_module(f"engine.stages.{_module.name}")  # registers the layers that it lowers


def missing(model: Sequential, optimizer: Optimizer) -> str:
    """The first layer, or else the optimizer, that has no compiled form; "" if all have."""
    kinds = [type(layer) for layer in model.layers] + [type(leaf.layer) for leaf in model.leaves]
    lacking = [kind.__name__ for kind in kinds if kind not in STAGES]
    if update_phase(optimizer) is None:
        lacking.append(type(optimizer).__name__)
    return lacking[0] if lacking else ""


class CompiledForward:
    """The outputs of a model for up to `batch` samples at a time, as in evaluation."""

    def __init__(self, model: Sequential, batch: int, crew: Crew) -> None:
        self._to = Lowering(batch, training=False, threads=crew.threads)
        self._x, self._y = _lower(self._to, model)
        self._job = Job([[segment for stage in self._to.stages for segment in stage.pack], *_forward(self._to)])
        self._crew = crew
        self.batch = batch

    @property
    def phases(self) -> list[phase]:
        """What it runs, each once."""
        return self._job.phases

    def outputs(self, x: Array) -> Array:
        """(count, *input shape), count up to the batch → (count, outputs), to be used before the next call."""
        self._x.write(x)
        _refresh(self._to)
        self._crew.run(self._job)
        return self._y.read(len(x))


class CompiledStep:
    """One training step on batches of one size: gather, forward, loss, backward, norms, clipping, update.

    While one batch trains, the next one is gathered and varied. The losses other than cross-entropy are computed in
    between, in NumPy.
    """

    def __init__(
        self,
        model: Sequential,
        loss: Loss,
        optimizer: Optimizer,
        split: Split,
        augmentation: Augmentation | None,
        batch: int,
        crew: Crew,
    ) -> None:
        self._model, self._loss, self._optimizer, self._crew = model, loss, optimizer, crew
        self._augmentation = augmentation
        self.batch = batch
        to = self._to = Lowering(batch, training=True, threads=crew.threads)
        x, y = _lower(to, model)
        assert isinstance(y, Rows)
        self._x, self._y = x, y
        self._figures, self._verdict, self._limit = np.zeros(2), np.zeros(1), np.zeros(1)
        self._smoothing = np.zeros(1)

        self.labels = np.zeros(batch, np.int64)
        self._present = (x.value, self.labels)
        self._waiting = (np.zeros_like(x.value), np.zeros_like(self.labels))
        self._next_chosen, self._ready = np.zeros(batch, np.int64), False
        self._variation, self._ranges = np.zeros(2, np.int64), np.zeros(7)
        gather = self._lower_gather(split, x)
        loss_group = [self._lower_loss()] if isinstance(loss, CrossEntropy) else []
        packs = [segment for stage in to.stages for segment in stage.pack]
        forward = [packs, *_forward(to)]
        late = [segment for stage in to.stages for segment in stage.late]
        backward = [group for stage in reversed(to.stages) for group in stage.backward]
        backward += [late, *self._lower_update()]
        self._readers = _places(to.tables, self._present)
        self._writers = _places(to.tables, self._waiting)
        self._gather = Job([[gather]])
        if isinstance(loss, CrossEntropy):
            self._jobs = {ahead: [Job([*forward, loss_group + [gather] * ahead, *backward])] for ahead in (False, True)}
        else:
            self._jobs = {
                ahead: [Job(forward), Job([backward[0] + [gather] * ahead, *backward[1:]])] for ahead in (False, True)
            }

    @property
    def phases(self) -> list[phase]:
        """What it runs, each once."""
        jobs = [self._gather, *self._jobs[True]]
        return list(dict.fromkeys(phase for job in jobs for phase in job.phases))

    @property
    def samples(self) -> Array:
        """The batch that it took last, as the first layer got it."""
        return self._x.read(self.batch)

    def run(self, batch: Batch, following: Batch | None, factor: float, clip_norm: float) -> StepResult:
        """As PlainStep.run; `following` is used if it has the size of this one. Its arrays are used again."""
        if not (self._ready and self._waits(batch)):
            self._ask_for(batch)
            self._crew.run(self._gather)
        self._swap()
        self._ready = following is not None and len(following.chosen) == self.batch
        if following is not None and self._ready:
            self._ask_for(following)
        self._optimizer.steps += 1
        scalars = self._optimizer.scalars(factor, 1.0)
        self._scalars[: len(scalars)] = scalars
        self._limit[0] = clip_norm
        _refresh(self._to)
        self._run_jobs(self._jobs[self._ready])
        finite = bool(self._verdict[0])
        if not finite:
            self._optimizer.steps -= 1
        return StepResult(
            float(self._figures[0]),
            int(self._figures[1]),
            self._squares,
            np.add.reduceat(self._changes, self._first_block),
            np.add.reduceat(self._sizes, self._first_block),
            finite,
        )

    def _run_jobs(self, jobs: list[Job]) -> None:
        if isinstance(self._loss, CrossEntropy):
            self._smoothing[0] = self._loss.label_smoothing
            self._crew.run(jobs[0])
            return
        self._crew.run(jobs[0])
        outputs = np.ascontiguousarray(self._y.read(self.batch))
        self._figures[0], back = self._loss.forward(outputs, self._loss.targets(self.labels, outputs))
        self._figures[1] = np.count_nonzero(self._loss.chosen(outputs) == self.labels)
        self._y.need_gradient()[:, : self.batch] = back().T
        self._crew.run(jobs[1])

    def _waits(self, batch: Batch) -> bool:
        """Whether the batch in waiting is that one, varied as it would be now."""
        return (
            np.array_equal(self._next_chosen, batch.chosen)
            and self._variation.tolist() == [batch.seed, batch.epoch]
            and self._ranges.tolist() == self._present_ranges()
        )

    def _ask_for(self, batch: Batch) -> None:
        self._next_chosen[:] = batch.chosen
        self._variation[:] = batch.seed, batch.epoch
        self._ranges[:] = self._present_ranges()

    def _present_ranges(self) -> list[float]:
        return [*self._augmentation.ranges, self._augmentation.background] if self._augmentation else [0.0] * 7

    def _swap(self) -> None:
        """The batch in waiting becomes the present one: the two pairs of buffers change places."""
        self._present, self._waiting = self._waiting, self._present
        for table, row, which in self._readers:
            table[row, 0] = self._present[which].ctypes.data
        for table, row, which in self._writers:
            table[row, 0] = self._waiting[which].ctypes.data
        self._x.value, self.labels = self._present

    def _lower_gather(self, split: Split, x: Signal) -> Segment:
        """The gathering of the next batch."""
        to, batch = self._to, self.batch
        samples, labels = np.ascontiguousarray(split.x, np.float32), np.ascontiguousarray(split.labels, np.int64)
        border = x.border if isinstance(x, Maps) else 0
        block = even_chunks(batch, to.chunks)
        operands: list[Any] = [samples, labels, self._next_chosen, *self._waiting, block, border]
        if self._augmentation is not None:
            gather = vary_maps if isinstance(x, Maps) else vary_rows
            operands += [np.zeros((to.threads, *samples.shape[1:]), np.float32), self._variation, self._ranges]
        elif isinstance(x, Maps):
            gather = gather_maps
        else:
            gather = gather_rows
            operands[0] = samples.reshape(len(samples), -1)
        return to.segment(gather, operands, -(-batch // block))

    def _lower_loss(self) -> Segment:
        y = self._y
        scratch = np.zeros((2 * self.batch, y.features), np.float32)
        operands = [y.value, self.labels, y.need_gradient(), y.features, scratch, self._smoothing, self._figures]
        return self._to.segment(cross_entropy, operands, 1)

    def _lower_update(self) -> list[list[Segment]]:
        to, model, optimizer = self._to, self._model, self._optimizer
        update = update_phase(optimizer)
        assert update is not None
        parameters = model.parameters.values()
        part_bounds = np.array([to.parts_of[id(parameter)] for parameter in parameters], np.int64).reshape(-1)
        self._squares = np.zeros(len(parameters))
        self._scalars = np.zeros(16, np.float32)
        judged = [to.parts, part_bounds, self._squares, self._limit, self._figures, self._verdict, self._scalars]
        blocks: list[tuple[int, int]] = []
        self._first_block = np.zeros(len(parameters), np.int64)
        for index, (start, stop) in enumerate(zip(model.offsets[:-1], model.offsets[1:], strict=True)):
            self._first_block[index] = len(blocks)
            blocks += [(first, min(first + BLOCK, stop)) for first in range(start, stop, BLOCK)]
        self._changes, self._sizes = np.zeros(len(blocks)), np.zeros(len(blocks))
        operands = [model.values, model.gradients, self._scalars, np.array(blocks, np.int64).reshape(-1)]
        operands += [self._verdict, self._changes, self._sizes, *optimizer.moments.values()]
        return [[to.segment(judge_gradients, judged, 1)], [to.segment(update, operands, len(blocks))]]


def _lower(to: Lowering, model: Sequential) -> tuple[Signal, Signal]:
    """Lower the whole model; returns what goes in and what comes out."""
    shape, layers = model.input_shape, model.layers
    if len(shape) == 3 and not isinstance(layers[0], Flatten):
        x: Signal = Maps(to.batch, shape, border_for(layers), given=True)
    else:
        x = Rows(to.batch, size_of(shape))
    return x, to.chain(layers, x)


def _refresh(to: Lowering) -> None:
    for stage in to.stages:
        if stage.refresh is not None:
            stage.refresh()


def _forward(to: Lowering) -> list[list[Segment]]:
    return [group for stage in to.stages for group in stage.forward]


def _places(tables: Sequence[Array], arrays: Sequence[Array]) -> list[tuple[Array, int, int]]:
    """Where tables have the address of one of the arrays: (table, row, which array)."""
    return [
        (table, int(row), which)
        for which, array in enumerate(arrays)
        for table in tables
        for row in np.flatnonzero(table[:, 0] == array.ctypes.data)
    ]
