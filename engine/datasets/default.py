"""Which data set a run has that names none."""

from engine.datasets.remote import find

EMBEDDED = "mnist-5k"
"""Always here, so also what a run can go on with whose own data cannot be had."""


def default_dataset() -> str:
    """mnist if it is here, or else mnist-5k: nothing is downloaded that was not asked for."""
    mnist = find("mnist")
    return "mnist" if mnist is not None and not mnist.missing else EMBEDDED
