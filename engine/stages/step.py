"""A network's training step, and its forward pass alone, as jobs for the crew."""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from itertools import pairwise
from pkgutil import iter_modules
from typing import NamedTuple

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
from engine.stages.change_over import FAILED, FINITE, MOST, SQUARES, change_over, renew
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
    """The outputs of a model for up to `batch` samples at a time, as in evaluation; with a loss, that of a split."""

    def __init__(self, model: Sequential, batch: int, crew: Crew, loss: Loss | None = None) -> None:
        self._to = Lowering(batch, training=False, threads=crew.threads)
        self._x, self._y = _lower(self._to, model)
        self._packs = [segment for stage in self._to.stages for segment in stage.pack]
        self._groups = _forward(self._to)
        self._job = Job([self._packs, *self._groups])
        self._crew, self._loss = crew, loss
        self._measurings: dict[tuple[int, int, int], _Measuring] = {}
        self._smoothing = np.zeros(1)
        self.batch = batch
        self.measures = type(loss) is CrossEntropy
        """Whether it knows what the loss is; the other losses are computed in NumPy."""

    @property
    def phases(self) -> list[phase]:
        """What it runs, each once."""
        measuring = [_gather_phase(self._x, varied=False), cross_entropy] if self.measures else []
        return [*self._job.phases, *measuring]

    def outputs(self, x: Array) -> Array:
        """(count, *input shape), count up to the batch → (count, outputs), to be used before the next call."""
        self._x.write(x)
        self._crew.run(self._job)
        return self._y.read(len(x))

    def given(self, layer: Layer, count: int) -> Array:
        """What a layer gave for the first samples, as (count, height, width, channels) or (count, features).

        A convolution's rectifier gives what the pooling behind it left. To be used before the next call of `outputs`.
        """
        signal = self._to.signal_of[id(layer)]
        return signal.inside[:count] if isinstance(signal, Maps) else signal.read(count)

    def measure(self, split: Split, count: int) -> tuple[float, float]:
        """The sum of the losses of a split's first samples, and how many answers are right.

        In as few jobs as there is room for: between two of them the thread may have to wait for the interpreter.
        """
        assert isinstance(self._loss, CrossEntropy)
        self._smoothing[0] = self._loss.label_smoothing
        room = max(1, min(MOST, self._crew.most_groups // (len(self._groups) + 3))) * self.batch
        total = right = 0.0
        for start in range(0, count, room):
            key = id(split.x), start, min(start + room, count)
            if key not in self._measurings:
                self._measurings[key] = self._measuring(split, *key[1:])
            measuring = self._measurings[key]
            self._crew.run(measuring.job)
            total += float(measuring.found[:, 0] @ measuring.sizes)
            right += float(measuring.found[:, 1].sum())
        return total, right

    def _measuring(self, split: Split, start: int, stop: int) -> "_Measuring":
        """A batch of these samples after the other: gathered, forward, loss."""
        to, x, y = self._to, self._x, self._y
        assert isinstance(y, Rows)
        starts = range(start, stop, self.batch)
        sizes = np.array([min(self.batch, stop - first) for first in starts])
        found = np.zeros((len(sizes), FINITE))
        chosen, answers = np.arange(start, stop), np.zeros(self.batch, np.int64)
        scratch = np.zeros((2 * self.batch, y.features), np.float32)
        no_gradient = np.zeros((0, 0), np.float32)
        groups: list[Sequence[Segment]] = [self._packs]
        for part, (first, size) in enumerate(zip(starts, sizes.tolist(), strict=True)):
            of_part = chosen[first - start : first - start + size]
            labels, values = answers[:size], y.value[:size]
            loss = [values, labels, no_gradient, y.features, scratch[: 2 * size], self._smoothing, found[part]]
            groups += [
                [_gathering(to, split, x, of_part, x.value[:size], labels)],
                *self._groups,
                [to.segment(cross_entropy, loss, 1)],
            ]
        return _Measuring(Job(groups), sizes, found, split)


class _Measuring(NamedTuple):
    """A job that measures some samples; by batch its size, and the mean loss and the right answers that it finds."""

    job: Job
    sizes: Array
    found: Array
    split: Split
    """So that no other has its address."""


class _Side(NamedTuple):
    """The jobs that train on one of two pairs of buffers while the other is filled: `steps` without and with that."""

    gather: Job
    steps: dict[bool, list[Job]]


class CompiledStep:
    """Training steps on batches of one size, alone or in rows: gather, forward, loss, backward, clipping, update.

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
        self._limit, self._smoothing = np.zeros(1), np.zeros(1)
        self._make_room()
        labels, self._label_type = np.zeros(batch, np.int64), split.labels.dtype
        self._buffers = ((x.value, labels), (np.zeros_like(x.value), np.zeros_like(labels)))
        self._ready, self._ranges = False, np.zeros(7)
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
        self._rows: dict[tuple[int, int, bool], Job] = {}
        self._fresh = [
            (*stage.fresh, np.zeros((MOST - 1, stage.fresh.numbers.size), np.int64))
            for stage in to.stages
            if stage.fresh is not None
        ]
        self._change_overs = self._lower_change_overs()
        single = any(stage.finish is not None for stage in to.stages)
        room = crew.most_groups // (len(self.groups) + 1)
        self.in_a_row = 1 if single or type(loss) is not CrossEntropy else max(1, min(MOST, room))

    @property
    def phases(self) -> list[phase]:
        """What it runs, each once."""
        jobs = [self._sides[0].gather, *self._sides[0].steps[True]]
        found = [phase for job in jobs for phase in job.phases]
        if self.in_a_row > 1:
            found += [segment.phase for segment in self._change_overs[0]]
        return list(dict.fromkeys(found))

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
        self._begin(batch, clip_norm)
        self._turn(1)
        self._ask_for_next(following)
        self._renew([factor])
        self._run_jobs(self._sides[self._present].steps[self._ready])
        for stage in self._to.stages:
            if stage.finish is not None:
                stage.finish()
        (result,) = self._results(self._found[np.newaxis])
        if not result.finite:
            self._optimizer.count_step(self._frozen, -1)
        return result

    def run_row(
        self, batches: Sequence[Batch], following: Batch | None, factors: Sequence[float], clip_norm: float
    ) -> list[StepResult]:
        """The same steps as `run` one by one, `in_a_row` at most, in one job; up to the first that is not finite.

        A thread that has to wait for the interpreter between two jobs, while a screen is drawn, does so more seldom.
        """
        last = len(batches) - 1
        if last == 0:
            return [self.run(batches[0], following, factors[0], clip_norm)]
        self._begin(batches[0], clip_norm)
        # In its turn each batch waits while the one before it trains, and `following` while the last one does.
        self._ask_for_next(following)
        self._waiting_then[last - 1] = self._waiting
        for row, batch in zip(self._waiting_then, batches[2:], strict=False):
            row[: self.batch], row[self.batch :] = batch.chosen, (batch.seed, batch.epoch)
        self._ask_for(batches[1])
        self._renew(factors)
        self._crew.run(self._row(len(batches)))
        self._turn(len(batches))
        results = self._results(np.vstack((self._found_then[:last], self._found)))
        finite = [result.finite for result in results]
        if all(finite):
            return results
        # Those behind it have left the weights alone, but not what can be seen of the step that failed.
        failed = finite.index(False)
        self._optimizer.count_step(self._frozen, failed - len(batches))
        for layer in self._model.dropouts:
            layer.draws += failed - len(batches)
        self._ready = False
        return [*results[:failed], self.run(batches[failed], None, factors[failed], clip_norm)]

    def _begin(self, batch: Batch, clip_norm: float) -> None:
        """Have the first batch ready, and what is the same for all steps until the next call."""
        if not (self._ready and self._waits(batch)):
            self._ask_for(batch)
            self._crew.run(self._sides[self._present].gather)
        self._limit[0] = clip_norm
        if isinstance(self._loss, CrossEntropy):
            self._smoothing[0] = self._loss.label_smoothing
        self._found[FAILED] = 0.0

    def _turn(self, steps: int) -> None:
        """What waited trains, and the other way round, so many times."""
        self._present = (self._present + steps) % 2
        self._x.value, self.labels = self._buffers[self._present]

    def _renew(self, factors: Sequence[float]) -> None:
        """What is another in each of these steps: the scalars of its update, and what its stages draw."""
        scalars, then = [], len(factors) - 1
        for factor in factors:
            self._optimizer.count_step(self._frozen)
            scalars.append([self._optimizer.scalars(factor, 1.0, missed) for missed in self._missed])
        numbers = np.array(scalars)
        own = slice(numbers.shape[-1])
        self._scalars[:, own], self._scalars_then[:then, :, own] = numbers[0], numbers[1:]
        for fresh, draw, fresh_then in self._fresh:
            drawn = draw(len(factors))
            fresh[:], fresh_then[:then] = drawn[0], drawn[1:]

    def _results(self, found: Array) -> list[StepResult]:
        """What was found, a row for each step, all at once: the interpreter is needed between two rows of steps."""
        squares = found[:, self._squares_at]
        changes = np.add.reduceat(found[:, self._changes_at], self._first_block, axis=1)
        sizes = np.add.reduceat(found[:, self._sizes_at], self._first_block, axis=1)
        figures = found[:, : FINITE + 1].tolist()
        return [
            StepResult(loss, score, self.batch, gradient, change, size, finite > 0)
            for (loss, score, finite), gradient, change, size in zip(figures, squares, changes, sizes, strict=True)
        ]

    def _row(self, count: int) -> Job:
        """So many steps from the present side on; after each but the last, the change over to the next one."""
        key = (count, self._present, self._ready)
        if key not in self._rows:
            sides = [self._sides[(self._present + place + 1) % 2].steps for place in range(count)]
            groups = [
                group
                for steps, change in zip(sides[:-1], self._change_overs, strict=False)
                for group in (*steps[True][0].groups, change)
            ]
            self._rows[key] = Job([*groups, *sides[-1][self._ready][0].groups])
        return self._rows[key]

    def _run_jobs(self, jobs: list[Job]) -> None:
        self._crew.run(jobs[0])
        if len(jobs) == 1:
            return
        outputs = np.ascontiguousarray(self._y.read(self.batch))
        labels = self.labels.view(self._label_type)
        self._figures[0], back = self._loss.forward(outputs, self._loss.targets(labels, outputs))
        self._figures[1] = self._loss.score(outputs, labels)
        self._y.need_gradient()[:, : self.batch] = back().T
        self._crew.run(jobs[1])

    def _waits(self, batch: Batch) -> bool:
        """Whether the batch in waiting is that one, varied as it would be now."""
        return (
            self._next_chosen.tobytes() == batch.chosen.tobytes()
            and self._variation.tolist() == [batch.seed, batch.epoch]
            and self._ranges.tolist() == self._present_ranges()
        )

    def _ask_for_next(self, following: Batch | None) -> None:
        """Have it gathered beside the last step, if it has the size of this one's batches."""
        self._ready = following is not None and len(following.chosen) == self.batch
        if following is not None and self._ready:
            self._ask_for(following)

    def _ask_for(self, batch: Batch) -> None:
        self._next_chosen[:] = batch.chosen
        self._variation[:] = batch.seed, batch.epoch
        self._ranges[:] = self._present_ranges()

    def _present_ranges(self) -> list[float]:
        return [*self._augmentation.ranges, self._augmentation.background] if self._augmentation else [0.0] * 7

    def _lower_gather(self, split: Split, x: Signal) -> Segment:
        """The gathering of the next batch."""
        to, varied = self._to, []
        if self._augmentation is not None:
            varied = [np.zeros((to.threads, *split.x.shape[1:]), np.float32), self._variation, self._ranges]
        return _gathering(to, split, x, self._next_chosen, *self._buffers[1], varied)

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

    def _make_room(self) -> None:
        """For the numbers that a step reads and those that it finds, and for those of several steps in a row."""
        model, optimizer, parameters = self._model, self._optimizer, len(self._model.parameters)
        self._frozen = model.frozen
        missed = [optimizer.missed.get(place, 0) for place in range(parameters)]
        self._missed = sorted({missed[place] for place in range(parameters) if place not in self._frozen}) or [0]
        blocks: list[tuple[int, int, int]] = []
        self._first_block = np.zeros(parameters, np.int64)
        for index, (start, stop) in enumerate(zip(model.offsets[:-1], model.offsets[1:], strict=True)):
            self._first_block[index] = len(blocks)
            if index in self._frozen:
                blocks.append((start, start, 0))
                continue
            row = SCALARS * self._missed.index(missed[index])
            blocks += [(first, min(first + BLOCK, stop), row) for first in range(start, stop, BLOCK)]
        self._blocks = np.array(blocks, np.int64)
        bounds = np.cumsum([SQUARES, parameters, len(blocks), len(blocks)]).tolist()
        self._squares_at, self._changes_at, self._sizes_at = (slice(*pair) for pair in pairwise(bounds))
        self._found, self._found_then = np.zeros(bounds[-1]), np.zeros((MOST - 1, bounds[-1]))
        self._figures, self._verdict = self._found[:FINITE], self._found[FINITE:SQUARES]
        self._waiting, self._waiting_then = (np.zeros((*rows, self.batch + 2), np.int64) for rows in ((), (MOST - 1,)))
        self._next_chosen, self._variation = self._waiting[: self.batch], self._waiting[self.batch :]
        shape = (len(self._missed), SCALARS)
        self._scalars, self._scalars_then = np.zeros(shape, np.float32), np.zeros((MOST - 1, *shape), np.float32)

    def _lower_change_overs(self) -> list[list[Segment]]:
        to = self._to
        then = (self._found, self._found_then, self._waiting, self._waiting_then, self._scalars, self._scalars_then)
        operands = [array.reshape(-1) for array in then]
        return [
            [
                to.segment(change_over, [place, *operands], 1),
                *(to.segment(renew, [place, fresh, fresh_then.reshape(-1)], 1) for fresh, _, fresh_then in self._fresh),
            ]
            for place in range(MOST - 1)
        ]

    def _lower_update(self) -> list[list[Segment]]:
        to, model, optimizer = self._to, self._model, self._optimizer
        update = update_phase(optimizer)
        assert update is not None
        parameters = model.parameters.values()
        part_bounds = np.array([to.parts_of[id(parameter)] for parameter in parameters], np.int64).reshape(-1)
        learns = np.array([place not in self._frozen for place in range(len(parameters))], np.int64)
        squares, scalars = self._found[self._squares_at], self._scalars.reshape(-1)
        judged = [to.parts, part_bounds, squares, self._limit, self._figures, self._verdict, scalars, learns]
        operands = [model.values, model.gradients, scalars, self._blocks.reshape(-1), self._verdict]
        operands += [self._found[self._changes_at], self._found[self._sizes_at], *optimizer.moments.values()]
        return [[to.segment(judge_gradients, judged, 1)], [to.segment(update, operands, len(self._blocks))]]


def _lower(to: Lowering, model: Sequential) -> tuple[Signal, Signal]:
    """Lower the whole model; returns what goes in and what comes out."""
    shape, layers = model.input_shape, model.layers
    if len(shape) == 3 and not isinstance(layers[0], Flatten):
        x: Signal = Maps(to.batch, shape, border_for(layers), given=True)
    else:
        x = Rows(to.batch, size_of(shape))
    return x, to.chain(layers, x)


def _gather_phase(x: Signal, *, varied: bool) -> phase:
    """The one that fills such a signal with samples."""
    if isinstance(x, Maps):
        return vary_maps if varied else gather_maps
    return vary_rows if varied else gather_rows


def _gathering(
    to: Lowering, split: Split, x: Signal, chosen: Array, values: Array, answers: Array, varied: Sequence[Array] = ()
) -> Segment:
    """The chosen samples go to `values`, a buffer of x, and their labels to `answers`.

    varied: a sample's room for each thread, seed and epoch, and how far each may go.
    """
    # Labels are carried as they are, eight bytes each, whether classes or numbers.
    samples, labels = np.ascontiguousarray(split.x, np.float32), split.labels.view(np.int64)
    if isinstance(x, Rows) and not varied:
        samples = samples.reshape(len(samples), -1)
    block = even_chunks(len(values), to.chunks)
    border = x.border if isinstance(x, Maps) else 0
    operands = [samples, labels, chosen, values, answers, block, border, *varied]
    return to.segment(_gather_phase(x, varied=bool(varied)), operands, -(-len(values) // block))


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
