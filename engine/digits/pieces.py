"""Pieces of a line of digits: what lies between two cuts, brought to MNIST's form and measured."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.digits.form import EDGE, boxed, centred, stroke_width
from engine.digits.parts import bounds, label_parts
from engine.digits.preparation import around
from engine.digits.seams import Seam, find_seams

MOST_PIECES = 1000
"""That are looked at: a number of forty digits has half as many, noise has no end of them."""

SCRAP = 0.05
"""Parts of a piece with a smaller share of the largest one's pixels are what a cut left of a neighbour."""

WIDEST = 1.25
"""Width of a digit, in heights of the line, if there is a cut in it: one digit of strips in a thousand has over 1.1."""

THICKEST = 5.0
"""Ink that a cut may cross, in widths of a stroke."""

APART = 2.0
"""Distance between two cuts, in columns of a line of 48 rows."""

FREE = 0.1
"""Ink, in widths of a stroke, below which a cut crosses none."""


class Measures(NamedTuple):
    """What may tell whether a piece is one whole digit. Sizes are in heights of the line, ink in widths of a stroke."""

    height: float
    width: float
    middle: float
    """Distance between its middle and the line's, up or down."""
    ink: float
    """Crossed by the cuts to both sides, on the average."""
    gaps: float
    """Cuts in it that cross no ink."""
    thin: float
    """Cuts in it that cross less than one stroke, each for what is missing."""
    second: float
    """Its second largest part, as a share of the largest."""
    area: float
    """All its ink, in strokes of the line's height."""


class Piece(NamedTuple):
    """What lies between two cuts, `first` and `last`; `place` is rows and columns in the line."""

    first: int
    last: int
    measures: Measures
    place: tuple[slice, slice]
    amount: NDArray[np.float32]
    picture: NDArray[np.float32]


def find_pieces(line: Array) -> list[Piece]:
    """All that may be a digit: what lies between two cuts, if it is neither empty nor far too wide."""
    height, width = line.shape
    stroke = max(1.0, stroke_width(line > EDGE))
    seams = _fewer(find_seams(line, most_ink=THICKEST * stroke, apart=APART), WIDEST * height)
    edges, inks = [np.zeros(height, np.int64)], [0.0]
    for seam in seams:
        if _between(line, edges[-1], seam.columns)[0].any():
            edges.append(seam.columns)
            inks.append(seam.ink / stroke)
    edges.append(np.full(height, width))
    inks.append(0.0)
    if len(edges) > 2 and not _between(line, edges[-2], edges[-1])[0].any():
        del edges[-2], inks[-2]
    pieces = []
    for first in range(len(edges) - 1):
        for last in range(first + 1, len(edges)):
            ink, left = _between(line, edges[first], edges[last])
            if not ink.any():
                continue
            labels = label_parts(ink)
            areas = np.bincount(labels.ravel())[1:]
            # What a cut left of a neighbour would make the piece look smaller in its box.
            kept = (np.append(False, areas >= SCRAP * areas.max()))[labels]
            rows, columns = bounds(kept)
            place = (rows, slice(left + columns.start, left + columns.stop))
            if columns.stop - columns.start > WIDEST * height and last > first + 1:
                break
            amount = (line[:, left : left + ink.shape[1]] * around(kept, ink))[rows, columns]
            amount *= _inside(edges[first], edges[last], place)
            areas.sort()
            inside = np.array(inks[first + 1 : last])
            measures = Measures(
                height=(rows.stop - rows.start) / height,
                width=(columns.stop - columns.start) / height,
                middle=abs(rows.start + rows.stop - height) / 2 / height,
                ink=(inks[first] + inks[last]) / 2,
                gaps=int((inside < FREE).sum()),
                thin=float((1 - inside).clip(0).sum()),
                second=float(areas[-2] / areas[-1]) if len(areas) > 1 else 0.0,
                area=float(amount.sum()) / stroke / height,
            )
            pieces.append(Piece(first, last, measures, place, amount, centred(boxed(amount))))
    return pieces


def _fewer(seams: list[Seam], widest: float) -> list[Seam]:
    """The seams without those through the most ink, where there would be too many pieces between two of them."""
    columns = np.array([seam.columns.mean() for seam in seams])
    by_ink = np.argsort([seam.ink for seam in seams], kind="stable")
    fewest, most = 0, len(seams)
    while fewest < most:
        kept = (fewest + most + 1) // 2
        places = np.sort(columns[by_ink[:kept]])
        pieces = int((np.searchsorted(places, places + widest) - np.arange(kept)).sum())
        fewest, most = (kept, most) if pieces <= MOST_PIECES else (fewest, kept - 1)
    return [seams[number] for number in np.sort(by_ink[:fewest])]


def _inside(left: Array, right: Array, place: tuple[slice, slice]) -> NDArray[np.bool_]:
    """Which pixels of a place lie between two ways through the line."""
    rows, columns = place
    across = np.arange(columns.start, columns.stop)
    between: NDArray[np.bool_] = (across >= left[rows, np.newaxis]) & (across < right[rows, np.newaxis])
    return between


def _between(line: Array, left: Array, right: Array) -> tuple[NDArray[np.bool_], int]:
    """Where ink is between two ways through the line: from the first column of either on, which is given, too."""
    start, stop = int(left.min()), max(int(right.max()), int(left.min()) + 1)
    place = (slice(0, len(line)), slice(start, stop))
    return (line[place] > EDGE) & _inside(left, right, place), start
