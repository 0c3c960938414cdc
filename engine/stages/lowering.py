"""From a chain of layers to the phases of one training step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array
from engine.errors import UserError
from engine.kernels.compiled import phase
from engine.kernels.crew import Segment
from engine.kernels.operands import table_of
from engine.layers import Layer
from engine.layers.leaky_relu import LeakyReLU
from engine.layers.relu import ReLU
from engine.machine import MOST_USEFUL
from engine.parameters import Parameter
from engine.stages.signals import Signal

CHUNKS = MOST_USEFUL
"""Parts that a phase is cut into: enough for whoever is free to take the next, whoever is held up to matter little.

It does not depend on the number of threads, so neither does what they compute.
"""

PARTS = 1 << 16
"""Parts of square sums that there is room for: 16 a layer or so."""


class Fresh(NamedTuple):
    """Integers that are others in each step: where phases read them; `draw` gives them for the next so many steps.

    draw: (steps, numbers). What else it writes is the same as long as nothing is set.
    """

    numbers: Array
    draw: Callable[[int], Array]


@dataclass
class Stage:
    """One layer, or several in one: the signal that it gives, and the groups of segments that make it and go back."""

    output: Signal
    forward: list[list[Segment]]
    backward: list[list[Segment]] = field(default_factory=list)
    pack: list[Segment] = field(default_factory=list)
    """Before all stages: weights laid out as the stage reads them."""
    late: list[Segment] = field(default_factory=list)
    """After all stages, in one group: what nobody before the update waits for."""
    fresh: Fresh | None = None
    """What the phases read anew in each step."""
    finish: Callable[[], None] | None = None
    """Called after each step."""


class Lowering:
    """Collects the stages of a model for batches of one size."""

    def __init__(self, batch: int, *, training: bool, threads: int) -> None:
        self.batch, self.training, self.threads = batch, training, threads
        self.chunks = CHUNKS
        self.stages: list[Stage] = []
        self.parts = np.zeros(PARTS)
        """Where the phases that write gradients leave their parts of the sums of squares."""
        self.parts_of: dict[int, tuple[int, int]] = {}
        """By parameter (its id): its first part, and the one behind its last."""
        self.signal_of: dict[int, Signal] = {}
        """By layer (its id), what it gives; of layers that one stage does together, what the last of them gives."""
        self._kept: list[object] = []
        self._used = 0

    def square_parts(self, parameter: Parameter, count: int) -> Array:
        """Room for `count` parts of the square sum of a parameter's gradient."""
        first, self._used = self._used, self._used + count
        if self._used > PARTS:
            raise UserError(f"the model has too many layers: {len(self.stages)} of them fill the room for their norms")
        self.parts_of[id(parameter)] = (first, self._used)
        return self.parts[first : self._used]

    def segment(
        self, function: phase, operands: Sequence[Any], chunks: int, flat: Sequence[int] = (), flops: int = 0
    ) -> Segment:
        """One phase over these operands; those at the places `flat` are handed over as vectors."""
        made = [
            operand.reshape(-1) if place in flat and isinstance(operand, np.ndarray) else operand
            for place, operand in enumerate(operands)
        ]
        table = table_of(made)
        self._kept += made
        return Segment(function, table, chunks, flops)

    def chain(self, layers: Sequence[Layer], x: Signal) -> Signal:
        """Lower the layers one after the other; returns what the last one gives."""
        rest = list(layers)
        while rest:
            layer, following = rest[0], rest[1:]
            stage, fused = STAGES[type(layer)](self, layer, x, following)
            if stage is not None:
                self.stages.append(stage)
                x = stage.output
            self.signal_of.update((id(layer), x) for layer in rest[: 1 + fused])
            rest = following[fused:]
        return x


Lower = Callable[[Lowering, Any, Signal, list[Layer]], tuple[Stage | None, int]]
STAGES: dict[type[Layer], Lower] = {}
"""How each kind of layer is lowered."""


def lowers(kind: type[Layer]) -> Callable[[Lower], Lower]:
    """Register how a kind of layer is lowered: (lowering, layer, x, following) → (stage, followers included)."""

    def register(lower: Lower) -> Lower:
        STAGES[kind] = lower
        return lower

    return register


def rectifier_slope(following: Sequence[Layer]) -> tuple[float, int]:
    """The slope of the rectifier that follows and 1, or that of no rectifier and 0."""
    if following and isinstance(following[0], ReLU):
        return 0.0, 1
    if following and isinstance(following[0], LeakyReLU) and following[0].negative_slope > 0:
        return following[0].negative_slope, 1
    return 1.0, 0
