"""Arithmetic of colours, all "#rrggbb"."""

import functools


def mixed(colour: str, share: float, ground: str) -> str:
    """So much of the colour on the ground."""
    pairs = zip(components(colour), components(ground), strict=True)
    return "#" + "".join(f"{round(own * share + under * (1 - share)):02x}" for own, under in pairs)


def components(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0..255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def of_256(number: int) -> str:
    """The colour that terminals have under a number: from 16 on a cube of six values each, from 232 on greys."""
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    values = (0, 95, 135, 175, 215, 255)
    return "#" + "".join(f"{values[(number - 16) // place % 6]:02x}" for place in (36, 6, 1))


@functools.cache
def nearest_of_256(colour: str) -> int:
    """The number of the nearest of 256 colours, by distance in Oklab.

    The first 16 are left out, for each terminal has its own. Hue counts more than lightness: what is nearest in plain
    red, green and blue is grey for most calm colours.
    """
    wanted = oklab(colour)
    return min(range(16, 256), key=lambda number: _distance(wanted, oklab(of_256(number))))


@functools.cache
def nearest_grey(colour: str) -> int:
    """The number of the grey, of 256 colours, that is as light."""
    lightness = oklab(colour)[0]
    greys = (16, *range(232, 256), 231)
    found: int = min(greys, key=lambda number: abs(oklab(of_256(number))[0] - lightness))
    return found


@functools.cache
def oklab(colour: str) -> tuple[float, float, float]:
    """Lightness 0..1, green to red, blue to yellow. Björn Ottosson, "A perceptual color space", 2020."""
    red, green, blue = (linear(part / 255) for part in components(colour))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def linear(value: float) -> float:
    """Light for a value of sRGB, both 0..1 (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _distance(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
    return (a[0] - b[0]) ** 2 + 3 * ((a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)
