"""The terminal interface: train a network, watch it, change it while it learns."""
