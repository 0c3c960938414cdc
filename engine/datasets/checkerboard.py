"""A board of squares."""

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.datasets.plane import Noise, Points, Samples, even_labels, plane_set, source
from engine.datasets.tables import Seed

Squares = Annotated[int, Meta(ge=2, le=16)]


@plane_set("checkerboard")
def checkerboard(squares: Squares = 4, noise: Noise = 0.0, samples: Samples = 2000, seed: Seed = 0) -> Points:
    """Squares in two colours, `squares` on each side of the board -1 ... 1.

    Points are even within each square, as many in one as in another; the colour is (row + column) mod 2; then
    N(0, noise^2) is added to each coordinate, which leaves labels as they are.
    """
    square, random = even_labels(samples, squares**2), source(seed)
    row, column = np.divmod(square, squares)
    corner = np.stack([column, row], axis=1)
    points = 2 * (corner + random.uniform(0, 1, corner.shape)) / squares - 1
    return Points(points + noise * random.standard_normal(points.shape), (row + column) % 2, ("dark", "light"))
