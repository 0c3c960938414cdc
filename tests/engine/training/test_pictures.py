import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.errors import UserError
from engine.model import Sequential
from engine.training.commands import PicturesWish
from engine.training.events import Pictures
from engine.training.pictures import MOST_POINTS, pictures, reduced, unit_grids, weight_grids

LARGE = PicturesWish(30, 30, count=70)


def values_of(event: Pictures) -> np.ndarray:
    shares = np.frombuffer(event.values, np.int8).reshape(event.shown, event.rows, event.columns)
    return np.where(shares == -128, np.nan, shares / 127 * event.bound)


def test_weights_of_the_first_dense_layer_are_pictures_of_its_input():
    model = Sequential("Flatten, Linear(6), ReLU, Linear(3)", (2, 5, 7), seed=1)
    weight = model.parameters["1.weight"].value
    kind, grids = weight_grids(model, model.learning_layers[0])
    assert kind == "pixels"
    event = pictures(grids, LARGE)
    assert event is not None
    assert (event.count, event.shown, event.rows, event.columns) == (12, 12, 5, 7)
    assert event.bound == pytest.approx(np.abs(weight).max())
    # A unit's two channels stand beside each other.
    expected = weight.reshape(6, 2, 5, 7).reshape(12, 5, 7)
    np.testing.assert_allclose(values_of(event), expected, atol=event.bound / 127)
    kind, grids = weight_grids(model, model.learning_layers[1])
    assert (kind, grids.shape) == ("matrix", (1, 3, 6))
    np.testing.assert_array_equal(grids[0], model.parameters["3.weight"].value)


def test_filters_are_pictures_channel_by_channel():
    model = Sequential("Conv2d(4, 3), ReLU, Conv2d(5, (2, 3)), BatchNorm2d, Flatten, Linear(3)", (2, 9, 9), seed=1)
    first, second, norm, last = model.learning_layers
    for leaf, shape in ((first, (8, 3, 3)), (second, (20, 2, 3))):
        kind, grids = weight_grids(model, leaf)
        assert (kind, grids.shape) == ("filters", shape)
        np.testing.assert_array_equal(grids.reshape(leaf.layer.parameters[0].shape), leaf.layer.parameters[0].value)
    assert weight_grids(model, norm)[0] == ""
    assert pictures(weight_grids(model, norm)[1], LARGE) is None
    # What has been through a convolution is no picture of the input any more.
    assert weight_grids(model, last)[0] == "matrix"


@given(st.integers(0, 90), st.integers(1, 20), st.integers(1, 12))
def test_a_page_begins_where_it_was_asked_for_and_scales_with_all(first: int, count: int, units: int):
    grids = np.random.default_rng(units).normal(size=(units, 2, 3))
    event = pictures(grids, PicturesWish(3, 2, first, count))
    assert event is not None
    assert event.first == first % units
    assert event.bound == pytest.approx(np.abs(grids).max())
    assert event.shown == min(count, units - event.first)
    expected = grids[event.first : event.first + count]
    np.testing.assert_allclose(values_of(event), expected, atol=np.abs(grids).max() / 127)


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 20), st.integers(1, 20)).flatmap(
        lambda shape: npst.arrays(np.float32, shape, elements=st.floats(-9, 9, width=32))
    ),
    st.integers(1, 25),
    st.integers(1, 25),
)
def test_no_spike_is_lost_when_a_picture_shrinks(grids: np.ndarray, rows: int, columns: int):
    small = reduced(grids, rows, columns)
    assert small.shape[1:] == (min(rows, grids.shape[1]), min(columns, grids.shape[2]))
    np.testing.assert_array_equal(np.abs(small).max(axis=(1, 2)), np.abs(grids).max(axis=(1, 2)))
    assert np.isin(small, grids).all()


def test_what_is_not_finite_is_told_as_such():
    grids = np.zeros((1, 8, 8))
    grids[0, 3, 3], grids[0, 7, 7], grids[0, 0, 0] = np.nan, np.inf, 2.0
    event = pictures(grids, PicturesWish(4, 4))
    assert event is not None
    found = values_of(event)[0]
    assert event.bound == 2.0
    assert np.isnan([found[1, 1], found[3, 3]]).all()
    assert found[0, 0] == 2.0
    nothing = pictures(np.full((1, 2, 2), np.nan), PicturesWish(4, 4))
    assert nothing is not None
    assert nothing.bound == 0
    assert np.isnan(values_of(nothing)).all()


@given(st.integers(1, 200))
def test_units_stand_in_reading_order(count: int):
    y = np.arange(1, count + 1, dtype=np.float32)
    (grid,) = unit_grids(y)
    assert grid.ravel()[:count].tolist() == y.tolist()
    assert not grid.ravel()[count:].any()
    assert grid.size - count < grid.shape[1]
    maps = np.zeros((3, 4, 5))
    assert unit_grids(maps) is maps


@pytest.mark.parametrize(
    "wish", [(0, 5, 0, 1), (5, -1, 0, 1), (5, 5, 0, 0), (300, 300, 0, 1), (10, 10, 0, MOST_POINTS)]
)
def test_pictures_of_no_size_are_refused(wish: tuple[int, int, int, int]):
    with pytest.raises(UserError, match="points in all"):
        pictures(np.zeros((1, 2, 2)), PicturesWish(*wish))
