"""What the terminal answers when asked: which kind it is, what it can do, how long an answer takes."""

import os
import re
import select
import sys
from time import monotonic
from typing import NamedTuple

WAIT_S = 0.5
"""For an answer; over a slow link one may take longer, but nobody waits longer for it."""

ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]+)c")
SYNCHRONIZED = re.compile(rb"\x1b\[\?2026;(\d)\$y")
KITTY_KEYS = re.compile(rb"\x1b\[\?(\d+)u")
CURSOR = re.compile(rb"\x1b\[(\d+);(\d+)R")


class Answers(NamedTuple):
    """None: no answer. Round trip in milliseconds, there and back."""

    attributes: str | None = None
    synchronized: bool | None = None
    kitty_keys: bool | None = None
    round_trip_ms: float | None = None


def ask_terminal() -> Answers:
    """Ask the terminal that is on stdin and stdout; no answers where there is none. It is left as it was."""
    if sys.platform == "win32" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Answers()
    if os.environ.get("TERM", "dumb") == "dumb":
        return Answers()
    import termios
    import tty

    handle = sys.stdin.fileno()
    try:
        before = termios.tcgetattr(handle)
        if os.tcgetpgrp(handle) != os.getpgrp():
            return Answers()  # in the background asking would stop the process
        tty.setcbreak(handle, termios.TCSANOW)
    except (termios.error, OSError):
        return Answers()
    try:
        start = monotonic()
        # Every terminal answers where its cursor is, so what comes last tells that no more will come.
        round_trip = _ask(handle, b"\x1b[6n", CURSOR)
        if not CURSOR.search(round_trip):
            return Answers()
        took = (monotonic() - start) * 1e3
        said = round_trip + _ask(handle, b"\x1b[?2026$p\x1b[?u\x1b[c", ATTRIBUTES)
        os.write(sys.stdout.fileno(), b"\r\x1b[K")  # what an old terminal has not understood, it may have shown
    finally:
        termios.tcsetattr(handle, termios.TCSAFLUSH, before)
    attributes, synchronized = ATTRIBUTES.search(said), SYNCHRONIZED.search(said)
    return Answers(
        attributes[1].decode() if attributes else None,
        synchronized[1] in b"12" if synchronized else False,
        KITTY_KEYS.search(said) is not None,
        took,
    )


def _ask(handle: int, question: bytes, last: re.Pattern[bytes]) -> bytes:
    """All that comes until the last answer, or until nobody waits any longer."""
    os.write(sys.stdout.fileno(), question)
    said, end = b"", monotonic() + WAIT_S
    while not last.search(said) and (left := end - monotonic()) > 0:
        if select.select([handle], [], [], left)[0]:
            chunk = os.read(handle, 1024)
            if not chunk:
                break
            said += chunk
    return said
