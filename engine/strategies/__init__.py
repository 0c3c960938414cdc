"""Strategies, a file each: how the next weights are found, by the gradient or without it."""

from engine.strategies.base import Search, strategies

__all__ = ["Search", "strategies"]
