"""Bytes from a terminal to messages: whatever comes, it goes on."""

from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator

from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

LONGEST_PASTE = 1 << 16
"""Characters of a paste that are taken; the rest is dropped."""

SILENCE = 20
"""Ticks without a byte after which a paste is over though its end has not come: else no key would work any more."""


class Keyboard:
    """Textual's parser with bounds: broken text, impossible codes and pastes without an end do not stop it."""

    def __init__(self, debug: bool = False) -> None:
        self._debug = debug
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._last = ""
        self._silence = 0
        self._dropping = False
        self._reset()

    def feed(self, data: bytes) -> Iterator[Message]:
        """What has come means these messages."""
        text = self._decode(data)
        self._silence = 0
        if self._dropping:
            _, end, text = (self._last + text).rpartition(BRACKETED_PASTE_END)
            if not end:
                self._last = text[-len(BRACKETED_PASTE_END) :]
                return
            self._reset()
        yield from self._parse(text)
        seen = self._last + text
        self._last = seen[-len(BRACKETED_PASTE_END) + 1 :]
        begun, ended = seen.rfind(BRACKETED_PASTE_START), seen.rfind(BRACKETED_PASTE_END)
        if begun > ended:
            self._pasted = len(seen) - begun
        elif ended >= 0:
            self._pasted = 0
        elif self._pasted:
            self._pasted += len(text)
        if self._pasted > LONGEST_PASTE:
            self._reset()
            self._dropping = True

    def tick(self) -> Iterator[Message]:
        """Nothing has come for a tenth of a second, which means something as well.

        Ticks are counted and not seconds, for a process can stand still while its input waits.
        """
        self._silence += 1
        if (self._pasted or self._dropping) and self._silence > SILENCE:
            self._reset()
        yield from self._guarded(self._parser.tick())

    def _reset(self) -> None:
        self._parser = XTermParser(self._debug)
        self._pasted, self._dropping = 0, False

    def _parse(self, text: str) -> Iterator[Message]:
        # A piece at a time: what one that cannot be parsed takes with it is little.
        for start in range(0, len(text), 256):
            if piece := text[start : start + 256]:
                yield from self._guarded(self._parser.feed(piece))

    def _guarded(self, messages: Iterable[Message]) -> Iterator[Message]:
        try:
            yield from messages
        except Exception:  # numbers that are no character, or too long to be a number at all
            self._reset()
