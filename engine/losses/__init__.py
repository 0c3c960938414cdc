"""Losses, a file each: forward returns the value and its own backward."""

from engine.losses.base import Loss, losses

__all__ = ["Loss", "losses"]
