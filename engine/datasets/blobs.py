"""Round clouds."""

import numpy as np

from engine.datasets.plane import Groups, Noise, Points, Samples, even_labels, plane_set, source
from engine.datasets.tables import Seed


@plane_set("blobs")
def blobs(classes: Groups = 3, noise: Noise = 0.2, samples: Samples = 1000, seed: Seed = 0) -> Points:
    """Round clouds around the corners of a regular polygon, which straight lines separate.

    Class k of normal density: (x, y) = (sin, cos)(2 pi k / classes) + N(0, noise^2) in each coordinate.
    """
    labels = even_labels(samples, classes)
    angle = 2 * np.pi * labels / classes
    points = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    names = tuple(f"blob {number + 1}" for number in range(classes))
    return Points(points + noise * source(seed).standard_normal(points.shape), labels, names)
