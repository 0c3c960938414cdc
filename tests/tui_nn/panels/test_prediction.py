from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.training import events as e
from tui_nn.panels.prediction import PredictionPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]

PIXELS = bytes([255] * 4 + [0] * 12)
"""A bright row above three dark ones."""


def predicted(label: int, *probabilities: float, index: int = 6) -> e.DigitPredicted:
    return e.DigitPredicted(5, index, label, int(np.argmax(probabilities)), 4, 4, PIXELS, probabilities)


def side(text: str) -> list[str]:
    """The words right of the picture, a list a row."""
    return [line[4:].split() for line in text.splitlines()]


def test_nothing_before_the_first_prediction(make_panel: Make, draw_text: Make, run: RunState):
    assert draw_text(make_panel(PredictionPanel), run) == ""


@pytest.mark.parametrize(("label", "sign", "role"), [(1, "✓", "good"), (2, "✗", "bad")], ids=["right", "wrong"])
def test_label_and_best_class_are_named(
    make_panel: Make, draw_text: Make, roles_of: Make, run: RunState, label: int, sign: str, role: str
):
    run.apply(predicted(label, 0.1, 0.7, 0.2))
    panel = make_panel(PredictionPanel)
    words = side(draw_text(panel, run, 40, 8))
    assert words[0] == ["it", "is", ("zero", "one", "two")[label]]
    assert words[1] == ["read", "as", "one", sign]
    assert roles_of(panel.draw(run, 40, 8), f"one {sign}") == {role}
    assert panel.title == "Test digit 7 of 1000"


def test_each_class_has_a_bar_as_long_as_its_probability(make_panel: Make, draw_text: Make, run: RunState):
    run.apply(predicted(1, 0.25, 0.75, 0.0))
    lines = draw_text(make_panel(PredictionPanel), run, 60, 8).splitlines()
    bars = {line[6:].split()[0]: (line[4:].count("█"), line.split()[-1]) for line in lines[3:6]}
    assert [number for _, number in bars.values()] == ["25.0", "75.0", "0.0"]
    assert bars["one"][0] == pytest.approx(3 * bars["zero"][0], abs=3)
    assert bars["two"][0] == 0


def test_the_label_is_green_a_wrong_answer_red_the_rest_plain(make_panel: Make, run: RunState):
    run.apply(predicted(0, 0.3, 0.6, 0.1))
    rows = make_panel(PredictionPanel).draw(run, 60, 8)
    roles = {row[i].text.strip(): row[i + 1].role for row in rows for i in range(len(row) - 1)}
    assert (roles["zero"], roles["one"], roles["two"]) == ("good", "bad", "bar")


def test_the_picture_stands_at_the_left(make_panel: Make, draw_text: Make, run: RunState):
    run.apply(predicted(1, 0.1, 0.7, 0.2))
    lines = draw_text(make_panel(PredictionPanel), run, 40, 8).splitlines()
    assert lines[0].startswith("▀▀▀▀ ")
    assert lines[1].startswith("     ")


def test_ascii(make_panel: Make, draw_text: Make, run: RunState):
    run.apply(predicted(2, 0.1, 0.7, 0.2))
    text = draw_text(make_panel(PredictionPanel, "ascii"), run, 40, 8)
    assert text.isascii()
    assert "read as one" in text
    assert "#" in text


def test_a_room_too_narrow_for_bars_still_names_both(make_panel: Make, draw_text: Make, run: RunState):
    run.apply(predicted(1, 0.1, 0.7, 0.2))
    words = side(draw_text(make_panel(PredictionPanel), run, 20, 6))
    assert words[1][:3] == ["read", "as", "one"]
