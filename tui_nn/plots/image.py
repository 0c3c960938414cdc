"""A small grey image, such as a digit, in characters."""

from __future__ import annotations

from math import ceil

import numpy as np

from tui_nn.plots.canvas import Canvas
from tui_nn.plots.grid import on_paper, stretched, two_coloured
from tui_nn.plots.spans import FloatArray, Glyphs, Row

HALVES = " ▀▄█"
RAMP = " .:-=+*#%@"
INK = 0.5
LEVELS = 8
"""Shades of grey, where each pixel has its own."""
GREY = 0.25
"""Where the pen's faded edge begins: lower, and a digit's narrow gaps close."""


def image(
    pixels: FloatArray,
    width: int | None = None,
    height: int | None = None,
    *,
    glyphs: Glyphs = "block",
    role: str = "ink",
    greys: bool = False,
) -> list[Row]:
    """A column a pixel, a row two pixels, which makes them square; pixels: (height, width) in 0..1. NaN is paper.

    Pixels from 0.5 on are half-blocks in `role`, greys from 0.25 on in "<role>-dim" where the cell has no
    ink: two characters that a copied text shows as well. With `greys` each pixel has its own of LEVELS shades, from
    "<role>-0", the paper, on. ASCII shades each cell by the mean of its two pixels. A size in cells stretches it.
    """
    grey = np.asarray(pixels, dtype=np.float64)
    if grey.ndim != 2:
        grey = np.atleast_2d(grey.squeeze())
    grey = np.where(grey > 0, np.minimum(grey, 1.0), 0.0)
    if width is not None or height is not None:
        rows = grey.shape[0] if height is None else 2 * max(height, 0)
        grey = stretched(grey, rows, grey.shape[1] if width is None else max(width, 0))
    grey = np.pad(grey, ((0, grey.shape[0] % 2), (0, 0)))
    if greys and glyphs != "ascii":
        shades = np.rint(grey * (LEVELS - 1)).astype(np.int64)
        return two_coloured(*on_paper(shades), [f"{role}-{level}" for level in range(LEVELS)], blanks_alike=False)
    top, bottom = grey[::2], grey[1::2]
    canvas = Canvas(top.shape[1], top.shape[0])
    if glyphs == "ascii":
        shade = np.rint((top + bottom) / 2 * (len(RAMP) - 1)).astype(np.int64)
        canvas.paint(0, 0, np.array([ord(c) for c in RAMP], dtype=np.uint32)[shade], role)
        return canvas.rows()
    halves = np.array([ord(c) for c in HALVES], dtype=np.uint32)
    for threshold, name in ((GREY, f"{role}-dim"), (INK, role)):
        canvas.paint(0, 0, halves[(top >= threshold) + 2 * (bottom >= threshold)], name)
    return canvas.rows()


def shrunk(pixels: FloatArray, columns: int, rows: int) -> FloatArray:
    """The picture in no more columns and rows: the mean of square blocks of its pixels, those at its end left out."""
    height, width = pixels.shape
    block = max(ceil(width / columns), ceil(height / rows))
    if block < 2 or min(height, width) < block:
        return pixels
    cut = pixels[: height // block * block, : width // block * block]
    means: FloatArray = cut.reshape(height // block, block, width // block, block).mean(axis=(1, 3))
    return means
