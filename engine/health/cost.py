"""About what things take on a usual machine: functions of the network, never of a clock, for they say when to look."""

from math import prod

from engine.model import Sequential

OVERHEAD_S, FLOPS_PER_S = 6e-5, 6e10
"""Of a training step on one core: what it takes whatever the network, and the rate of the rest."""

LOOK_S = 3e-4
"""Of a look: what the rules take, whatever the network."""

LAYER_S, SINGLE_FLOPS_PER_S = 3e-5, 8e9
"""Of a pass there and back in NumPy: what each layer takes, and the rate of the rest where samples go one by one."""

PASSES = 6
"""Floating-point operations for each multiplication of the way forward: two there, four back."""


def step_seconds(model: Sequential, batch_size: float) -> float:
    """One training step."""
    return OVERHEAD_S + PASSES * batch_size * multiplications(model) / FLOPS_PER_S


def look_seconds(model: Sequential, samples: int) -> float:
    """So many samples forward, and the rules."""
    return LOOK_S + 2 * samples * multiplications(model) / FLOPS_PER_S


def numpy_seconds(model: Sequential, samples: int, passes: int) -> float:
    """So many samples there and back, in so many passes, layer by layer."""
    rate = SINGLE_FLOPS_PER_S if passes == samples else FLOPS_PER_S
    return passes * len(model.leaves) * LAYER_S + PASSES * samples * multiplications(model) / rate


def multiplications(model: Sequential) -> int:
    """Of one sample's way forward: each weight, at each place that it looks at."""
    total = 0
    for leaf in model.learning_layers:
        places = prod(leaf.output_shape[1:]) if len(leaf.output_shape) == 3 else 1
        total += places * sum(p.size for p in leaf.layer.parameters if p.fan_in)
    return total
