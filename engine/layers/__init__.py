"""Layers, a file each: forward returns its own backward."""

from engine.layers.base import Backward, Layer, Leaf, layers

__all__ = ["Backward", "Layer", "Leaf", "layers"]
