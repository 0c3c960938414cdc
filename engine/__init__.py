"""Neural networks from scratch: layers, losses, optimizers, data and the training loop, without a terminal."""
