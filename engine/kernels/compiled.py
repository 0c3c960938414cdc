"""How a kernel is compiled: on its first call, off the interpreter's lock, cached on disk."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def load_compiler() -> None:
    """Import Numba now, rather than when the first kernel is called."""
    import numba  # noqa: F401


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` with Numba when it is first called.

    Importing Numba takes longer than drawing the first frame of the screen, so nothing imports it until a network
    runs. Kernels are serial: with Numba's default threading layer, two threads in parallel kernels end the process.
    Sums may be reordered and products fused, or no reduction would use the vector units; NaN and infinity are kept.
    """
    compiled: Callable[P, R] | None = None

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        nonlocal compiled
        if compiled is None:
            from numba import njit

            fastmath = {"reassoc", "contract", "nsz"}
            compiled = njit(nogil=True, cache=True, error_model="numpy", fastmath=fastmath)(function)
        return compiled(*args, **kwargs)

    return call
