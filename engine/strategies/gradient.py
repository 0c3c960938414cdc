"""Gradient descent."""

from engine.strategies.base import strategies


@strategies.register("gradient")
def gradient() -> None:
    """Against the gradient of a batch, by the rule of the optimizer."""
