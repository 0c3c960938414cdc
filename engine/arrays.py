"""The array types that signatures name."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
"""A NumPy array; the docstring beside it says the shape."""

Shape = tuple[int, ...]
"""The shape of one sample, without the batch axis: (1, 28, 28) for a grey picture."""
