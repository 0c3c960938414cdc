"""Python's collector of cycles, kept from stopping the screen."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

spare_what_there_is = gc.freeze
"""Have it looked through never again: to be called when much has been made that stays."""

THRESHOLDS = 80_000, 10, 100
"""New objects before the youngest are looked through, and how many such looks before older ones and all are."""

MANY = 10_000
"""New objects that are looked through at leisure: that takes milliseconds, which nobody who waits for a key has."""


def look_through_at_leisure() -> None:
    """To be called when nobody waits: what the collector would do in the middle of something, if there is much."""
    young, middle, old = gc.get_count()
    if young >= MANY:
        gc.collect((middle >= THRESHOLDS[1]) + (middle >= THRESHOLDS[1] and old >= THRESHOLDS[2]))


@contextmanager
def rare_collections() -> Iterator[None]:
    """Within it what there is already is not looked through at all, and what is made then seldom as a whole.

    A look at all that Textual, NumPy and Numba have made holds every thread, up to 90 ms, and finds nothing.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
