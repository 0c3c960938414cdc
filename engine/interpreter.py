"""How threads take turns at Python's interpreter, which one of them has at a time: a policy for the whole process.

Who computes needs it for a fraction of a millisecond between two jobs, in which the whole crew has no work.
"""

import sys

held_s = asked_s = sys.getswitchinterval()
"""Seconds for which a thread may keep it from another, and from one whose job has ended."""


def share(held: float, asked: float) -> None:
    """Set both, from now on; a thread that waits already sees it at its next look."""
    global held_s, asked_s
    held_s, asked_s = held, asked
    sys.setswitchinterval(held)
