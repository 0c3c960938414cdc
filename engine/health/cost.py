"""About what things take on a usual machine: functions of the network, never of a clock, for they say when to look."""

from math import prod

from engine.model import Sequential

OVERHEAD_S, FLOPS_PER_S = 6e-5, 2e11
"""Of a training step: what it takes whatever the network, and the rate of the rest."""

LAYER_S, NUMPY_FLOPS_PER_S = 4e-5, 5e9
"""Of a pass there and back in NumPy: what each layer takes, and the rate of the rest."""

PASSES = 6
"""Floating-point operations for each multiplication of the way forward: two there, four back."""


def step_seconds(model: Sequential, batch_size: float) -> float:
    """One training step."""
    return OVERHEAD_S + PASSES * batch_size * multiplications(model) / FLOPS_PER_S


def numpy_seconds(model: Sequential, samples: int, passes: int) -> float:
    """So many samples there and back, in so many passes, layer by layer."""
    return passes * len(model.leaves) * LAYER_S + PASSES * samples * multiplications(model) / NUMPY_FLOPS_PER_S


def multiplications(model: Sequential) -> int:
    """Of one sample's way forward: each weight, at each place that it looks at."""
    total = 0
    for leaf in model.learning_layers:
        places = prod(leaf.output_shape[1:]) if len(leaf.output_shape) == 3 else 1
        total += places * sum(p.size for p in leaf.layer.parameters if p.fan_in)
    return total
