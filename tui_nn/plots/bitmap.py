"""A small grey image, such as a digit, in characters."""

from __future__ import annotations

import numpy as np

from tui_nn.plots.canvas import Canvas
from tui_nn.plots.spans import FloatArray, Glyphs, Row

HALVES = " ▀▄█"
RAMP = " .:-=+*#%@"
INK = 0.5
GREY = 0.25
"""Where the pen's faded edge begins: lower, and a digit's narrow gaps close."""


def bitmap(image: FloatArray, *, glyphs: Glyphs = "block", role: str = "ink") -> list[Row]:
    """A column a pixel, a row two pixels, which makes them square; image: (height, width) in 0..1.

    Pixels from 0.5 on are half-blocks in `role`, greys from 0.25 on in "<role>-dim" where the cell has no
    ink. ASCII shades each cell by the mean of its two pixels. NaN is paper.
    """
    pixels = np.asarray(image, dtype=np.float64)
    if pixels.ndim != 2:
        pixels = np.atleast_2d(pixels.squeeze())
    pixels = np.where(pixels > 0, np.minimum(pixels, 1.0), 0.0)
    pixels = np.pad(pixels, ((0, pixels.shape[0] % 2), (0, 0)))
    top, bottom = pixels[::2], pixels[1::2]
    canvas = Canvas(top.shape[1], top.shape[0])
    if glyphs == "ascii":
        shade = np.rint((top + bottom) / 2 * (len(RAMP) - 1)).astype(np.int64)
        canvas.paint(0, 0, np.array([ord(c) for c in RAMP], dtype=np.uint32)[shade], role)
        return canvas.rows()
    halves = np.array([ord(c) for c in HALVES], dtype=np.uint32)
    for threshold, name in ((GREY, f"{role}-dim"), (INK, role)):
        canvas.paint(0, 0, halves[(top >= threshold) + 2 * (bottom >= threshold)], name)
    return canvas.rows()
