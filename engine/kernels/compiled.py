"""How compiled code comes about: on the first call, off the interpreter's lock, cached on disk."""

import functools
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from platformdirs import user_cache_path

P = ParamSpec("P")
R = TypeVar("R")

OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "fastmath": {"reassoc", "contract", "nsz"}}
"""Sums may be reordered and products fused, or no reduction would use the vector units; NaN and infinity are kept."""

SOURCES = Path(__file__).parents[1]


@functools.cache
def compiler() -> Any:
    """Numba, imported when it is first needed: that takes longer than drawing the first frame of the screen.

    Its cache is kept by the text of all kernels: it would not notice that a function called by another has changed.
    """
    import numba

    # These two files hold numbers that compiled code has fixed: how rows are padded, where the scale lies.
    files = [SOURCES / "parameters.py", SOURCES / "optimizers" / "base.py"]
    files += sorted(path for folder in ("kernels", "stages") for path in (SOURCES / folder).glob("*.py"))
    digest = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    config: Any = numba.config
    folder = Path(config.CACHE_DIR) if config.CACHE_DIR else user_cache_path("tui-nn", appauthor=False) / "kernels"
    config.CACHE_DIR = str(folder / digest)
    return numba


def compiler_loaded() -> bool:
    """Whether Numba is there already, so that calling a kernel takes no seconds."""
    return "numba" in sys.modules


class kernel(Generic[P, R]):
    """A function over arrays, compiled when it is first called; other kernels and phases may call it too.

    It is serial: the threads of a crew share the work out between them.
    """

    def __init__(self, function: Callable[P, R]) -> None:
        self.__wrapped__ = function
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        result: R = self._compiled(*args, **kwargs)
        return result

    @property
    def _numba_type_(self) -> Any:
        """What Numba asks of a name that it meets in another kernel."""
        return self._compiled._numba_type_

    @functools.cached_property
    def _compiled(self) -> Any:
        # Inlined wherever it is called: or code fresh from the compiler and code from the cache would call copies that
        # were optimized each on its own, and round differently.
        return compiler().njit(nogil=True, forceinline=True, **OPTIONS)(self.__wrapped__)


class phase:
    """A part of a training step that several threads do together: function(operands, chunk, thread).

    It is called by its address, with that of its operands (`engine.kernels.operands`), so that a job is a table of
    numbers and one compiled loop runs any network.
    """

    __name__: str

    def __init__(self, function: Callable[[int, int, int], None]) -> None:
        self.__wrapped__ = function
        self.__name__, self.__doc__ = function.__name__, function.__doc__

    @property
    def ready(self) -> bool:
        """Whether it is compiled."""
        return "address" in vars(self)

    @functools.cached_property
    def address(self) -> int:
        """Where the compiled function is; compiles it."""
        numba = compiler()
        self._compiled = numba.cfunc("void(int64, int64, int64)", **OPTIONS)(self.__wrapped__)
        address: int = self._compiled.address
        return address
