import numpy as np

from benchmarks.loops import CHANNELS, INPUT_SHAPE, KERNEL, by_loops, by_numpy, by_ours, convolve, correlate, difference


def test_a_convolution_by_hand():
    picture = [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]
    window = [[1.0, 0.0], [0.0, 10.0]]
    assert convolve([picture], [[window]]) == [[[[51.0, 62.0], [84.0, 95.0]]]]
    slopes = [[1.0, 0.0], [0.0, 1.0]]
    assert correlate([picture], [[slopes]]) == [[[[6.0, 8.0], [12.0, 14.0]]]]


def test_three_ways_find_the_same():
    random = np.random.default_rng(0)
    x = random.standard_normal((2, *INPUT_SHAPE), np.float32)
    weight = random.standard_normal((CHANNELS, INPUT_SHAPE[0], KERNEL, KERNEL), np.float32)
    dy = random.standard_normal((2, CHANNELS, 10, 10), np.float32)
    loops, *others = (make(x, weight, dy) for make in (by_loops, by_numpy, by_ours))
    for way in others:
        assert difference(way.forward(), loops.forward()) < 1e-5
        assert difference(way.weight_gradient(), loops.weight_gradient()) < 1e-5


def test_a_difference_is_a_share_of_the_largest_number():
    assert difference([1.0, -9.0], [1.5, -10.0]) == 0.1
