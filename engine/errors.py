"""What is told to a user, not to a programmer."""

import difflib
from collections.abc import Iterable


class UserError(ValueError):
    """A mistake that its maker can mend: one line that says what was wrong, where, and what would be right."""


class ShapeError(UserError):
    """Two neighbours in a model whose shapes do not fit."""


def unknown(kind: str, name: str, known: Iterable[str]) -> UserError:
    """The error for a name that is not among the known ones, with the nearest known name."""
    names = sorted(known)
    folded = {item.lower(): item for item in reversed(names)}
    near = difflib.get_close_matches(name.lower(), folded, n=1)
    hint = f"; did you mean {folded[near[0]]!r}?" if near else ""
    return UserError(f"unknown {kind} {name!r}; known: {', '.join(names)}{hint}")


def requirement(error: Exception) -> str:
    """What a `msgspec.ValidationError` asks for, in words: "must be a whole number >= 1"."""
    text = str(error).partition(", got")[0].replace("Expected", "must be").replace("`", "")
    return text.replace("int", "a whole number").replace("float | null", "a number").replace("float", "a number")
