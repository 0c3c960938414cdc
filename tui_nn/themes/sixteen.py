"""The sixteen colours of a terminal's own, and none: the same for all themes.

Which ground they stand on the terminal alone knows, and it may be light. Of the sixteen only these have a contrast of 3
and more on black and on white, in the palettes of xterm and of the VGA: bright blue, bright red, magenta, and the
terminal's own ink. So a colour never stands for itself: letters, signs and weight say the same.
"""

from rich.style import Style
from textual.theme import Theme

COLOURS = {
    "train": "bright_blue",
    "train-range": "bright_blue",
    "validation": "magenta",
    "validation-range": "magenta",
    "change": "bright_red",
    "bar": "bright_blue",
    "bar-range": "bright_blue",
    "warn": "magenta",
    "warn-range": "magenta",
    "bad": "bright_red",
    "bad-range": "bright_red",
    **{f"negative-{step}": "bright_blue" for step in range(1, 5)},
    **{f"positive-{step}": "bright_red" for step in range(1, 5)},
    **{f"{kind}-{index}": "bright_blue" for kind in ("class", "wrong") for index in (0, 4, 8)},
    **{f"{kind}-{index}": "magenta" for kind in ("class", "wrong") for index in (1, 5, 9)},
    **{f"{kind}-{index}": "bright_red" for kind in ("class", "wrong") for index in (2, 6)},
}
"""By role; a role that is not here has the terminal's own ink."""

WEIGHTS = {
    **dict.fromkeys(("value", "selected", "title", "good", "warn", "bad", "change", "ink"), Style(bold=True)),
    **dict.fromkeys(("axis", "border", "epoch", "muted", "previous", "ink-dim"), Style(dim=True)),
    **dict.fromkeys(("train-range", "validation-range", "bar-range", "warn-range", "bad-range"), Style(dim=True)),
    **{f"wrong-{index}": Style(bold=True) for index in range(10)},
}
"""What stands beside or in place of a colour."""

SIXTEEN = Theme(
    name="tui-nn-sixteen",
    ansi=True,
    primary="ansi_bright_blue",
    secondary="ansi_bright_blue",
    accent="ansi_magenta",
    success="ansi_default",
    warning="ansi_magenta",
    error="ansi_bright_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        # Chosen rows are reversed, which needs no colour; the keys of the footer have their weight.
        "block-cursor-background": "ansi_default",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-text-style": "bold reverse",
        "border": "ansi_default",
        "footer-key-foreground": "ansi_default",
        "scrollbar": "ansi_default",
        "scrollbar-hover": "ansi_default",
        "scrollbar-active": "ansi_default",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "input-selection-background": "ansi_default",
        **{f"role-{role}": colour for role, colour in COLOURS.items()},
    },
)
