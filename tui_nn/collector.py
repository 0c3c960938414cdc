"""Python's collector of cycles, kept from stopping the screen."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

spare_what_there_is = gc.freeze
"""Have it looked through never again: to be called when much has been made that stays."""

THRESHOLDS = 20_000, 10, 100
"""New objects before the youngest are looked through, and how many such looks before older ones and all are."""


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
