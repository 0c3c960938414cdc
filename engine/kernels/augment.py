"""Other variations of a picture: moved, turned, stretched, sheared and bent, looked up between its pixels.

A picture `out` shows at pixel p what `source` shows at position(p). Each draw is a hash of a key and a number, as in
dropout: a variation is a function of (seed, epoch, place in the data) and of nothing else.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array
from engine.kernels.compiled import kernel
from engine.kernels.draws import hashed, hashed_reference, uniform, uniform_reference

DRAWS = 8
"""Numbers of the draws before those of the elastic coefficients: six affine, and where the two grids begin."""


class Ranges(NamedTuple):
    """How far a picture is varied: 0 throughout leaves it as it is, to the bit."""

    rotation: float
    """Largest angle, in radians."""
    shift: float
    """Largest way along each axis, in pixels."""
    scale: float
    """Logarithm of the largest factor along each axis."""
    shear: float
    """Largest slope of a vertical line."""
    alpha: float
    """Factor on the smoothed noise that moves each pixel; 0: no elastic distortion."""
    sigma: float
    """Standard deviation of the Gaussian that smoothes it, in pixels."""


@kernel
def affine_positions(key: np.uint64, ranges: Ranges, positions: Array) -> None:
    """position(p) = c + R S D (p - c) + t, about the middle c.   positions: (2, height, width), rows then columns.

    R turns by an angle, S = [[1, k], [0, 1]] shears, D = diag(e^a, e^b) stretches, t moves; angle, k, a, b and both
    parts of t are uniform in ± their range.
    """
    real = positions.dtype.type
    height, width = positions.shape[1:]
    angle = ranges.rotation * uniform(key, np.uint64(0))
    slope = ranges.shear * uniform(key, np.uint64(1))
    stretch_x = math.exp(ranges.scale * uniform(key, np.uint64(2)))
    stretch_y = math.exp(ranges.scale * uniform(key, np.uint64(3)))
    cos, sin = math.cos(angle), math.sin(angle)
    xx, xy = stretch_x * cos, stretch_y * (slope * cos - sin)
    yx, yy = stretch_x * sin, stretch_y * (slope * sin + cos)
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    origin_x = middle_x - xx * middle_x - xy * middle_y + ranges.shift * uniform(key, np.uint64(4))
    origin_y = middle_y - yx * middle_x - yy * middle_y + ranges.shift * uniform(key, np.uint64(5))
    along_x, along_y = real(xx), real(yx)
    for i in range(height):
        row_x, row_y = real(origin_x + xy * i), real(origin_y + yy * i)
        y, x = positions[0, i], positions[1, i]
        for j in range(width):
            y[j] = row_y + along_y * real(np.int32(j))
            x[j] = row_x + along_x * real(np.int32(j))


def affine_positions_reference(key: np.uint64, ranges: Ranges, positions: Array) -> None:
    """What `affine_positions` computes."""
    angle, slope, a, b, *t = (uniform_reference(key, np.uint64(number)) for number in range(6))
    angle, slope, a, b = angle * ranges.rotation, slope * ranges.shear, a * ranges.scale, b * ranges.scale
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, slope], [0, 1]]) @ np.diag(np.exp([a, b]))
    height, width = positions.shape[1:]
    y, x = np.mgrid[:height, :width]
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    points = np.stack([x, y], axis=-1) - middle
    positions[...] = np.moveaxis(points @ matrix.T + middle + ranges.shift * np.array(t), -1, 0)[::-1]


@kernel
def add_elastic(key: np.uint64, alpha: float, sigma: float, positions: Array) -> None:
    """position(p) += alpha (Gaussian of deviation sigma * noise uniform in ±1)(p), for each axis its own noise.

    Simard, Steinkraus and Platt 2003, "Best practices for convolutional neural networks applied to visual document
    analysis", section 2. The sum of their noise has the deviation alpha / (sqrt(12 pi) sigma).

    Here it is a sum of cubic B-splines on a grid of sqrt(3) sigma pixels, which begins anywhere, with coefficients
    uniform in ± such that the deviation is the same. Its correlation at a distance is the spline of degree 7, whose
    variance is that of the Gaussian's, 2 sigma^2, and which differs from it by 0.021 at most
    (Unser, Aldroubi and Eden 1992, "On the asymptotic convergence of B-spline wavelets to Gabor functions").
    """
    real = positions.dtype.type
    height, width = positions.shape[1:]
    spacing = math.sqrt(3.0) * sigma
    rows, columns = int(height / spacing) + 5, int(width / spacing) + 5
    # The mean of the spline's squares is 151/315 along each axis, a uniform draw's variance is 1/3.
    amplitude = real(alpha / (2.0 * math.sqrt(math.pi) * sigma) * (315.0 / 151.0))
    coefficients = np.empty((2, rows, columns), positions.dtype)
    flat = coefficients.reshape(-1)
    for n in range(flat.size):
        flat[n] = amplitude * real(uniform(key, np.uint64(n + DRAWS)))
    first_x, weights_x = np.empty(width, np.int32), np.empty((4, width), positions.dtype)
    first_y, weights_y = np.empty(height, np.int32), np.empty((4, height), positions.dtype)
    spline_weights(uniform(key, np.uint64(6)), spacing, first_x, weights_x)
    spline_weights(uniform(key, np.uint64(7)), spacing, first_y, weights_y)
    wide = np.empty((rows, width), positions.dtype)
    for axis in range(2):
        for row in range(rows):
            line, summed = coefficients[axis, row], wide[row]
            for j in range(width):
                k = first_x[j]
                left = weights_x[0, j] * line[k] + weights_x[1, j] * line[k + 1]
                summed[j] = left + weights_x[2, j] * line[k + 2] + weights_x[3, j] * line[k + 3]
        for i in range(height):
            k, position = first_y[i], positions[axis, i]
            a, b, c, d = weights_y[0, i], weights_y[1, i], weights_y[2, i], weights_y[3, i]
            first, second, third, fourth = wide[k], wide[k + 1], wide[k + 2], wide[k + 3]
            for j in range(width):
                position[j] += a * first[j] + b * second[j] + c * third[j] + d * fourth[j]


def add_elastic_reference(key: np.uint64, alpha: float, sigma: float, positions: Array) -> None:
    """What `add_elastic` computes."""
    spacing = np.sqrt(3) * sigma
    sizes = [int(count / spacing) + 5 for count in positions.shape[1:]]
    numbers: Any = np.arange(DRAWS, DRAWS + 2 * sizes[0] * sizes[1], dtype=np.uint64)
    draws: Any = uniform_reference(key, numbers)
    coefficients = alpha / (2 * np.sqrt(np.pi) * sigma) * (315 / 151) * draws.reshape(2, *sizes)

    def spline(number: int, count: int, size: int) -> Array:
        begin = (uniform_reference(key, np.uint64(number)) + 1) / 2
        u = np.abs(begin + np.arange(count)[:, np.newaxis] / spacing + 1 - np.arange(size))
        cubic: Array = (np.maximum(2 - u, 0) ** 3 - 4 * np.maximum(1 - u, 0) ** 3) / 6
        return cubic

    down, across = spline(7, positions.shape[1], sizes[0]), spline(6, positions.shape[2], sizes[1])
    positions += down @ coefficients @ across.T


@kernel
def spline_weights(begin: float, spacing: float, first: Array, weights: Array) -> None:
    """The four cubic B-splines of a grid that are not 0 at pixel i: those from first[i] on, of weights[:, i].

    begin: in ±1, where between two points of the grid the pixels begin.   first: (count,), weights: (4, count)
    """
    real = weights.dtype.type
    one, half, third = real(1), real(0.5), real(1 / 3)
    for i in range(first.size):
        t = (begin + 1) / 2 + i / spacing
        first[i] = np.int32(t)
        f = real(t - first[i])
        g = one - f
        weights[0, i] = half * third * g * g * g
        weights[1, i] = third + third - f * f * (one - half * f)
        weights[2, i] = third + third - g * g * (one - half * g)
        weights[3, i] = half * third * f * f * f


def spline_weights_reference(begin: float, spacing: float, first: Array, weights: Array) -> None:
    """What `spline_weights` computes."""
    t = (begin + 1) / 2 + np.arange(first.size) / spacing
    first[...] = t.astype(np.int32)
    u = np.abs(t - first + 1 - np.arange(4)[:, np.newaxis])
    weights[...] = (np.maximum(2 - u, 0) ** 3 - 4 * np.maximum(1 - u, 0) ** 3) / 6


@kernel
def look_up(source: Array, positions: Array, background: float, out: Array) -> None:
    """out[:, p] = source at positions[:, p], bilinear between pixels, `background` beyond the outermost ones.

    source, out: (channels, height, width); positions: (2, height, width), rows then columns
    """
    real = source.dtype.type
    channels, height, width = source.shape
    # A margin, one before and two behind: clamped positions need no test in the loop.
    stride = width + 3
    padded = np.full((channels, (height + 3) * stride), real(background))
    for channel in range(channels):
        for i in range(height):
            begin, line = (i + 1) * stride + 1, source[channel, i]
            for j in range(width):
                padded[channel, begin + j] = line[j]
    corner = np.empty(width, np.int32)
    right, down = np.empty(width, source.dtype), np.empty(width, source.dtype)
    zero, one, last_x, last_y = real(0), real(1), real(width + 1), real(height + 1)
    for i in range(height):
        for j in range(width):
            y = min(max(positions[0, i, j] + one, zero), last_y)
            x = min(max(positions[1, i, j] + one, zero), last_x)
            row, column = np.int32(y), np.int32(x)
            corner[j] = row * np.int32(stride) + column
            down[j], right[j] = y - real(row), x - real(column)
        for channel in range(channels):
            above, line = padded[channel], out[channel, i]
            below = above[stride:]
            for j in range(width):
                # Unsigned: an index that may be negative is tested for it.
                left = np.uint32(corner[j])
                upper = above[left] + right[j] * (above[left + np.uint32(1)] - above[left])
                lower = below[left] + right[j] * (below[left + np.uint32(1)] - below[left])
                line[j] = upper + down[j] * (lower - upper)


def look_up_reference(source: Array, positions: Array, background: float, out: Array) -> None:
    """What `look_up` computes."""
    height, width = source.shape[1:]
    padded = np.pad(source, ((0, 0), (1, 2), (1, 2)), constant_values=background)
    y, x = (positions[0] + 1).clip(0, height + 1), (positions[1] + 1).clip(0, width + 1)
    row, column = y.astype(int), x.astype(int)
    down, right = y - row, x - column
    upper = (1 - right) * padded[:, row, column] + right * padded[:, row, column + 1]
    lower = (1 - right) * padded[:, row + 1, column] + right * padded[:, row + 1, column + 1]
    out[...] = (1 - down) * upper + down * lower


@kernel
def vary(source: Array, key: np.uint64, ranges: Ranges, background: float, out: Array) -> None:
    """out = the variation of one picture that belongs to the key.   source, out: (channels, height, width)"""
    positions = np.empty((2, source.shape[1], source.shape[2]), source.dtype)
    affine_positions(key, ranges, positions)
    if ranges.alpha > 0:
        add_elastic(key, ranges.alpha, ranges.sigma, positions)
    look_up(source, positions, background, out)


def vary_reference(source: Array, key: np.uint64, ranges: Ranges, background: float, out: Array) -> None:
    """What `vary` computes."""
    positions = np.empty((2, *source.shape[1:]), source.dtype)
    affine_positions_reference(key, ranges, positions)
    if ranges.alpha > 0:
        add_elastic_reference(key, ranges.alpha, ranges.sigma, positions)
    look_up_reference(source, positions, background, out)


@kernel
def vary_chosen(
    samples: Array, chosen: Array, seed: int, epoch: int, ranges: Ranges, background: float, varied: Array
) -> None:
    """varied[n] = this epoch's variation of samples[chosen[n]]: its key is a hash of seed, epoch and chosen[n].

    samples: (count, channels, height, width); chosen: (batch,); varied: (batch, channels, height, width)
    """
    epoch_key = hashed(np.uint64(seed), np.uint64(epoch))
    for n in range(chosen.size):
        vary(samples[chosen[n]], hashed(epoch_key, np.uint64(chosen[n])), ranges, background, varied[n])


def vary_chosen_reference(
    samples: Array, chosen: Array, seed: int, epoch: int, ranges: Ranges, background: float, varied: Array
) -> None:
    """What `vary_chosen` computes."""
    places: Any = chosen.astype(np.uint64)
    keys: Any = hashed_reference(hashed_reference(np.uint64(seed), np.uint64(epoch)), places)
    for source, key, out in zip(samples[chosen], keys, varied, strict=True):
        vary_reference(source, key, ranges, background, out)
