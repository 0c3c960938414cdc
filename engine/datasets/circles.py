"""A circle in a circle."""

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.datasets.plane import Noise, Points, Samples, even_labels, places, plane_set, source
from engine.datasets.tables import Seed

Factor = Annotated[float, Meta(ge=0, lt=1)]


@plane_set("circles")
def circles(factor: Factor = 0.5, noise: Noise = 0.1, samples: Samples = 1000, seed: Seed = 0) -> Points:
    """A small circle inside a large one.

    Outer: (cos t, sin t),  inner: factor (cos t, sin t),  t evenly over 0 ... 2 pi, the last end left out;
    then N(0, noise^2) is added to each coordinate.  scikit-learn's make_circles.
    """
    labels = even_labels(samples, 2)
    place, count = places(labels)
    t = 2 * np.pi * place / count
    radius = np.where(labels == 0, 1.0, factor)
    points = radius[:, np.newaxis] * np.stack([np.cos(t), np.sin(t)], axis=1)
    return Points(points + noise * source(seed).standard_normal(points.shape), labels, ("outer", "inner"))
