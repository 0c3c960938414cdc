"""Bytes from a terminal to messages: whatever comes, it goes on."""

from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

from tui_nn.terminal.drag import MouseMove, runs

LONGEST_PASTE = 1 << 16
"""Characters of a paste that are taken; the rest is dropped."""

SILENCE = 20
"""Ticks without a byte after which a paste is over though its end has not come: else no key would work any more."""

CHUNK = 4096
"""Bytes at once: where so many came, more wait."""


class Keyboard:
    """Textual's parser with bounds: broken text and impossible codes do not stop it, and a paste is never keys.

    Pastes are taken out before the parser, which makes keys of an escape sequence within them, and waits for their end
    for ever.
    """

    def __init__(self, debug: bool = False) -> None:
        self._debug = debug
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._parser = XTermParser(debug)
        self._paste: str | None = None
        self._held = ""
        """What may be the beginning of a mark that has been cut."""
        self._silence = 0

    @property
    def is_pasting(self) -> bool:
        """Whether what comes belongs to a paste."""
        return self._paste is not None

    def feed(self, data: bytes) -> Iterator[Message]:
        """What has come means these messages."""
        self._silence = 0
        text, self._held = self._held + self._decode(data), ""
        while text:
            mark = BRACKETED_PASTE_START if self._paste is None else BRACKETED_PASTE_END
            before, found, rest = text.partition(mark)
            if not found:
                least = 1 if len(data) >= CHUNK or self._paste is not None else 2
                held = _cut(before, mark, least)
                before, self._held = before[: len(before) - held], before[len(before) - held :]
            if self._paste is None:
                yield from self._parse(before)
                self._paste = "" if found else None
            else:
                self._paste = (self._paste + before)[:LONGEST_PASTE]
                if found:
                    yield events.Paste(self._paste.replace("\x00", ""))
                    self._paste = None
            text = rest

    def tick(self) -> Iterator[Message]:
        """Nothing has come for a tenth of a second, which means something as well.

        Ticks are counted and not seconds, for a process can stand still while its input waits.
        """
        self._silence += 1
        if self._paste is None:
            text, self._held = self._held, ""
            yield from self._parse(text)
        elif self._silence > SILENCE:
            self._paste, self._held = None, ""
        yield from self._guarded(self._parser.tick())

    def _parse(self, text: str) -> Iterator[Message]:
        for part, passed in runs(text):
            # A piece at a time: what one that cannot be parsed takes with it is little.
            for start in range(0, len(part), 256):
                for message in self._guarded(self._parser.feed(part[start : start + 256])):
                    if passed and isinstance(message, events.MouseMove):
                        yield MouseMove.after(passed, message)
                    else:
                        yield message

    def _guarded(self, messages: Iterable[Message]) -> Iterator[Message]:
        try:
            yield from messages
        except Exception:  # numbers that are no character, or too long to be a number at all
            self._parser = XTermParser(self._debug)


def _cut(text: str, mark: str, least: int) -> int:
    """How many characters at the end, `least` or more, are the beginning of the mark."""
    return next((size for size in range(len(mark) - 1, least - 1, -1) if text.endswith(mark[:size])), 0)
