"""Published accuracies on MNIST's 10,000 test digits, and what our presets are to reach beside them."""

from typing import NamedTuple

from engine.errors import unknown

TEST_COUNTS = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
"""Test digits 0 to 9: what tells MNIST from its relatives, which have 1,000 of each class."""


class Rung(NamedTuple):
    """One published result; `target` and `published` are shares of the test digits."""

    about: str
    target: float
    published: float
    source: str


RUNGS = {
    "softmax": Rung("softmax regression", 0.92, 0.88, "LeCun 1998, linear"),
    "nielsen": Rung("784-30-10, sigmoid, squared error", 0.945, 0.9542, "Nielsen, best epoch"),
    "lecun-300": Rung("784-300-10", 0.953, 0.953, "LeCun 1998, 300 hidden"),
    "nielsen-100": Rung("784-100-10, sigmoid", 0.975, 0.9804, "Nielsen, L2, 60 epochs"),
    "keras-mlp": Rung("784-512-512-10, dropout", 0.982, 0.984, "Keras, mnist_mlp"),
    "lenet": Rung("LeNet-5", 0.989, 0.9905, "LeCun 1998, LeNet-5"),
    "keras-cnn": Rung("two convolutions, dropout", 0.991, 0.9925, "Keras, mnist_cnn"),
}
"""By the preset that climbs it, lowest first. How each recipe differs from its source: docs/reference-results.md."""


def select(text: str) -> list[str]:
    """The rungs that a list names, in the ladder's order. Raises UserError for an unknown name."""
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in RUNGS:
            raise unknown("rung", name, RUNGS)
    return [name for name in RUNGS if name in names]
