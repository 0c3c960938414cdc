"""Every gradient against its definition: a centred difference in float64.

numeric = (f(w + h v) - f(w - h v)) / 2h, for v along single coordinates and along one random direction.
cs231n, "Neural networks, part 3", gradient checks; Goodfellow, Bengio and Courville 2016, section 11.5, eq. 11.6.
"""

from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import Literal, NamedTuple

import numpy as np

from engine.arrays import Array, Shape
from engine.expressions import make_one
from engine.hyperparameters import tunables
from engine.layers import Layer, layers
from engine.layers.leaky_relu import LeakyReLU
from engine.layers.max_pool2d import MaxPool2d
from engine.layers.relu import ReLU
from engine.losses import Loss, losses
from engine.model import Sequential, require_output

Verdict = Literal["good", "kinks", "wrong"]
"""Below 1e-7; below 1e-4 in a network whose derivative jumps; anything else."""

STEPS = (1e-5, 1e-6, 1e-7)
"""h. A jump of the derivative within h of the point spoils a difference, so of three the best one counts."""

GOOD, ACCEPTABLE = 1e-7, 1e-4
KINKED = (ReLU, LeakyReLU, MaxPool2d)
COORDINATES = 64
"""Coordinates of a tensor that are tried, at random, where it has more."""

FLOOR = 1e-3
"""Below it gradients are compared absolutely: the difference itself is rounded to about 1e-16 f / h = 1e-11 f."""

NETS: dict[str, tuple[str, Shape]] = {
    "AvgPool2d": ("AvgPool2d((2, 3), stride=(1, 2), padding=(1, 0)), Flatten, Linear(4)", (2, 4, 5)),
    "BatchNorm2d": ("BatchNorm2d, Flatten, Tanh, Linear(4)", (2, 3, 2)),
    "Conv2d": ("Conv2d(3, (2, 3), stride=(1, 2), padding=(1, 0)), Tanh, Flatten, Linear(4)", (2, 4, 5)),
    "Dropout2d": ("Dropout2d, Flatten, Linear(4)", (5, 2, 2)),
    "Flatten": ("Flatten, Linear(4)", (2, 3, 2)),
    "GlobalAvgPool2d": ("GlobalAvgPool2d, Flatten, Linear(4)", (3, 2, 4)),
    "Linear": ("Linear(6), Tanh, Linear(4)", (5,)),
    "MaxPool2d": ("MaxPool2d((2, 3), stride=(1, 2), padding=(1, 0)), Flatten, Linear(4)", (2, 4, 5)),
    "Residual": ("Linear(6), Residual(Linear(5), Tanh, Linear(6)), Linear(4)", (5,)),
}
"""A small network, and the shape of its input, for each layer that is not put between two others without arguments."""


class GradientRow(NamedTuple):
    """One tensor's gradient at the coordinate (or along the direction) where both ways to it differ most.

    error = |analytic - numeric| / max(|analytic|, |numeric|), with a floor under the denominator.
    """

    subject: str
    tensor: str
    shape: Shape
    analytic: float
    numeric: float
    error: float
    verdict: Verdict


def check_model(
    model: str | Sequence[Layer],
    input_shape: Shape,
    loss: str | Loss = "cross_entropy",
    *,
    batch: int = 8,
    seed: int = 0,
) -> list[GradientRow]:
    """A row for each parameter and one for the input, on random samples, in training mode, with fixed dropout masks.

    Raises UserError for a model or loss that cannot be read, ShapeError where they do not fit.
    """
    return list(gradient_rows(model, input_shape, loss, batch=batch, seed=seed))


