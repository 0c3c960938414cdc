"""Two half moons."""

import numpy as np

from engine.datasets.plane import Noise, Points, Samples, even_labels, places, plane_set, source
from engine.datasets.tables import Seed


@plane_set("moons")
def moons(noise: Noise = 0.1, samples: Samples = 1000, seed: Seed = 0) -> Points:
    """Two half circles that reach into each other.

    Upper: (cos t, sin t),  lower: (1 - cos t, 1/2 - sin t),  t evenly over 0 ... pi, both ends included;
    then N(0, noise^2) is added to each coordinate.  scikit-learn's make_moons.
    """
    labels = even_labels(samples, 2)
    place, count = places(labels)
    t = np.pi * place / (count - 1)
    upper, lower = np.stack([np.cos(t), np.sin(t)], axis=1), np.stack([1 - np.cos(t), 0.5 - np.sin(t)], axis=1)
    points = np.where(labels[:, np.newaxis] == 0, upper, lower)
    return Points(points + noise * source(seed).standard_normal(points.shape), labels, ("upper", "lower"))
