"""Numbers counted in bins that stay where they are."""

import numpy as np

from engine.arrays import Array
from engine.errors import UserError
from engine.kernels.distribution import bin_counts, moments
from engine.training.commands import MOST_BINS, Limits
from engine.training.events import Tally


def tally(values: Array, bins: int, edges: Limits | None = None) -> Tally:
    """Counts of a vector's numbers in even bins between the edges; without these between those that suit it.

    Raises UserError for edges that are not finite or not in order, and for no bins or too many.
    """
    if not 1 <= bins <= MOST_BINS:
        raise UserError(f"bins {bins}: must be 1 to {MOST_BINS}")
    figures = np.empty(4)
    moments(values, figures)
    finite, largest, total, squares = figures.tolist()
    low, high = edges if edges is not None else edges_for(values, largest)
    if not -np.inf < low < high < np.inf:
        raise UserError(f"edges {low:g} to {high:g}: must be finite, the lower one first")
    counts = np.zeros(bins, np.int64)
    bin_counts(values, low, high, counts)
    all_finite = finite == values.size
    not_a_number = 0 if all_finite else int(np.count_nonzero(np.isnan(values)))
    under = int(np.count_nonzero(values < low))
    if not all_finite:
        under -= int(np.count_nonzero(values == -np.inf))
    mean = total / finite if finite else np.nan
    return Tally(
        low=float(low),
        high=float(high),
        counts=tuple(counts.tolist()),
        under=under,
        over=int(finite) - int(counts.sum()) - under,
        not_a_number=not_a_number,
        infinite=values.size - int(finite) - not_a_number,
        mean=mean,
        # Two sums instead of two passes: of float32 numbers float64 loses nothing.
        deviation=max(squares / finite - mean * mean, 0.0) ** 0.5 if finite else np.nan,
    )


def edges_for(values: Array, largest: float) -> Limits:
    """The largest size rounded up to 1, 2 or 5 by decade, on both sides of 0 or, where none is negative, above it."""
    bound = round_up(largest)
    return (-bound if (values < 0).any() else 0.0), bound


def round_up(value: float) -> float:
    """The next 1, 2 or 5 by decade; 1 for nothing."""
    if value <= 0:
        return 1.0
    decade = 10.0 ** np.floor(np.log10(value))
    return float(next(digit * decade for digit in (1, 2, 5, 10) if digit * decade >= value))
