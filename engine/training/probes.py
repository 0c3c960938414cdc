"""What is looked at when somebody asks: weights counted, one sample predicted, the next mistake found."""

import numpy as np

from engine.arrays import Array
from engine.datasets.base import Dataset
from engine.kernels.distribution import bin_counts, moments
from engine.training.events import DigitPredicted, Histogram
from engine.training.learner import Learner


def measure_weights(learner: Learner, bins: int) -> tuple[Histogram, ...]:
    """Counts of each learning layer's weight (biases stay out), over bins symmetric about 0.

    The bounds are the largest magnitude rounded up to 1, 2 or 5 by decade: bins keep their place while one looks.
    """
    return tuple(
        # In the order in which they lie: any other is a slow copy.
        _histogram(leaf.name, leaf.layer.parameters[0].value.ravel(order="K"), bins)
        for leaf in learner.model.learning_layers
    )


def predict_sample(learner: Learner, index: int) -> DigitPredicted:
    """What the network says of one sample of the test split."""
    split = learner.dataset.test
    index %= len(split)
    height, width, pixels = _picture(learner.dataset, split.x[index])
    chosen, probabilities = learner.predict(split.x[index : index + 1])
    return DigitPredicted(
        step=learner.position.step,
        index=index,
        label=int(split.labels[index]),
        height=height,
        width=width,
        pixels=pixels,
        answer=int(chosen[0]),
        probabilities=tuple(float(p) for p in probabilities[0]),
        features=() if pixels else tuple(learner.dataset.values(split.x[index]).reshape(-1).tolist()),
    )


def next_mistake(learner: Learner, after: int, chunk: int = 250) -> int | None:
    """The next sample of the test split, around the end, that is taken for another class; None: no such."""
    split = learner.dataset.test
    count = len(split)
    order = (after + 1 + np.arange(count)) % count
    for start in range(0, count, chunk):
        indices = order[start : start + chunk]
        wrong = learner.predict(split.x[indices])[0] != split.labels[indices]
        if wrong.any():
            return int(indices[wrong.argmax()])
    return None


def _picture(dataset: Dataset, x: Array) -> tuple[int, int, bytes]:
    """Height, width and the grey levels of a picture's first channel; nothing of a sample that is none."""
    if x.ndim != 3:
        return 0, 0, b""
    channel = dataset.pixels(x)[0]
    return *channel.shape, np.rint(channel * 255).astype(np.uint8).tobytes()


def _histogram(layer: str, weights: np.ndarray, bins: int) -> Histogram:
    figures = np.empty(4)
    moments(weights, figures)
    count, largest, total, squares = figures.tolist()
    bound = _round_up(largest)
    counts = np.zeros(bins, np.int64)
    bin_counts(weights, -bound, bound, counts)
    mean = total / max(count, 1)
    return Histogram(
        layer=layer,
        low=-bound,
        high=bound,
        counts=tuple(counts.tolist()),
        not_finite=weights.size - int(count),
        mean=mean,
        # Two sums instead of two passes: of float32 weights float64 loses nothing.
        deviation=max(squares / max(count, 1) - mean * mean, 0.0) ** 0.5,
    )


def _round_up(value: float) -> float:
    if value <= 0:
        return 1.0
    decade = 10.0 ** np.floor(np.log10(value))
    return float(next(digit * decade for digit in (1, 2, 5, 10) if digit * decade >= value))
