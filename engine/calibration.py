"""Whether a network is as often right as it is sure.

Guo, Pleiss, Sun and Weinberger 2017, "On calibration of modern neural networks", arXiv 1706.04599, section 2.
"""

from typing import NamedTuple

import numpy as np

from engine.arrays import Array


class Reliability(NamedTuple):
    """By bin of even width over 0..1, each with its upper edge: mean confidence, share that is right, samples.

    Of a bin without samples both figures are NaN.
    """

    confidence: Array
    accuracy: Array
    samples: Array


def reliability(confidences: Array, right: Array, bins: int) -> Reliability:
    """Answers gathered by the probability that speaks for them.   confidences, right: (count,) → (bins,) each"""
    edges = np.linspace(0, 1, bins + 1)[1:-1]
    place = np.searchsorted(edges, confidences)
    count = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, weights=values, minlength=bins) for values in (confidences, right)]
    confidence, accuracy = (np.divide(s, count, out=np.full(bins, np.nan), where=count > 0) for s in sums)
    return Reliability(confidence, accuracy, count)


def expected_calibration_error(found: Reliability) -> float:
    """sum_b n_b / n |accuracy_b - confidence_b| (equation 3): 0 is perfect; NaN of no samples."""
    total = int(found.samples.sum())
    gaps = np.abs(found.accuracy - found.confidence)[found.samples > 0]
    return float(gaps @ found.samples[found.samples > 0] / total) if total else float("nan")
