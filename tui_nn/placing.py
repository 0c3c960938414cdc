"""How rows and columns of panels share the room there is: a tree of boxes and a region to regions by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

from textual.geometry import Region

ANY = 10_000
"""More cells than a terminal has."""

Enough = Mapping[str, int]
"""By panel, the rows that show all it has; more would be left empty. Panels that are not in it fill any room."""


class Box(NamedTuple):
    """A panel, or parts beside or below one another.

    It gets its `share` of the room along its parent's direction, but no less than `least`. What is `spare` is left
    out where the others would get less than their least.
    """

    name: str = ""
    parts: tuple[Box, ...] = ()
    across: bool = False
    share: float = 1.0
    least: int = 3
    spare: bool = False


def panel(name: str, share: float = 1.0, *, least: int = 3, spare: bool = False) -> Box:
    """A leaf: the panel with that name."""
    return Box(name, share=share, least=least, spare=spare)


def rows(*parts: Box, share: float = 1.0, least: int = 3, spare: bool = False) -> Box:
    """Parts below one another."""
    return Box(parts=parts, share=share, least=least, spare=spare)


def columns(*parts: Box, share: float = 1.0, least: int = 3, spare: bool = False) -> Box:
    """Parts beside one another."""
    return Box(parts=parts, across=True, share=share, least=least, spare=spare)


def names(box: Box) -> Iterator[str]:
    """The panels in it, from the upper left to the lower right."""
    if box.name:
        yield box.name
    for part in box.parts:
        yield from names(part)


def among(box: Box, known: Set[str]) -> Box | None:
    """The box without the panels that are not there; None where none of it is."""
    if box.name:
        return box if box.name in known else None
    parts = tuple(found for part in box.parts if (found := among(part, known)) is not None)
    return box._replace(parts=parts) if parts else None


def place(box: Box, region: Region, enough: Enough) -> dict[str, Region]:
    """Where each panel goes: regions that tile the whole one, but for what is spare and has no room."""
    if box.name:
        return {box.name: region}
    total = region.width if box.across else region.height
    parts = list(box.parts)
    while len(parts) > 1 and sum(_least(part, box.across, enough) for part in parts) > total:
        spare = [part for part in parts if part.spare]
        if not spare:
            break
        parts.remove(spare[-1])
    sizes = divide(
        total,
        [
            Wish(part.share, _least(part, box.across, enough), ANY if box.across else _most(part, enough))
            for part in parts
        ],
    )
    placed: dict[str, Region] = {}
    start = 0
    for part, size in zip(parts, sizes, strict=True):
        if box.across:
            own = Region(region.x + start, region.y, size, region.height)
        else:
            own = Region(region.x, region.y + start, region.width, size)
        placed |= place(part, own, enough)
        start += size
    return placed


class Wish(NamedTuple):
    """A part of a length: its share, within limits."""

    share: float
    least: int
    most: int


def divide(total: int, wishes: list[Wish]) -> list[int]:
    """Whole lengths that add up to `total`, by share, each within its limits as far as all of them together allow.

    Where shares and limits are at odds, those that stand against the sum of all are held at their limits and the others
    share what remains (CSS Flexible Box Layout 1, section 9.7). Where all are at their limits, the last give way.
    """
    held: dict[int, int] = {}
    while len(held) < len(wishes):
        free = [place for place in range(len(wishes)) if place not in held]
        room = total - sum(held.values())
        shares = sum(wishes[place].share for place in free)
        ideal = {place: room * wishes[place].share / shares for place in free}
        short = {place: wishes[place].least for place in free if ideal[place] < wishes[place].least}
        long = {place: wishes[place].most for place in free if ideal[place] > wishes[place].most}
        if not short and not long:
            break
        excess = sum(short.values()) - sum(ideal[place] for place in short)
        excess -= sum(ideal[place] for place in long) - sum(long.values())
        held |= short if excess > 0 else long if excess < 0 else {**short, **long}
    else:
        ideal = {}
    sizes = [held.get(place, 0) for place in range(len(wishes))]
    exact, whole = 0.0, 0
    for place, length in ideal.items():
        exact += length
        sizes[place] = int(exact + 0.5) - whole  # round() would give halves to the even, and more than the most
        whole += sizes[place]
    over = sum(sizes) - total
    if over < 0:
        sizes[max(range(len(sizes)), key=lambda place: (wishes[place].most, place))] -= over
    for place in reversed(range(len(sizes))):
        cut = min(max(over, 0), sizes[place])
        sizes[place] -= cut
        over -= cut
    return sizes


def _least(box: Box, across: bool, enough: Enough) -> int:
    return box.least if across else min(box.least, _most(box, enough))


def _most(box: Box, enough: Enough) -> int:
    """The rows that the box can fill."""
    if box.name:
        return enough.get(box.name, ANY)
    parts = [_most(part, enough) for part in box.parts if not part.spare] or [ANY]
    return max(parts) if box.across else min(sum(parts), ANY)


class Layout(NamedTuple):
    """Pages of panels for terminals of at least that size."""

    width: int
    height: int
    pages: tuple[Box, ...]

    @property
    def names(self) -> set[str]:
        return {name for page in self.pages for name in names(page)}
