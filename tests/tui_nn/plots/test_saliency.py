import numpy as np
import pytest

from tui_nn.plots import plain_text, saliency_picture


def test_signs_say_for_and_against_and_a_point_is_ink():
    pixels = np.array([[1.0, 1.0, 0.0, 0.0, 0.0, 1.0]] * 2)
    shares = np.array([[0.0, 0.9, 0.3, -0.3, -0.9, np.nan], [0.0, 0.1, 0.0, 0.0, 0.2, 0.0]])
    assert plain_text(saliency_picture(pixels, shares, shaded=False)) == ".#+-=?"


def test_shades_grow_with_the_share_and_the_picture_is_seen_where_it_is_faint():
    pixels = np.array([[1.0, 0.0, 0.5, 0.5, 0.5, 0.5]] * 2)
    shares = np.array([[0.1, 0.0, 1.0, 0.2, -0.2, np.nan]] * 2)
    (row,) = saliency_picture(pixels, shares)
    roles = [span.role.split(" on ")[0] for span in row for _ in span.text]
    assert roles == ["ink-4", "ink-0", "positive-4", "positive-1", "negative-1", "unknown"]


@pytest.mark.parametrize("shaded", [False, True])
def test_a_column_a_pixel_and_a_row_two_also_of_an_odd_height(shaded: bool):
    rows = saliency_picture(np.zeros((5, 7)), np.zeros((5, 7)), shaded=shaded)
    assert [sum(len(span.text) for span in row) for row in rows] == [7, 7, 7]
