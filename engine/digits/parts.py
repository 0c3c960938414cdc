"""Connected parts of ink."""

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array


def label_parts(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Each pixel's part, from 1 on in the order in which rows reach them; 0: no ink. Pixels touch at corners, too.

    Runs of ink in a row are joined with those that they touch in the row above: smallest numbers spread along these
    joints, by halving paths (Shiloach and Vishkin 1982, Journal of Algorithms 3), so that no pixel is looked at alone.
    """
    height, width = mask.shape
    edges = np.diff(mask.astype(np.int8), axis=1, prepend=0, append=0)
    rows, starts = np.nonzero(edges > 0)
    stops = np.nonzero(edges < 0)[1]
    # Keys that grow through the whole picture, so that one search finds the neighbours in the row above.
    stride = width + 2
    above = (rows - 1) * stride
    first = np.searchsorted(rows * stride + stops, above + starts, "left")
    last = np.searchsorted(rows * stride + starts, above + stops, "right")
    counts = np.maximum(last - first, 0)
    lower = np.repeat(np.arange(len(rows)), counts)
    upper = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    root = np.arange(len(rows))
    while True:
        a, b = root[lower], root[upper]
        if (a == b).all():
            break
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while (root != root[root]).any():
            root = root[root]
    numbers = np.unique(root, return_inverse=True)[1] + 1
    labels = np.zeros((height, width), np.int64)
    labels[mask] = np.repeat(numbers, stops - starts)
    return labels


def without_specks(mask: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """The mask without parts of less than that share of the largest part's pixels: dust, noise, stray dots."""
    labels = label_parts(mask)
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    kept: NDArray[np.bool_] = (areas >= max(1.0, share * areas.max()))[labels] & mask
    return kept


def part_boxes(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """First row, row behind the last, first column, column behind the last of parts 1, 2, ...   → (4, parts)"""
    rows, columns = np.nonzero(labels)
    part, count = labels[rows, columns] - 1, int(labels.max(initial=0))
    boxes = np.zeros((4, count), np.int64)
    boxes[::2] = max(labels.shape)
    np.minimum.at(boxes[0], part, rows)
    np.maximum.at(boxes[1], part, rows + 1)
    np.minimum.at(boxes[2], part, columns)
    np.maximum.at(boxes[3], part, columns + 1)
    return boxes


def bounds(mask: Array) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around what is there. Raises ValueError for nothing."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        raise ValueError("nothing is there")
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
