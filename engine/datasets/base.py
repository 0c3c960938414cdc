"""What all data sets have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Shape
from engine.errors import UserError
from engine.registry import Registry

Scalar = TypeVar("Scalar", bound=np.generic)


class DataError(UserError):
    """Data that cannot be used: one line that names the file, what is wrong with it and what was expected."""


@dataclass(frozen=True, eq=False)
class Split:
    """x: (count, *input_shape) float32, labels: (count,) int64; both contiguous and read-only."""

    x: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if len(self.x) != len(self.labels):
            raise ValueError(f"{len(self.x)} inputs have {len(self.labels)} labels")
        object.__setattr__(self, "x", _read_only(np.ascontiguousarray(self.x, np.float32)))
        object.__setattr__(self, "labels", _read_only(np.ascontiguousarray(self.labels, np.int64)))

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """x = (values - input_mean) / input_std in all three splits; the values of pictures are pixels in 0..1.

    Mean and deviation are those of the training split alone: nothing of validation or test leaks into training.
    They are one number for pictures, and one for each feature where samples are features, which then have names.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    input_mean: float | tuple[float, ...]
    input_std: float | tuple[float, ...]
    provenance: str
    feature_names: tuple[str, ...] = ()

    @property
    def input_shape(self) -> Shape:
        """The shape of one sample: (1, 28, 28) for a grey picture."""
        return self.train.x.shape[1:]

    def pixels(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The picture in 0..1, as it was before it was standardized."""
        return self.values(x).clip(0, 1)

    def values(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x * input_std + input_mean: the features as they were before they were standardized."""
        values: NDArray[np.float32] = x * np.asarray(self.input_std, np.float32) + np.asarray(
            self.input_mean, np.float32
        )
        return values


datasets: Registry[Callable[..., Dataset]] = Registry("data set", __package__)
"""Functions that load a data set. A name such as "idx:DIR" says that the function takes what follows the colon."""


def _read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    view = array.view()
    view.flags.writeable = False
    return view
