"""The bytes of a file on a server, read in a thread that nobody has to wait for."""

from collections.abc import Generator, Mapping
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import NamedTuple

from engine.downloads.reasons import SourceError, reason

TICK_S = 0.02
"""How long a caller is kept without a word."""

PATIENCE_S = 15.0
"""Of waiting without `LEAST` bytes: for a name to be found, a connection, an answer or the next bytes."""

LEAST = 1000
"""Bytes that count as an answer: a server that trickles stalls as well."""

READ_TIMEOUT_S = 30.0
"""After which a thread that was left behind ends by itself."""

PIECE = 1 << 16
AHEAD = 16
"""Pieces that are read before the first of them is taken."""


class Piece(NamedTuple):
    """Bytes of a file from `offset` on; none of them when nothing came for a moment."""

    offset: int
    data: bytes


def pieces(url: str, start: int, size: int) -> Generator[Piece, None, None]:
    """The bytes from `start` to `size` as they come, or from 0 where the server knows no ranges.

    Finding a name, connecting and reading cannot be broken off, so a thread of its own does it, and is left behind when
    the generator is closed. Raises SourceError if the server does not give them all; never gives more.
    """
    arrived: Queue[Piece | SourceError | None] = Queue(AHEAD)
    left = Event()
    Thread(target=_read, args=(url, start, size, arrived, left), name=f"download {url}", daemon=True).start()
    # Waiting is counted, not timed: a laptop that slept, or a process that was stopped, has not waited.
    idle, received, offset = 0, 0, start
    try:
        while True:
            try:
                item = arrived.get(timeout=TICK_S)
            except Empty:
                idle += 1
                if idle * TICK_S >= PATIENCE_S:
                    raise SourceError(f"silent for {PATIENCE_S:g} s") from None
                yield Piece(offset, b"")
                continue
            if item is None:
                return
            if isinstance(item, SourceError):
                raise item
            received += len(item.data)
            if received >= LEAST:
                idle = received = 0
            yield item
            offset = item.offset + len(item.data)
    finally:
        left.set()
        with suppress(Empty):
            while True:  # a thread that waits for room would wait for ever
                arrived.get_nowait()


def _read(url: str, start: int, size: int, arrived: "Queue[Piece | SourceError | None]", left: Event) -> None:
    """Put the pieces into the queue, and at last None or what went wrong."""
    try:
        import requests

        # The files are compressed as they are: a server must not pack them again, nor urllib3 unpack them.
        headers = {"Accept-Encoding": "identity", "User-Agent": "tui-nn"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with requests.get(url, headers=headers, stream=True, timeout=READ_TIMEOUT_S) as response:
            response.raise_for_status()
            offset = start if response.status_code == requests.codes.partial_content else 0
            _check_length(response.headers, offset, size)
            while offset < size and not left.is_set():
                data = response.raw.read1(min(PIECE, size - offset), decode_content=False)
                if not data:
                    raise SourceError(f"cut off after {offset:,} of {size:,} bytes")
                arrived.put(Piece(offset, data))
                offset += len(data)
        arrived.put(None)
    except Exception as error:  # whatever it is, the next mirror may do better
        arrived.put(reason(error))


def _check_length(headers: Mapping[str, str], offset: int, size: int) -> None:
    """Refuse at once what says itself that it is another file: a login page, an error with the status of success."""
    given = headers.get("Content-Range")
    if given is not None and not given.startswith(f"bytes {offset}-"):
        raise SourceError(f"gives {given}, asked for the bytes from {offset}")
    length = headers.get("Content-Length")
    if length is not None and length != str(size - offset):
        raise SourceError(f"has a file of {offset + int(length):,} bytes, not {size:,}")
