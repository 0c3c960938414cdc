"""Optimizers, a file each: a dataclass of tunable numbers and one update of the flat vectors."""

from engine.optimizers.base import Optimizer, optimizers

__all__ = ["Optimizer", "optimizers"]
