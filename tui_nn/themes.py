"""Colours by meaning. Plots and panels name roles; only this file names colours."""

from textual.theme import Theme

BACKGROUND, INK = "#16181f", "#e6e9f0"

CLASSES = (
    "#5b9dff", "#ffa53d", "#7fd34e", "#f472b6", "#3ed6cf", "#f0e155", "#a98bff", "#ff6b5e", "#c79a6b", "#a9b4c4",
)  # fmt: skip
"""A hue for each class."""

SHADES = (0.06, 0.13, 0.20, 0.27, 0.34, 0.42)
"""How much of its hue a class's surface has, from a network that is not sure to one that is."""

CLASSES_256 = (
    (17, 17, 17, 18, 24, 25), (234, 58, 58, 94, 94, 94), (234, 22, 22, 22, 28, 28), (234, 53, 53, 89, 89, 126),
    (234, 23, 23, 23, 30, 30), (234, 58, 58, 58, 100, 100), (234, 54, 54, 55, 55, 61), (234, 52, 52, 52, 88, 88),
    (234, 95, 95, 95, 131, 131), (234, 237, 237, 239, 239, 241),
)  # fmt: skip
"""The same shades on a terminal of 256 colours, which has few dark ones: the nearest of them is often grey."""

NEGATIVE, POSITIVE = "#3aa6c9", "#d9655a"
"""Ends of the scale of what a unit gives; in between it is dark, as at zero."""

NEGATIVE_256, POSITIVE_256 = (23, 24, 31, 38), (52, 95, 131, 167)


def mixed(colour: str, share: float, ground: str = BACKGROUND) -> str:
    """So much of the colour on the ground, both "#rrggbb"."""
    pairs = [(int(colour[place : place + 2], 16), int(ground[place : place + 2], 16)) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(own * share + under * (1 - share)):02x}" for own, under in pairs)


def of_256(number: int) -> str:
    """The colour that terminals have under a number: from 16 on a cube of six values each, from 232 on greys."""
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    values = (0, 95, 135, 175, 215, 255)
    return "#" + "".join(f"{values[(number - 16) // place % 6]:02x}" for place in (36, 6, 1))


def plane_colours() -> dict[str, str]:
    """Variables of all that is drawn over a plane."""
    variables = {
        "role-unknown": "#4b2030",
        "role-ground": BACKGROUND,
        "role-zero": "#20232c",
        "role-zero-256": of_256(235),
    }
    for index, (colour, numbers) in enumerate(zip(CLASSES, CLASSES_256, strict=True)):
        variables[f"role-class-{index}"] = mixed(colour, 0.8, INK)
        variables[f"role-wrong-{index}"] = mixed(colour, 0.6, INK)
        for level, (share, number) in enumerate(zip(SHADES, numbers, strict=True)):
            variables[f"role-class-{index}-{level}"] = mixed(colour, share)
            variables[f"role-class-{index}-{level}-256"] = of_256(number)
    sides = ("negative", NEGATIVE, NEGATIVE_256), ("positive", POSITIVE, POSITIVE_256)
    for side, colour, steps in sides:
        for step, number in enumerate(steps, 1):
            variables[f"role-{side}-{step}"] = mixed(colour, step / len(steps))
            variables[f"role-{side}-{step}-256"] = of_256(number)
    return variables


DARK = Theme(
    name="tui-nn-dark",
    dark=True,
    primary="#7aa2f7",
    secondary="#565f89",
    accent="#e0af68",
    foreground="#c8cddc",
    background="#16181f",
    surface="#16181f",
    panel="#1f222c",
    success="#9ece6a",
    warning="#e0af68",
    error="#f7768e",
    variables={
        "role-border": "#343948",
        "role-title": "#c8cddc",
        "role-train": "#7aa2f7",
        "role-train-range": "#35436b",
        "role-validation": "#e0af68",
        "role-validation-range": "#5f4d31",
        "role-previous": "#6f7890",
        "role-cursor": "#b8bfd0",
        "role-axis": "#4b5263",
        "role-muted": "#7d8597",
        "role-epoch": "#4b5263",
        "role-change": "#bb9af7",
        "role-bar": "#73a0c8",
        "role-bar-range": "#3a5064",
        "role-warn-range": "#5f4d31",
        "role-bad-range": "#6b3544",
        "role-good": "#9ece6a",
        "role-warn": "#e0af68",
        "role-bad": "#f7768e",
        "role-ink": "#e6e9f0",
        "role-ink-dim": "#7d8597",
        "role-value": "#e6e9f0",
        "role-selected": "#e0af68",
        "border": "#343948",
        "footer-key-foreground": "#e0af68",
        "footer-background": "#16181f",
        "footer-description-foreground": "#7d8597",
        **plane_colours(),
    },
)
