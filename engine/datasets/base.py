"""What all data sets have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Shape
from engine.errors import UserError
from engine.registry import Registry

Scalar = TypeVar("Scalar", bound=np.generic)


class DataError(UserError):
    """Data that cannot be used: one line that names the file, what is wrong with it and what was expected."""

    def __init__(self, message: str) -> None:
        # Names and values come out of files: what they hold beside characters must not reach a terminal.
        super().__init__(printable(message))


class Target(NamedTuple):
    """The number that a data set asks for: label = (number - mean) / std, with those of the training split."""

    name: str
    mean: float
    std: float


@dataclass(frozen=True, eq=False)
class Split:
    """x: (count, *input_shape) float32, labels: (count,); both contiguous and read-only.

    Labels are classes, int64, or numbers to be predicted, float64 and standardized.
    """

    x: NDArray[np.float32]
    labels: NDArray[np.int64] | NDArray[np.float64]

    def __post_init__(self) -> None:
        if len(self.x) != len(self.labels):
            raise ValueError(f"{len(self.x)} inputs have {len(self.labels)} labels")
        kind = np.float64 if np.issubdtype(self.labels.dtype, np.floating) else np.int64
        object.__setattr__(self, "x", _read_only(np.ascontiguousarray(self.x, np.float32)))
        object.__setattr__(self, "labels", _read_only(np.ascontiguousarray(self.labels, kind)))

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """x = (values - input_mean) / input_std in all three splits; the values of pictures are pixels in 0..1.

    Mean and deviation are those of the training split alone: nothing of validation or test leaks into training. They
    are numbers for pictures, and one number a feature for tables. `target` is None where labels are classes.
    `notices` are sentences for the user on what was decided for him.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    input_mean: float | NDArray[np.float64]
    input_std: float | NDArray[np.float64]
    provenance: str
    feature_names: tuple[str, ...] = ()
    target: Target | None = None
    notices: tuple[str, ...] = ()

    @property
    def input_shape(self) -> Shape:
        """The shape of one sample: (1, 28, 28) for a grey picture, (4,) for a row of a table."""
        return self.train.x.shape[1:]

    def values(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """x * input_std + input_mean: what was read, before it was standardized."""
        return x * np.float64(self.input_std) + self.input_mean

    def pixels(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The picture in 0..1, as it was before it was standardized."""
        pixels: NDArray[np.float32] = x * np.float32(self.input_std) + np.float32(self.input_mean)
        return pixels.clip(0, 1)


datasets: Registry[Callable[..., Dataset]] = Registry("data set", __package__)
"""Functions that load a data set. A name such as "idx:DIR" says that the function takes what follows the colon."""


def printable(text: str) -> str:
    """The text with escapes for what is no character to be seen: line breaks, control characters, lone surrogates."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    view = array.view()
    view.flags.writeable = False
    return view
