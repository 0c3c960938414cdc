"""Colours by meaning. Plots and panels name roles; only the files of this folder name colours, a TOML file a theme."""

import functools
import tomllib
from pathlib import Path

import msgspec
from textual.theme import Theme

from engine.errors import unknown
from tui_nn.plots.image import LEVELS
from tui_nn.themes.colours import mixed, nearest_grey, nearest_of_256, of_256

FOLDER = Path(__file__).parent

USUAL = "dark"

PAPER = 0.06
"""Of ink, as much as makes paper stand out from the ground."""


ERRORS = (0.2, 0.44, 0.66)
"""Of the warm colour, as much as lies under a count of few, some and many errors: the count has to be read on it."""


class Ground(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all else stands on."""

    background: str
    surface: str
    panel: str
    foreground: str


class Plane(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Colours of a plane: shares of a class's hue in its shades, and the ends of the scale of a unit."""

    unknown: str
    zero: str
    negative: str
    positive: str
    classes: tuple[str, ...]
    shades: tuple[float, ...]


class Plane256(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same by number, on a terminal of 256 colours."""

    zero: int
    negative: tuple[int, ...]
    positive: tuple[int, ...]
    classes: tuple[tuple[int, ...], ...]


class Palette(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A theme as its file has it."""

    description: str
    dark: bool
    ground: Ground
    roles: dict[str, str]
    plane: Plane
    plane_256: Plane256
    roles_256: dict[str, int] = {}


def theme_names() -> list[str]:
    """The themes that there are, the usual one first."""
    return sorted((path.stem for path in FOLDER.glob("*.toml")), key=lambda name: (name != USUAL, name))


@functools.cache
def read_palette(name: str) -> Palette:
    """The colours of a theme. Raises UserError for an unknown name."""
    if name not in theme_names():
        raise unknown("theme", name, theme_names())
    return msgspec.convert(tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")), Palette)


def make_theme(name: str) -> Theme:
    """The theme for Textual: its own widgets' colours, and a variable `role-NAME` for each role.

    A variable `role-NAME-256` is the colour that a terminal of 256 has instead, where the nearest would mislead.
    """
    palette = read_palette(name)
    ground, roles = palette.ground, palette.roles
    return Theme(
        name=f"tui-nn-{name}",
        dark=palette.dark,
        primary=roles["train"],
        secondary=roles["muted"],
        accent=roles["selected"],
        foreground=ground.foreground,
        background=ground.background,
        surface=ground.surface,
        panel=ground.panel,
        success=roles["good"],
        warning=roles["warn"],
        error=roles["bad"],
        variables={
            "border": roles["border"],
            "footer-key-foreground": roles["selected"],
            "footer-background": ground.background,
            "footer-description-foreground": roles["muted"],
            **{f"role-{role}": colour for role, colour in roles.items()},
            **{f"role-{role}-256": of_256(number) for role, number in palette.roles_256.items()},
            **_plane(palette),
            **_greys(palette),
        },
    )


def _greys(palette: Palette) -> dict[str, str]:
    """Shades of a picture from paper to ink, in even steps; with 256 colours those of the scale of greys."""
    ground, ink = palette.ground.background, palette.roles["ink"]
    variables = {}
    for level in range(LEVELS):
        colour = mixed(ink, PAPER + (1 - PAPER) * level / (LEVELS - 1), ground)
        variables[f"role-ink-{level}"] = colour
        variables[f"role-ink-{level}-256"] = of_256(nearest_grey(colour))
    return variables


def _plane(palette: Palette) -> dict[str, str]:
    """Variables of all that is drawn over a plane."""
    ground, ink, plane, numbers = palette.ground.background, palette.roles["ink"], palette.plane, palette.plane_256
    variables = {
        "role-unknown": plane.unknown,
        "role-ground": ground,
        "role-zero": plane.zero,
        "role-zero-256": of_256(numbers.zero),
    }
    for index, colour in enumerate(plane.classes):
        variables[f"role-class-{index}"] = mixed(colour, 0.8, ink)
        variables[f"role-wrong-{index}"] = mixed(colour, 0.6, ink)
        for level, share in enumerate(plane.shades):
            variables[f"role-class-{index}-{level}"] = mixed(colour, share, ground)
            variables[f"role-class-{index}-{level}-256"] = of_256(numbers.classes[index][level])
    for side, colour, steps in (
        ("negative", plane.negative, numbers.negative),
        ("positive", plane.positive, numbers.positive),
    ):
        for step, number in enumerate(steps, 1):
            variables[f"role-{side}-{step}"] = mixed(colour, step / len(steps), ground)
            variables[f"role-{side}-{step}-256"] = of_256(number)
    for level, (share, number) in enumerate(zip(ERRORS, numbers.positive, strict=False), 1):
        variables[f"role-errors-{level}"] = mixed(plane.positive, share, ground)
        variables[f"role-errors-{level}-256"] = of_256(number)
    return variables


__all__ = ["USUAL", "Palette", "make_theme", "nearest_of_256", "read_palette", "theme_names"]
