"""A moving average for curves."""

from __future__ import annotations

import math

import numpy as np

from tui_nn.plots.spans import FloatArray

NEGLIGIBLE = 1e-30
"""A share of an older value that no longer shows."""


def debiased_ema(values: FloatArray, weight: float, counts: FloatArray | None = None) -> FloatArray:
    """s_t = w s_(t-1) + (1 - w) x_t from s_0 = 0, divided by 1 - w^t: the share that has been given out by then.

    So the first value is its own mean, and a constant stays one. This is the smoothing of TensorBoard's scalars
    (tensorboard/components/vz_line_chart2/line-chart.ts, `resmoothDataset`). An x_t of counts[t] = n equal values takes
    n steps at once, with w^n for w, so that a history that joins its old points keeps its curve. What is not finite
    stays where it is, and out of the mean. Old means do not change when a value is added. All arrays: (count,).
    """
    values = np.asarray(values, dtype=np.float64)
    if not 0 < weight < 1 or not values.size:
        return values.copy()
    known = np.isfinite(values)
    if known.all():
        return _mean(values, weight, counts)
    smoothed = values.copy()
    smoothed[known] = _mean(values[known], weight, None if counts is None else counts[known])
    return smoothed


def _mean(x: FloatArray, weight: float, counts: FloatArray | None) -> FloatArray:
    # The divisor is 1, to the last bit, before long.
    early = int(math.log(NEGLIGIBLE) / math.log(weight)) + 1
    if counts is None:
        mean, passed = _sums((1 - weight) * x, weight), np.arange(1.0, min(early, x.size) + 1)
    else:
        mean, passed = _weighted_sums(x, weight ** np.asarray(counts)), np.cumsum(counts[:early])
    mean[:early] /= 1 - weight**passed
    return mean


def _sums(terms: FloatArray, weight: float) -> FloatArray:
    """terms_t + w terms_(t-1) + w^2 terms_(t-2) ...; after each turn a sum covers twice as many."""
    scaled, distance = np.empty(terms.size), 1
    while distance < terms.size and weight**distance > NEGLIGIBLE:
        np.multiply(terms[:-distance], weight**distance, out=scaled[distance:])
        terms[distance:] += scaled[distance:]
        distance *= 2
    return terms


def _weighted_sums(x: FloatArray, share: FloatArray) -> FloatArray:
    """The same of (1 - share_t) x_t, where each value leaves a share of its own of the sum before it."""
    terms, distance = (1 - share) * x, 1
    while distance < x.size and share[distance:].max() > NEGLIGIBLE:
        terms[distance:] += share[distance:] * terms[:-distance]
        share[distance:] *= share[:-distance]
        distance *= 2
    return terms
