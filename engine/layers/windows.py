"""What convolution and pooling share: the windows that a kernel sees as it moves over pictures."""

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.arrays import Array, Shape
from engine.errors import ShapeError, UserError
from engine.layers.base import require_picture

Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]

# Not tuple[Positive, Positive]: in a union with a bounded int, converting that ends the process (msgspec 0.22).
Two = Meta(min_length=2, max_length=2)

Size = Positive | Annotated[tuple[Positive, ...], Two]
"""Of a kernel or a stride: (height, width), or one number for both."""

Padding = NotNegative | Annotated[tuple[NotNegative, ...], Two]
"""Rows above and below, columns left and right; or one number for both."""

Pair = tuple[int, int]


def pair(size: int | tuple[int, ...]) -> Pair:
    """(height, width) of what may be written as one number."""
    height, width = (size, size) if isinstance(size, int) else size
    return height, width


def window_counts(name: str, input_shape: Shape, kernel: Pair, stride: Pair, padding: Pair) -> tuple[int, Pair]:
    """Channels, and how many windows fit from top to bottom and from left to right. Raises ShapeError for none."""
    channels, height, width = require_picture(name, input_shape)
    height, width = height + 2 * padding[0], width + 2 * padding[1]
    if kernel[0] > height or kernel[1] > width:
        padded = " with its padding" if any(padding) else ""
        raise ShapeError(
            f"{name}'s kernel, {kernel[0]}x{kernel[1]}, is larger than the {height}x{width} picture{padded}"
        )
    return channels, ((height - kernel[0]) // stride[0] + 1, (width - kernel[1]) // stride[1] + 1)


def windows(x: Array, kernel: Pair, stride: Pair, padding: Pair, fill: float = 0.0) -> Array:
    """x: (batch, channels, height, width) → a view of shape (batch, channels, down, across, *kernel)."""
    (rows, columns), (down, across) = padding, stride
    if rows or columns:
        x = np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)), constant_values=fill)
    view: Array = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3))
    return view[:, :, ::down, ::across]


def windows_backward(dy: Array, shape: Shape, stride: Pair, padding: Pair) -> Array:
    """dx of `windows`, for x of that shape: what each number got in all the windows that it lies in, added up."""
    batch, channels, height, width = shape
    (rows, columns), (down, across) = padding, stride
    vertical, horizontal, *kernel = dy.shape[2:]
    dx = np.zeros((batch, channels, height + 2 * rows, width + 2 * columns), dy.dtype)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            # The number at (i, j) of every window: no two of them are the same number of x.
            dx[:, :, i : i + down * vertical : down, j : j + across * horizontal : across] += dy[..., i, j]
    return dx[:, :, rows : rows + height, columns : columns + width]


def require_half(name: str, kernel: Pair, padding: Pair) -> None:
    """Raise UserError for a padding so wide that a window could lie in it whole."""
    if 2 * padding[0] > kernel[0] or 2 * padding[1] > kernel[1]:
        raise UserError(f"{name}'s padding, {padding}, must be at most half its kernel, {kernel}")
