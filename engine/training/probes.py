"""What is looked at when somebody asks: weights counted, one sample predicted, the next mistake found."""

import numpy as np
from msgspec.structs import replace

from engine.kernels.distribution import bin_counts, moments
from engine.training.events import DigitPredicted, Histogram
from engine.training.learner import Learner
from engine.training.tally import round_up


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
    split, target = learner.dataset.test, learner.dataset.target
    index %= len(split)
    x = split.x[index : index + 1]
    height = width = 0
    pixels = b""
    features: tuple[float, ...] = ()
    if len(learner.dataset.input_shape) == 3:
        picture = learner.dataset.pixels(x)[0].mean(axis=0)
        height, width = picture.shape
        pixels = np.rint(picture * 255).astype(np.uint8).tobytes()
    else:
        features = tuple(learner.dataset.values(x)[0].tolist())
    shown = DigitPredicted(
        step=learner.position.step,
        index=index,
        label=-1,
        height=height,
        width=width,
        pixels=pixels,
        answer=-1,
        probabilities=(),
        features=features,
    )
    if target is not None:
        truth = float(split.labels[index]) * target.std + target.mean
        return replace(shown, truth=truth, estimate=float(learner.estimate(x)[0]))
    chosen, probabilities = learner.predict(x)
    return replace(
        shown,
        label=int(split.labels[index]),
        answer=int(chosen[0]),
        probabilities=tuple(float(p) for p in probabilities[0]),
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


def _histogram(layer: str, weights: np.ndarray, bins: int) -> Histogram:
    figures = np.empty(4)
    moments(weights, figures)
    count, largest, total, squares = figures.tolist()
    bound = round_up(largest)
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
