"""Styled text without a toolkit: a row is a tuple of spans, a span is text and what it means."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Glyphs: TypeAlias = Literal["braille", "block", "ascii"]
FloatArray: TypeAlias = NDArray[np.float64]
CodeArray: TypeAlias = NDArray[np.uint32]
RoleArray: TypeAlias = NDArray[np.integer[Any]]

BLANK = 32


class Span(NamedTuple):
    """Text of one meaning ("train", "axis", "bad"). Never a colour: a panel maps roles to its theme."""

    text: str
    role: str = ""


Row: TypeAlias = tuple[Span, ...]


def plain_text(rows: Iterable[Row]) -> str:
    """The characters alone, a line a row."""
    return "\n".join("".join(span.text for span in row) for row in rows)


def fit(row: Row, width: int) -> Row:
    """The row cut or padded to `width` cells; padding continues the last span, so it costs no colour code."""
    if sum([len(span.text) for span in row]) == width:
        return row
    fitted: list[Span] = []
    room = max(width, 0)
    for span in row:
        if not room:
            break
        text = span.text[:room]
        room -= len(text)
        fitted.append(Span(text, span.role))
    if room:
        last = fitted.pop() if fitted else Span("")
        fitted.append(Span(last.text + " " * room, last.role))
    return tuple(fitted)


def rows_from(codes: CodeArray, roles: RoleArray, names: Sequence[str], *, blanks_alike: bool = True) -> list[Row]:
    """Rows of a grid of code points, `names[roles]` being the role of each; codes, roles: (height, width).

    A blank takes the role on its left (at the start of a row: on its right), because a terminal is sent
    a colour code wherever the role changes and a blank looks the same in all of them: `blanks_alike`. It does not
    where they have backgrounds of their own.
    """
    height, width = codes.shape
    if not codes.size:
        return [()] * height
    inked = codes != BLANK if blanks_alike else np.ones(codes.shape, dtype=np.bool_)
    columns = np.arange(width)
    source = np.maximum.accumulate(np.where(inked, columns, -1), axis=1)
    source = np.where(source < 0, inked.argmax(axis=1)[:, None], source)
    roles = np.take_along_axis(roles, source, axis=1)
    # All at once: the text is one string, and a run of a role one slice of it.
    starts = np.ones((height, width), dtype=np.bool_)
    starts[:, 1:] = roles[:, 1:] != roles[:, :-1]
    begins = np.flatnonzero(starts)
    ends = [*begins[1:].tolist(), height * width]
    text = codes.astype("<u4").tobytes().decode("utf-32-le")
    found = roles.ravel()[begins].tolist()
    spans = [Span(text[a:b], names[role]) for a, b, role in zip(begins.tolist(), ends, found, strict=True)]
    bounds = [0, *starts.sum(axis=1).cumsum().tolist()]
    return [tuple(spans[a:b]) for a, b in itertools.pairwise(bounds)]


def one_cell(text: str, glyphs: Glyphs) -> str:
    """The text with '?' for what is not exactly one cell wide, or not ASCII where only that can be shown."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _is_one_cell(c) and (glyphs != "ascii" or c.isascii()) else "?" for c in text)


def shorten(text: str, width: int, glyphs: Glyphs) -> str:
    """The text in exactly `width` cells: cut with '…' ('~' in ASCII) or padded."""
    text = one_cell(text, glyphs)
    if len(text) > width > 0:
        text = text[: width - 1] + ("~" if glyphs == "ascii" else "…")
    return text[: max(width, 0)].ljust(width)


def whole_words(text: str, width: int) -> str:
    """As many of the first words as have room; nothing where not even one has."""
    if len(text) <= width:
        return text
    return text[: max(width, 0) + 1].rpartition(" ")[0].rstrip(" ,:;") if width > 0 else ""


def _is_one_cell(character: str) -> bool:
    wide = unicodedata.east_asian_width(character) in "WF"
    return character.isprintable() and not wide and not unicodedata.category(character).startswith("M")
