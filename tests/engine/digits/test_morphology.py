import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.digits.morphology import closed, dilated, eroded, opened

pictures = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=14), elements=st.floats(0, 1, width=32))
sizes = st.integers(0, 9).map(lambda reach: 2 * reach + 1)


@given(pictures, sizes)
def test_the_largest_of_a_square(picture: np.ndarray, size: int):
    reach = size // 2
    expected = [
        [
            picture[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1].max()
            for column in range(picture.shape[1])
        ]
        for row in range(picture.shape[0])
    ]
    assert (dilated(picture, size) == expected).all()
    assert (eroded(-picture, size) == -dilated(picture, size)).all()


@given(pictures, sizes)
def test_closing_only_lightens_opening_only_darkens_and_twice_is_once(picture: np.ndarray, size: int):
    light, dark = closed(picture, size), opened(picture, size)
    assert (light >= picture).all()
    assert (dark <= picture).all()
    assert (closed(light, size) == light).all()
    assert (opened(dark, size) == dark).all()


def test_a_slope_stays_and_a_line_on_it_goes():
    slope = np.linspace(0.5, 1.0, 40, dtype=np.float32)[np.newaxis].repeat(30, axis=0)
    written = slope.copy()
    written[5:25, 18:21] -= 0.4
    inside = slice(5, 35)
    assert np.abs(closed(written, 9) - slope)[:, inside].max() < 0.04
