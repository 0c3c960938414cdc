"""Ink on paper, light on dark or dark on light, under uneven light: how much of it is in each pixel."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.morphology import closed, opened
from engine.digits.resize import limited, resized

COARSE, COARSE_LONGER = 64, 1024
"""Sides of the picture in which the background is looked for: light changes slowly."""

WIDEST = 0.4
"""Of a stroke, as a share of the picture's shorter side; wider things are background."""

BORDER = 0.7
"""Share of a side of the picture from which on what is dark along it is a shadow, or what the paper lies on."""

CALM = 0.05
"""Difference between neighbours, as a share of that between paper and ink, below which there is no edge."""

CALM_SHARE = 0.1
"""Of the paper that is calm, if it is to be judged by that."""

EVEN = 0.25
"""Differences in the paper that leave the middle between paper and ink where it is, as a share of their difference."""

FAINTEST = 0.06
"""Of ink, as a share of white; what differs less from its background is nothing that was written."""

NOISE = 6.0
"""Deviations of the paper's noise that ink differs from it at least."""

QUARTER = 0.4506
"""Of differences between two numbers with Gaussian noise of deviation 1, a quarter are smaller."""

DARKEST = 0.02
"""Paper is taken for at least so light: noise in black is no ink."""


class Ink(NamedTuple):
    """evened: what is left of a picture without its background, from 0 (paper) on. amount: 0 paper, 0.5 edge, 1 ink."""

    evened: NDArray[np.float32]
    amount: NDArray[np.float32]


def find_ink(grey: Array) -> Ink | None:
    """The ink of a picture in 0..1, whatever it is lighter or darker than; None: there is only background."""
    coarse = limited(grey, COARSE, COARSE_LONGER)
    slope = slope_of_light(coarse)
    dark = background_is_light(coarse - slope)
    light = grey if dark else 1 - grey
    if not dark:
        coarse, slope = 1 - coarse, 1 - slope
    even = even_paper(coarse)
    background = resized(uneven_paper(coarse, slope), *grey.shape) if even is None else np.full_like(light, even)
    evened = np.maximum(background - light, 0).astype(np.float32)
    if dark:
        # Light falls on paper and on ink alike, so their ratio is that of what they reflect.
        evened /= np.maximum(background, DARKEST)
    levels = two_levels(evened)
    if levels is None or levels[1] - levels[0] < max(FAINTEST, NOISE * noise(evened)):
        return None
    paper, ink = levels
    return Ink(evened.clip(0, 1), ((evened - paper) / (ink - paper)).clip(0, 1).astype(np.float32))


def even_paper(light: Array) -> np.float32 | None:
    """The level of paper under even light; None where its calm parts differ, or something wide is as dark as ink.

    What is even needs no guess at what is behind the ink, which goes wrong where a digit fills its picture.
    """
    levels = two_levels(light)
    if levels is None:
        return None
    dark, paper = levels
    ink = light < (dark + paper) / 2
    reach = widest(light) // 2
    if opened(np.pad(ink, reach).astype(np.float32), widest(light)).any():
        return None
    if max(side.mean() for side in (ink[0], ink[-1], ink[:, 0], ink[:, -1])) > BORDER:
        return None
    steepest = np.zeros_like(light)
    for axis in (0, 1):
        change = np.abs(np.diff(light, axis=axis))
        for place in (slice(1, None), slice(None, -1)):
            near = steepest[(slice(None),) * axis + (place,)]
            np.maximum(near, change, out=near)
    found = light[~ink & (steepest < CALM * (paper - dark))]
    if len(found) < CALM_SHARE * np.count_nonzero(~ink):
        return None
    low, middle, high = np.quantile(found, [0.02, 0.5, 0.98])
    return np.float32(middle) if high - low < EVEN * (paper - dark) else None


def uneven_paper(light: Array, slope: Array) -> Array:
    """The paper behind the ink, at each pixel, under light with that slope.

    Closing lifts the low end of a slope, where beyond the border there is nothing to compare with; without the slope
    it lifts what lies along the edge of a shadow. Paper is what both let pass.
    """
    size = widest(light)
    paper: Array = np.minimum(closed(light, size), slope + closed(light - slope, size))
    return paper


def widest(picture: Array) -> int:
    """Width of the widest stroke, in pixels: an odd number."""
    return max(int(WIDEST * min(picture.shape)) | 1, 3)


def slope_of_light(grey: Array) -> NDArray[np.float32]:
    """The plane through the grey levels with the least squares, at each pixel."""
    height, width = grey.shape
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones(grey.size), rows.ravel(), columns.ravel()], axis=1)
    plane: Array = terms @ np.linalg.lstsq(terms, grey.ravel(), rcond=None)[0]
    return plane.reshape(grey.shape).astype(np.float32)


def background_is_light(flat: Array) -> bool:
    """Whether most of the border is in the lighter half of the grey levels, which have no slope any more."""
    light = flat > (flat.min() + flat.max()) / 2
    border = np.concatenate([light[0], light[-1], light[1:-1, 0], light[1:-1, -1]])
    return bool(border.mean() > 0.5)


def noise(picture: Array) -> float:
    """Its deviation, from neighbours in the calmest quarter of the picture: strokes and their edges are elsewhere."""
    if picture.shape[1] < 2:
        return 0.0
    return float(np.quantile(np.abs(np.diff(picture, axis=1)), 0.25)) / QUARTER


def two_levels(values: Array) -> tuple[float, float] | None:
    """The mean levels on both sides of the threshold midway between them; None: all values are alike.

    Ridler and Calvard 1978, IEEE Transactions on Systems, Man and Cybernetics 8, 630-632; begun from the darkest ink,
    so that a few strokes on much paper are not outvoted by the paper's noise.
    """
    values = np.sort(values, axis=None).astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    count, threshold = len(values), (values[0] + values[-1]) / 2
    for _ in range(100):
        paper_count = int(np.searchsorted(values, threshold, "right"))
        if paper_count in (0, count):
            return None
        paper = sums[paper_count] / paper_count
        ink = (sums[-1] - sums[paper_count]) / (count - paper_count)
        before, threshold = threshold, (paper + ink) / 2
        if threshold == before:
            break
    return paper, ink
