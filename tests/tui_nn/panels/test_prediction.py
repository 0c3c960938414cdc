from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

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
    assert panel.title == "Test picture 7 of 1000"


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
    assert (roles["zero ✓"], roles["one ✗"], roles["two"]) == ("good", "bad", "bar")


def test_without_unicode_signs_say_what_colours_say(make_panel: Make, draw_text: Make, run: RunState):
    run.apply(predicted(0, 0.3, 0.6, 0.1))
    words = side(draw_text(make_panel(PredictionPanel, "ascii"), run, 60, 8))
    assert words[1] == ["read", "as", "one", "wrong"]
    assert [line[:2] for line in words[3:6]] == [["zero", "="], ["one", "x"], ["two", words[5][1]]]
    run.apply(predicted(1, 0.3, 0.6, 0.1))
    assert side(draw_text(make_panel(PredictionPanel, "ascii"), run, 60, 8))[1][-1] == "right"


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


def row(**changes: Any) -> e.DigitPredicted:
    about = {"label": 1, "answer": 1, "probabilities": (0.2, 0.7, 0.1), "features": (5.125, 3.5, -1e-7)}
    return e.DigitPredicted(**{"step": 5, "index": 2, "height": 0, "width": 0, "pixels": b"", **about, **changes})


FEATURES = ("length", "width of it", "x")


def test_a_row_of_a_table_shows_its_features(make_panel: Make, draw_text: Make, make_started: Make):
    run = RunState()
    run.apply(make_started(feature_names=FEATURES))
    run.apply(row())
    panel = make_panel(PredictionPanel)
    lines = draw_text(panel, run, 70, 8).splitlines()
    assert panel.title == "Test sample 3 of 1000"
    assert [line.split()[0] for line in lines[:3]] == ["length", "width", "x"]
    assert [line[:18].split()[-1] for line in lines[:3]] == ["5.125", "3.5", "-1e-07"]
    assert ["it is   one" in lines[0], "read as one" in lines[1]] == [True, True]
    assert "and 2 more" in draw_text(panel, run, 70, 2)
    narrow = draw_text(panel, run, 30, 8).splitlines()
    assert [line[:15].split()[-1] for line in narrow[:3]] == ["5.125", "3.5", "-1e-07"], "a name gives way to its value"


def test_a_number_is_shown_with_its_estimate(make_panel: Make, draw_text: Make, make_started: Make):
    run = RunState()
    run.apply(make_started(feature_names=FEATURES, class_names=(), target="price"))
    run.apply(row(label=-1, answer=-1, probabilities=(), truth=151.5, estimate=140.25))
    text = draw_text(make_panel(PredictionPanel), run, 70, 8)
    assert [words in text for words in ("it is   151.5", "read as 140.25", "off by  -11.2")] == [True] * 3


def test_of_many_classes_the_likely_ones_have_room(make_panel: Make, draw_text: Make, make_started: Make):
    names = tuple(f"class {number}" for number in range(100))
    run = RunState()
    run.apply(make_started(class_names=names))
    run.apply(row(label=3, answer=42, probabilities=tuple(0.9 if n == 42 else 0.1 / 99 for n in range(100))))
    lines = draw_text(make_panel(PredictionPanel), run, 60, 8).splitlines()
    assert len(lines) == 8
    assert lines[3].split()[:2] == ["class", "42"]


def test_a_large_picture_is_shrunk(make_panel: Make, draw_text: Make, make_started: Make):
    run = RunState()
    run.apply(make_started())
    half = bytes([255] * 200 + [0] * 200) * 300
    run.apply(row(height=300, width=400, pixels=half, features=()))
    lines = draw_text(make_panel(PredictionPanel, "ascii"), run, 80, 12).splitlines()
    left, right = lines[0][:18], lines[0][19:38]
    assert set(left) == {"@"}
    assert "@" not in right
    assert "it is" in lines[0]


def test_wide_characters_in_names_do_not_break_the_rows(make_panel: Make, make_started: Make):
    run = RunState()
    run.apply(make_started(class_names=("猫猫", "犬", "three")))
    run.apply(row())
    for line in make_panel(PredictionPanel).draw(run, 30, 8):
        assert all(cell_len(span.text) == len(span.text) for span in line)
