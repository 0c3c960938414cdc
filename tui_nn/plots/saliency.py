"""A grey picture with what in it speaks for something in warm colours, and what against it in cold ones."""

from __future__ import annotations

import numpy as np

from tui_nn.plots.grid import on_paper, two_coloured
from tui_nn.plots.heat_maps import STEPS
from tui_nn.plots.image import INK, LEVELS
from tui_nn.plots.raster import IntArray
from tui_nn.plots.spans import BLANK, FloatArray, Glyphs, Row, rows_from

FAINT = 0.15
"""Of the largest share, below which the picture itself is seen."""

GREYS = 5
"""Shades of the picture, of all LEVELS: the lighter ones would hide what lies on it."""

ROLES = [f"ink-{level}" for level in range(LEVELS)]
ROLES += [f"{side}-{step}" for side in ("negative", "positive") for step in range(1, STEPS + 1)]
ROLES += ["unknown"]
UNKNOWN = len(ROLES) - 1


def saliency_picture(
    pixels: FloatArray, shares: FloatArray, *, glyphs: Glyphs = "braille", shaded: bool = True
) -> list[Row]:
    """A column a pixel, a row two; pixels: (height, width) in 0..1, shares: the same shape in -1..1, NaN is unknown.

    Not shaded: signs, = and - against it, + and # for it, a point where the picture has ink.
    """
    height = pixels.shape[0] + pixels.shape[0] % 2
    pixels, shares = (np.pad(part, ((0, height - part.shape[0]), (0, 0))) for part in (pixels, shares))
    if shaded and glyphs != "ascii":
        return two_coloured(*on_paper(_shades(pixels, shares)), ROLES, blanks_alike=False)
    known = shares == shares
    size = np.where(known, shares, 0)
    # Of two pixels in a cell the one that speaks louder.
    top, bottom = size[::2], size[1::2]
    louder = np.where(np.abs(top) >= np.abs(bottom), top, bottom)
    inked = np.maximum(pixels[::2], pixels[1::2]) >= INK
    codes = np.where(inked, ord("."), BLANK)
    for sign, where in (
        ("-", louder < -FAINT), ("=", louder < -0.5), ("+", louder > FAINT), ("#", louder > 0.5),
        ("?", ~(known[::2] & known[1::2])),
    ):  # fmt: skip
        codes[where] = ord(sign)
    roles = np.where(louder > FAINT, 2, np.where(louder < -FAINT, 1, 0))
    return rows_from(codes.astype(np.uint32), roles, ["ink-dim", f"negative-{STEPS}", f"positive-{STEPS}"])


def _shades(pixels: FloatArray, shares: FloatArray) -> IntArray:
    """The place among ROLES of each pixel."""
    known = shares == shares
    size = np.abs(np.where(known, shares, 0))
    step = np.clip(np.ceil((size - FAINT) / (1 - FAINT) * STEPS), 0, STEPS).astype(np.int64)
    grey = np.rint(np.clip(pixels, 0, 1) * (GREYS - 1)).astype(np.int64)
    heat = LEVELS + step - 1 + np.where(np.where(known, shares, 0) > 0, STEPS, 0)
    return np.where(known, np.where(step > 0, heat, grey), UNKNOWN)
