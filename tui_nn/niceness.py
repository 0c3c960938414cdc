"""Who takes a core when there are not enough."""

import os
import sys
import threading
from contextlib import suppress

NICENESS = 10
"""Of threads that compute where each thread has its own: what the screen has to do, it does at once."""


def let_the_screen_go_first() -> None:
    """The thread that calls, and those that it begins, take a core when the screen wants none.

    Theirs is nearly all there is all the same. Elsewhere than on Linux a process's threads are equals.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
