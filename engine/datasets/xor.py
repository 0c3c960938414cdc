"""Exclusive or."""

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.datasets.plane import Noise, Points, Samples, even_labels, plane_set, source
from engine.datasets.tables import Seed

Margin = Annotated[float, Meta(ge=0, lt=1)]

SIGNS = np.array([[1, 1], [1, -1], [-1, -1], [-1, 1]])
"""The four quadrants, so that every second one is of the other class."""


@plane_set("xor")
def xor(margin: Margin = 0.1, noise: Noise = 0.0, samples: Samples = 1000, seed: Seed = 0) -> Points:
    """Four squares: one class where x and y have the same sign, the other where not.

    |x|, |y| ~ U(margin, 1), as many points in each quadrant; then N(0, noise^2) is added to each coordinate, which
    leaves labels as they are.  What one layer cannot do: Minsky and Papert 1969, "Perceptrons".
    """
    quadrants, random = even_labels(samples, 4), source(seed)
    points = SIGNS[quadrants] * random.uniform(margin, 1, (samples, 2))
    return Points(points + noise * random.standard_normal(points.shape), quadrants % 2, ("same sign", "opposite signs"))