def gradient_rows(
    model: str | Sequence[Layer],
    input_shape: Shape,
    loss: str | Loss = "cross_entropy",
    *,
    batch: int = 8,
    seed: int = 0,
    coordinates: int = COORDINATES,
) -> Iterator[GradientRow]:
    """The rows of `check_model` as they are found, from so many coordinates of each tensor."""
    random = np.random.default_rng(seed)
    net = Sequential(model, input_shape, seed=seed, dtype=np.float64, input_gradient=True)
    criterion = make_one(loss, losses) if isinstance(loss, str) else loss
    # Biases of 0 and scales of 1, where training starts, hide a factor that was forgotten.
    net.values += random.normal(0, 0.1, net.values.shape)
    x = random.normal(0, 1, (batch, *input_shape))
    labels = random.integers(0, _classes(net, criterion, loss), batch)

    def forward() -> tuple[float, Callable[[], Array | None]]:
        for layer in net.dropouts:
            layer.draws = 0
        outputs, back = net.forward(x, training=True)
        value, loss_back = criterion.forward(outputs, criterion.targets(labels, outputs))
        return value, lambda: back(loss_back())

    # What a layer forgets to write stays NaN.
    net.gradients[:] = np.nan
    value, backward = forward()
    with np.errstate(all="ignore"):
        dx = backward()
    assert dx is not None, "the model was built to give the gradient of its input"
    tensors = [
        (leaf.label, parameter.name, parameter.value, parameter.gradient.copy())
        for leaf in net.leaves
        for parameter in leaf.layer.parameters
    ]
    kinked = any(isinstance(leaf.layer, KINKED) for leaf in net.leaves)
    floor = FLOOR * max(1.0, value)
    for subject, name, tensor, gradient in [*tensors, (net.leaves[0].label, "input", x, dx)]:
        directions = _directions(tensor.size, coordinates, random)
        yield _row(subject, name, tensor, gradient, lambda: forward()[0], floor, kinked, directions)


def check_everything() -> list[GradientRow]:
    """Each registered layer in a small network, then each registered loss with each of its numbers off their default.

    The subject begins with the layer or loss in question: "Tanh: 0 Linear(6)".
    """
    rows = []
    for name in layers.names():
        text, shape = NETS.get(name, (f"Linear(6), {name}, Linear(4)", (5,)))
        rows += [row._replace(subject=f"{name}: {row.subject}") for row in check_model(text, shape)]
    for text in _loss_texts():
        criterion = make_one(text, losses)
        for outputs in sorted({criterion.output_shape(classes)[0] for classes in (2, 4)}):
            found = check_model(f"Linear(6), Tanh, Linear({outputs})", (5,), criterion)
            rows += [row._replace(subject=f"{text}: {row.subject}") for row in found]
    return rows


def _loss_texts() -> Iterator[str]:
    for name in losses.names():
        yield name
        for item in tunables(losses[name]()):
            yield f"{name}({item.name}={item.stepped(+1)})"


def _classes(net: Sequential, criterion: Loss, loss: str | Loss) -> int:
    """How many classes the outputs stand for: with a single one they may be two."""
    outputs = net.output_shape[0]
    if criterion.output_shape(2) == net.output_shape:
        return 2
    name = loss if isinstance(loss, str) else type(loss).__name__
    require_output(net, criterion.output_shape(outputs), f"the loss {name} with {outputs} classes")
    return outputs


def _row(
    subject: str,
    name: str,
    tensor: Array,
    gradient: Array,
    evaluate: Callable[[], float],
    floor: float,
    kinked: bool,
    directions: Iterator[tuple[Array, Array]],
) -> GradientRow:
    worst = (0.0, 0.0, 0.0)
    for indices, direction in directions:
        places = np.unravel_index(indices, tensor.shape)
        found = _compare(tensor, places, direction, float(gradient[places] @ direction), evaluate, floor)
        worst = max(worst, found)
    error, analytic, numeric = worst
    verdict: Verdict = "good" if error < GOOD else "kinks" if kinked and error < ACCEPTABLE else "wrong"
    return GradientRow(subject, name, tensor.shape, analytic, numeric, error, verdict)


def _directions(size: int, coordinates: int, random: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Indices and the components of a unit vector there."""
    for index in random.choice(size, min(size, coordinates), replace=False):
        yield np.array([index]), np.ones(1)
    everywhere = random.normal(size=size)
    yield np.arange(size), everywhere / np.sqrt(everywhere @ everywhere)


def _compare(
    tensor: Array,
    places: tuple[Array, ...],
    direction: Array,
    analytic: float,
    evaluate: Callable[[], float],
    floor: float,
) -> tuple[float, float, float]:
    """(error, analytic, numeric) with the step that gives the smallest error; the tensor is as before afterwards."""
    before = tensor[places]
    found = []
    for h in STEPS:
        tensor[places] = before + h * direction
        above = evaluate()
        tensor[places] = before - h * direction
        below = evaluate()
        tensor[places] = before
        numeric = (above - below) / (2 * h)
        error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), floor)
        found.append((error if isfinite(error) else np.inf, analytic, numeric))
        if error < GOOD:
            break
    return min(found)
