"""A network's training step, and its forward pass alone, as jobs for the crew."""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NamedTuple

import numpy as np

import engine.stages
from engine.arrays import Array
from engine.augmentations import Augmentation
from engine.datasets.base import Split
from engine.kernels.compiled import phase
from engine.kernels.crew import Crew, Job, Segment
from engine.layers import Layer
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
from engine.stages.update import BLOCK, SCALARS, judge_gradients, update_phase

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

    def given(self, layer: Layer, count: int) -> Array:
        """What a layer gave for the first samples, as (count, height, width, channels) or (count, features).

        A convolution's rectifier gives what the pooling behind it left. To be used before the next call of `outputs`.
        """
        signal = self._to.signal_of[id(layer)]
        return signal.inside[:count] if isinstance(signal, Maps) else signal.read(count)


class _Side(NamedTuple):
    """The jobs that train on one of two pairs of buffers while the other is filled: `steps` without and with that."""

    gather: Job
    steps: dict[bool, list[Job]]


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

        labels, self._label_type = np.zeros(batch, np.int64), split.labels.dtype
        self._buffers = ((x.value, labels), (np.zeros_like(x.value), np.zeros_like(labels)))
        self._next_chosen, self._ready = np.zeros(batch, np.int64), False
        self._variation, self._ranges = np.zeros(2, np.int64), np.zeros(7)
        gather = self._lower_gather(split, x)
        loss_group = [self._lower_loss()] if type(loss) is CrossEntropy else []
        packs = [segment for stage in to.stages for segment in stage.pack]
        forward = [packs, *_forward(to)]
        late = [segment for stage in to.stages for segment in stage.late]
        backward = [group for stage in reversed(to.stages) for group in stage.backward]
        backward += [late, *self._lower_update()]
        if type(loss) is CrossEntropy:
            jobs = {ahead: [[*forward, loss_group + [gather] * ahead, *backward]] for ahead in (False, True)}
        else:
            jobs = {ahead: [forward, [backward[0] + [gather] * ahead, *backward[1:]]] for ahead in (False, True)}
        # The batch that trains and the one in waiting change places at each step: two sides of every job.
        addresses = [[array.ctypes.data for array in pair] for pair in self._buffers]
        exchange = dict(zip(addresses[0] + addresses[1], addresses[1] + addresses[0], strict=True))
        self._sides = [
            _Side(Job(turned([[gather]])), {ahead: [Job(turned(groups)) for groups in jobs[ahead]] for ahead in jobs})
            for turned in (list, partial(_exchanged, exchange=exchange))
        ]
        self._present = 1

    @property
    def phases(self) -> list[phase]:
        """What it runs, each once."""
        jobs = [self._sides[0].gather, *self._sides[0].steps[True]]
        return list(dict.fromkeys(phase for job in jobs for phase in job.phases))

    @property
    def samples(self) -> Array:
        """The batch that it took last, as the first layer got it."""
        return self._x.read(self.batch)

    @property
    def groups(self) -> list[list[Segment]]:
        """The groups of a step, in their order; for benchmarks."""
        return [group for job in self._sides[0].steps[True] for group in job.groups]

    def run(self, batch: Batch, following: Batch | None, factor: float, clip_norm: float) -> StepResult:
        """As PlainStep.run; `following` is used if it has the size of this one. Its arrays are used again."""
        if not (self._ready and self._waits(batch)):
            self._ask_for(batch)
            self._crew.run(self._sides[self._present].gather)
        self._present = 1 - self._present
        self._x.value, self.labels = self._buffers[self._present]
        self._ready = following is not None and len(following.chosen) == self.batch
        if following is not None and self._ready:
            self._ask_for(following)
        self._optimizer.count_step(self._frozen)
        for missed, row in zip(self._missed, self._scalars, strict=True):
            scalars = self._optimizer.scalars(factor, 1.0, missed)
            row[: len(scalars)] = scalars
        self._limit[0] = clip_norm
        _refresh(self._to)
        self._run_jobs(self._sides[self._present].steps[self._ready])
        for stage in self._to.stages:
            if stage.finish is not None:
                stage.finish()
        finite = bool(self._verdict[0])
        if not finite:
            self._optimizer.count_step(self._frozen, -1)
        return StepResult(
            float(self._figures[0]),
            float(self._figures[1]),
            self.batch,
            self._squares,
            np.add.reduceat(self._changes, self._first_block),
            np.add.reduceat(self._sizes, self._first_block),
            finite,
        )

    def _run_jobs(self, jobs: list[Job]) -> None:
        if type(self._loss) is CrossEntropy:
            self._smoothing[0] = self._loss.label_smoothing
            self._crew.run(jobs[0])
            return
        self._crew.run(jobs[0])
        outputs = np.ascontiguousarray(self._y.read(self.batch))
        labels = self.labels.view(self._label_type)
        self._figures[0], back = self._loss.forward(outputs, self._loss.targets(labels, outputs))
        self._figures[1] = self._loss.score(outputs, labels)
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

    def _lower_gather(self, split: Split, x: Signal) -> Segment:
        """The gathering of the next batch."""
        to, batch = self._to, self.batch
        # Labels are carried as they are, eight bytes each, whether classes or numbers.
        samples, labels = np.ascontiguousarray(split.x, np.float32), split.labels.view(np.int64)
        border = x.border if isinstance(x, Maps) else 0
        block = even_chunks(batch, to.chunks)
        operands: list[Any] = [samples, labels, self._next_chosen, *self._buffers[1], block, border]
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
        operands = [
            y.value,
            self._buffers[0][1],
            y.need_gradient(),
            y.features,
            scratch,
            self._smoothing,
            self._figures,
        ]
        return self._to.segment(cross_entropy, operands, 1)

    def _lower_update(self) -> list[list[Segment]]:
        to, model, optimizer = self._to, self._model, self._optimizer
        update = update_phase(optimizer)
        assert update is not None
        parameters = model.parameters.values()
        part_bounds = np.array([to.parts_of[id(parameter)] for parameter in parameters], np.int64).reshape(-1)
        self._squares = np.zeros(len(parameters))
        self._frozen = model.frozen
        missed = [optimizer.missed.get(place, 0) for place in range(len(parameters))]
        learning = [place for place in range(len(parameters)) if place not in self._frozen]
        self._missed = sorted({missed[place] for place in learning}) or [0]
        self._scalars = np.zeros((len(self._missed), SCALARS), np.float32)
        learns = np.zeros(len(parameters), np.int64)
        learns[learning] = 1
        judged: list[Any] = [to.parts, part_bounds, self._squares, self._limit, self._figures, self._verdict]
        judged += [self._scalars.reshape(-1), learns]
        blocks: list[tuple[int, int, int]] = []
        self._first_block = np.zeros(len(parameters), np.int64)
        for index, (start, stop) in enumerate(zip(model.offsets[:-1], model.offsets[1:], strict=True)):
            self._first_block[index] = len(blocks)
            if index in self._frozen:
                blocks.append((start, start, 0))
                continue
            row = SCALARS * self._missed.index(missed[index])
            blocks += [(first, min(first + BLOCK, stop), row) for first in range(start, stop, BLOCK)]
        self._changes, self._sizes = np.zeros(len(blocks)), np.zeros(len(blocks))
        operands: list[Any] = [
            model.values,
            model.gradients,
            self._scalars.reshape(-1),
            np.array(blocks, np.int64).reshape(-1),
        ]
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


def _exchanged(groups: Sequence[Sequence[Segment]], exchange: dict[int, int]) -> list[list[Segment]]:
    """The same groups, with some addresses of operands exchanged for others."""
    made = []
    for group in groups:
        segments = []
        for segment in group:
            operands = segment.operands.copy()
            operands[:, 0] = [exchange.get(address, address) for address in operands[:, 0].tolist()]
            segments.append(segment._replace(operands=operands))
        made.append(segments)
    return made
