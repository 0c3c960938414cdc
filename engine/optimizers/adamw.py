"""AdamW."""

from dataclasses import dataclass

from engine.hyperparameters import tunable
from engine.optimizers.adam import Adam
from engine.optimizers.base import optimizers


@optimizers.register("adamw")
@dataclass(kw_only=True)
class AdamW(Adam):
    """Adam with decoupled weight decay.   Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2."""

    weight_decay: float = tunable(0.01, low=1e-6, high=10.0, zero=True, help="pull of the weights towards zero")
    decoupled: bool = True
