"""What is told to a user, not to a programmer."""

import difflib
import re
from collections.abc import Iterable


class UserError(ValueError):
    """A mistake that its maker can mend: one line that says what was wrong, where, and what would be right."""


class ShapeError(UserError):
    """Two neighbours in a model whose shapes do not fit: `layer` got from `giver`, or from the data, what is a problem.

    A layer knows the problem alone; the chains that it stands in add the names.
    """

    def __init__(self, problem: str, layer: str = "", giver: str = "") -> None:
        source = f"layer {giver}" if giver else "the data"
        super().__init__(f"layer {layer}: {problem}; the shape comes from {source}" if layer else problem)
        self.problem = problem
        self.layer = layer
        self.giver = giver

    def inside(self, layer: str, giver: str) -> "ShapeError":
        """The same error, seen from a chain: it came up in this layer of it, which stands behind `giver`."""
        if not self.layer:
            return ShapeError(self.problem, layer, giver)
        return ShapeError(self.problem, f"{layer}.{self.layer}", f"{layer}.{self.giver}" if self.giver else giver)


def unknown(kind: str, name: str, known: Iterable[str]) -> UserError:
    """The error for a name that is not among the known ones, with the nearest known name."""
    names = sorted(known)
    folded = {item.lower(): item for item in reversed(names)}
    near = difflib.get_close_matches(name.lower(), folded, n=1)
    hint = f"; did you mean {folded[near[0]]!r}?" if near else ""
    return UserError(f"unknown {kind} {name!r}; known: {', '.join(names)}{hint}")


def requirement(error: Exception) -> str:
    """What a `msgspec.ValidationError` asks for, in words: "must be a whole number >= 1"."""
    text = re.split(", got| - at", str(error))[0].replace("Expected", "must be").replace("`", "")
    text = re.sub("array of length [<>]= 2", "a pair", text).replace(" | array", " or a pair")
    return text.replace("int", "a whole number").replace("float | null", "a number").replace("float", "a number")
