"""How a run looks on this terminal: one value, which the application holds and every panel follows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from tui_nn.depth import Depth
from tui_nn.plots import Glyphs
from tui_nn.themes import USUAL

NO_KEYS: Mapping[str, str] = MappingProxyType({})


class Appearance(NamedTuple):
    """Characters, number of colours, theme, and for each action the key that hints name."""

    glyphs: Glyphs = "braille"
    depth: Depth = "truecolor"
    theme: str = USUAL
    keys: Mapping[str, str] = NO_KEYS

    @property
    def shaded(self) -> bool:
        """Whether surfaces are shown in shades: with few colours, or none, dark ones of many hues cannot be told."""
        return self.glyphs != "ascii" and not self.shallow

    @property
    def shallow(self) -> bool:
        """Whether the colours are the terminal's own, or none, whatever the theme."""
        return self.depth in ("16", "none")

    @property
    def coloured(self) -> bool:
        """Whether a colour tells one line from another."""
        return self.depth != "none"

    def key(self, action: str) -> str:
        """The key for an action, as people write it; "-" for one that has none."""
        return self.keys.get(action, "-")

    def hint(self, action: str, text: str) -> str:
        """What a key does, such as "w: next"; nothing where the action has no key."""
        return f"{self.keys[action]}: {text}" if action in self.keys else ""
