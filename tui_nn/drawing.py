"""What somebody draws: strokes of a soft round brush or an eraser, and the ink that they leave at any size.

Lengths are in heights of the canvas, so a drawing does not depend on the terminal: it is drawn anew for another size.
"""

from dataclasses import dataclass, field
from math import ceil, floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.digits.resize import resized

Ink = NDArray[np.uint8]
"""Rows of pixels, 0 paper to 255 ink."""

SOFT = 1 / 28
"""Width of a stroke's edge, in which ink goes from all to none: a pixel of MNIST's."""

SIZES = 3
"""Sizes in which the ink is kept at hand."""


@dataclass(eq=False)
class Stroke:
    """What a brush of that radius leaves along a path, or an eraser takes away."""

    radius: float
    erases: bool
    points: list[tuple[float, float]] = field(default_factory=list)


class Picture(NamedTuple):
    """Ink that was not drawn, (rows, columns) in 0..1, with its left upper corner and its height."""

    amount: NDArray[np.float32]
    left: float
    top: float
    height: float


class Cleared(NamedTuple):
    """All ink was taken away."""


class Drawing:
    """All that was done, in its order; the ink is a function of that and of the size."""

    def __init__(self) -> None:
        self.version = 0
        """Another one for every other drawing."""
        self._acts: list[Stroke | Picture | Cleared] = []
        self._down = False
        self._rasters: dict[tuple[int, int], _Raster] = {}

    @property
    def blank(self) -> bool:
        """Whether nothing was drawn since all was taken away."""
        return not self._acts or isinstance(self._acts[-1], Cleared)

    @property
    def pictured(self) -> bool:
        """Whether it is a picture that nothing was drawn over."""
        return bool(self._acts) and isinstance(self._acts[-1], Picture)

    @property
    def down(self) -> bool:
        """Whether a stroke goes on."""
        return self._down

    def press(self, x: float, y: float, radius: float, *, erases: bool = False) -> None:
        """Begin a stroke: a dot, if it is not moved."""
        self._add(Stroke(radius, erases, [(x, y)]))
        self._down = True

    def move(self, x: float, y: float) -> None:
        """Go on in a straight line, however far it is. Nothing, where no stroke has begun."""
        stroke = self._acts[-1] if self._down else None
        if isinstance(stroke, Stroke) and stroke.points[-1] != (x, y):
            stroke.points.append((x, y))
            self.version += 1

    def lift(self) -> None:
        """The stroke is done."""
        self._down = False

    def place(self, picture: Picture) -> None:
        """Have a picture in place of all."""
        self._add(picture)

    def clear(self) -> None:
        """Take all ink away."""
        if not self.blank:
            self._add(Cleared())

    def undo(self) -> bool:
        """Have it as it was before the last stroke, picture or clearing; False where there was none."""
        if not self._acts:
            return False
        self._acts.pop()
        self._down, self._rasters = False, {}
        self.version += 1
        return True

    def ink(self, height: int, width: int) -> Ink:
        """In so many pixels, of which `height` are the canvas's height; not to be written to."""
        raster = self._rasters.pop((height, width), None) or _Raster(height, width)
        self._rasters[height, width] = raster
        while len(self._rasters) > SIZES:
            self._rasters.pop(next(iter(self._rasters)))
        raster.catch_up(self._acts)
        return raster.ink

    def _add(self, act: Stroke | Picture | Cleared) -> None:
        self._down = False
        self._acts.append(act)
        self.version += 1


class _Raster:
    """The ink in one size, and how far it has followed: strokes grow while they are drawn."""

    def __init__(self, height: int, width: int) -> None:
        self.ink: Ink = np.zeros((height, width), np.uint8)
        self._act = self._point = 0

    def catch_up(self, acts: list[Stroke | Picture | Cleared]) -> None:
        self._skip(acts)
        while self._act < len(acts):
            act = acts[self._act]
            match act:
                case Cleared():
                    self.ink[:] = 0
                case Picture():
                    self._put(act)
                case Stroke(points=points):
                    for place in range(self._point, len(points)):
                        self._draw(act, points[max(place - 1, 0)], points[place])
                    self._point = len(points)
            if self._act == len(acts) - 1:
                self._act += not isinstance(act, Stroke)
                return
            self._act, self._point = self._act + 1, 0

    def _skip(self, acts: list[Stroke | Picture | Cleared]) -> None:
        """What lies before the last act that leaves nothing of it need not be drawn."""
        last = max((n for n, act in enumerate(acts) if not isinstance(act, Stroke)), default=0)
        if last > self._act:
            self._act, self._point = last, 0

    def _draw(self, stroke: Stroke, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Ink by the distance of each pixel's middle from the line between two points: all within the radius."""
        height, width = self.ink.shape
        (x0, y0), (x1, y1) = start, end
        reach = stroke.radius + SOFT / 2
        left, right = floor((min(x0, x1) - reach) * height), ceil((max(x0, x1) + reach) * height)
        top, bottom = floor((min(y0, y1) - reach) * height), ceil((max(y0, y1) + reach) * height)
        left, right, top, bottom = max(left, 0), min(right, width), max(top, 0), min(bottom, height)
        if left >= right or top >= bottom:
            return
        x = (np.arange(left, right) + 0.5) / height - x0
        y = (np.arange(top, bottom) + 0.5)[:, np.newaxis] / height - y0
        across, down = x1 - x0, y1 - y0
        length = across * across + down * down
        along = ((x * across + y * down) / length).clip(0, 1) if length else np.zeros(())
        distance = np.hypot(x - along * across, y - along * down)
        amount = ((stroke.radius - distance) / SOFT + 0.5).clip(0, 1)
        level = np.rint(amount * 255).astype(np.uint8)
        part = self.ink[top:bottom, left:right]
        if stroke.erases:
            np.minimum(part, 255 - level, out=part)
        else:
            np.maximum(part, level, out=part)

    def _put(self, picture: Picture) -> None:
        height, width = self.ink.shape
        self.ink[:] = 0
        scale = picture.height * height / len(picture.amount)
        rows, columns = (max(1, round(side * scale)) for side in picture.amount.shape)
        top, left = round(picture.top * height), round(picture.left * height)
        small = resized(picture.amount, rows, columns).clip(0, 1)
        there = small[max(-top, 0) : max(height - top, 0), max(-left, 0) : max(width - left, 0)]
        top, left = max(top, 0), max(left, 0)
        self.ink[top : top + there.shape[0], left : left + there.shape[1]] = np.rint(there * 255).astype(np.uint8)
