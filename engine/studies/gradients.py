"""The gradient that reaches each hidden layer of a network that has learned nothing yet."""

import numpy as np

from engine.datasets import Dataset
from engine.errors import UserError
from engine.losses import Loss
from engine.model import Sequential


def bias_gradient_norms(model: Sequential, loss: Loss, dataset: Dataset) -> list[float]:
    """Norm of the gradient of each hidden layer's bias, first to last, over all training samples as one batch.

    Inputs are as they were before they were standardized, pixels in 0..1: the setting of Nielsen 2015, "Neural Networks
    and Deep Learning", chapter 5. Layers that only scale have biases too, and are left out.
    Raises UserError for fewer than two hidden layers.
    """
    hidden = [
        leaf.layer.parameters
        for leaf in model.learning_layers[:-1]
        if leaf.layer.parameters[0].fan_in and leaf.layer.parameters[-1].name == "bias"
    ]
    if len(hidden) < 2:
        raise UserError(f"the model has {len(hidden)} hidden layers with a bias; the curve bias_gradient needs two")
    train = dataset.train
    outputs, backward = model.forward(dataset.values(train.x).astype(np.float32), training=True)
    _, loss_backward = loss.forward(outputs, loss.targets(train.labels, outputs))
    backward(loss_backward())
    return [float(np.linalg.norm(parameters[-1].gradient.astype(np.float64))) for parameters in hidden]
