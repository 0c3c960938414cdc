"""The terminal interface: train a network, watch it, change it while it learns."""

__version__ = "0.1.0"
