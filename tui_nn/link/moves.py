"""The shortest way for the cursor from one cell to another."""

from functools import lru_cache

BESIDE = 4
"""As many steps back as are shorter one by one than by their number."""


@lru_cache(maxsize=1 << 14)
def move(x: int | None, y: int | None, to_x: int, to_y: int) -> str:
    """From (x, y), either of which may be unknown, to (to_x, to_y), all from 0.

    No line feed is used: what a terminal makes of it depends on its settings.
    """
    if (x, y) == (to_x, to_y):
        return ""
    ways = [f"\x1b[{to_y + 1};{to_x + 1}H" if to_x else f"\x1b[{to_y + 1}H" if to_y else "\x1b[H"]
    if y is not None:
        ways += [down + across for down in _vertical(y, to_y) for across in _horizontal(x, to_x)]
    elif x is not None:
        ways += [f"\x1b[{to_y + 1}d{across}" for across in _horizontal(x, to_x)]
    return min(ways, key=len)


def _vertical(y: int, to_y: int) -> list[str]:
    if y == to_y:
        return [""]
    return [_counted(abs(to_y - y), "B" if to_y > y else "A"), f"\x1b[{to_y + 1}d"]


def _horizontal(x: int | None, to_x: int) -> list[str]:
    ways = [f"\x1b[{to_x + 1}G" if to_x else "\r"]
    if to_x:
        ways.append("\r" + _counted(to_x, "C"))
    if x is not None:
        if x == to_x:
            ways.append("")
        elif to_x > x:
            ways.append(_counted(to_x - x, "C"))
        else:
            ways.append("\b" * (x - to_x) if x - to_x <= BESIDE else _counted(x - to_x, "D"))
    return ways


def _counted(count: int, final: str) -> str:
    return f"\x1b[{count}{final}" if count > 1 else f"\x1b[{final}"
