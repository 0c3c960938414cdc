"""Spiral arms."""

from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.datasets.plane import Groups, Noise, Points, Samples, even_labels, places, plane_set, source
from engine.datasets.tables import Seed

Turns = Annotated[float, Meta(gt=0, le=10)]


@plane_set("spiral")
def spiral(
    arms: Groups = 3, noise: Noise = 0.2, samples: Samples = 1500, turns: Turns = 0.75, seed: Seed = 0
) -> Points:
    """Spiral arms around one another, a class each.

    Sample i = 1 ... n of arm a:  r = i / n,  angle = 2 pi (a / arms + turns r) + N(0, noise^2),
    (x, y) = r (sin angle, cos angle).  The noise is in radians, so an arm narrows towards the middle.

    Karpathy, CS231n, "Neural networks case study": there three arms and 4 rad (0.64 turns), noise 0.2. The older
    "two spirals" of Lang and Witbrock 1988 has two arms, three turns and no noise.
    """
    labels = even_labels(samples, arms)
    place, count = places(labels)
    radius = (place + 1) / count
    angle = 2 * np.pi * (labels / arms + turns * radius) + noise * source(seed).standard_normal(samples)
    points = radius[:, np.newaxis] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return Points(points, labels, tuple(f"arm {arm + 1}" for arm in range(arms)))
