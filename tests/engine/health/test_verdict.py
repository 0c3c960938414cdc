import math

import pytest

from engine.health.verdict import judge

LAYERS = [("1 Linear(4)", 100), ("3 Linear(4)", 100), ("5 Linear(2)", 50)]


def test_healthy_norms_deserve_no_verdict():
    assert judge([[1.0, 0.8, 1.2]] * 20, LAYERS, 20) == []


def test_before_the_first_step_there_is_none():
    assert judge([], LAYERS, 0) == []


def test_a_gradient_that_fades_is_named_with_its_ratio_to_the_last_layer():
    (verdict,) = judge([[0.01, 0.5, 1.0]] * 20, LAYERS, 20)
    assert (verdict.rule, verdict.level, verdict.layer, verdict.step) == ("vanishing", "amber", "1 Linear(4)", 20)
    assert verdict.value == pytest.approx(0.01)
    assert verdict.value < verdict.threshold


def test_a_gradient_of_nothing_is_red_and_measured_as_root_mean_square():
    verdict = judge([[1e-8, 0.5, 1.0]] * 20, LAYERS, 20)[0]
    assert (verdict.level, verdict.value) == ("red", pytest.approx(1e-9))


def test_a_jump_over_ten_times_the_median_explodes():
    (verdict,) = judge([[1.0, 1.0, 1.0]] * 20 + [[1.0, 30.0, 1.0]] * 10, LAYERS, 30)
    assert (verdict.rule, verdict.level, verdict.layer) == ("exploding", "amber", "3 Linear(4)")
    assert verdict.value == pytest.approx(30)


def test_one_wild_step_is_no_explosion():
    assert judge([[1.0, 1.0, 1.0]] * 20 + [[1.0, 30.0, 1.0]], LAYERS, 21) == []


def test_what_is_not_finite_is_red_in_every_layer():
    for norms in ([[1.0, 1.0, 1.0]] * 20 + [[math.nan] * 3], [[math.nan] * 3]):
        verdicts = judge(norms, LAYERS, 20)
        assert [(verdict.rule, verdict.level) for verdict in verdicts] == [("exploding", "red")] * 3
