import re

import pytest

from benchmarks import view as v
from benchmarks.drawing import PAGE, STROKES, figures, missed, report
from benchmarks.strokes import Canvas, find_canvas

SCREEN = (
    " ● training   epoch 3.5/10   step 1,300   61,648 samples/s",
    " mnist-5k   99 parameters",
    "╭─ Draw a digit ───────╮╭─ Read as 7 ──╮",
    *["│                      ││              │"] * 9,
    "╰── pen size 3/5 ──────╯╰──────────────╯",
)


def test_the_canvas_is_found_where_it_lies():
    assert find_canvas(SCREEN) == Canvas(4, 3, 8)
    wide = tuple(line.replace("digit ─", "number ") for line in SCREEN)
    assert find_canvas(wide) == Canvas(1 + (22 - 21) // 2, 3 + (8 - 3) // 2, 3)
    with pytest.raises(ValueError, match="no canvas"):
        find_canvas(SCREEN[:2])


def test_a_stroke_is_what_a_terminal_sends():
    reports = Canvas(4, 3, 10).stroke([(0.0, 0.0), (0.0, 0.15), (0.5, 0.15)])
    codes = [re.fullmatch(rb"\x1b\[<(\d+);(\d+);(\d+)([Mm])", one) for one in reports]
    assert all(codes)
    kinds = [(int(code[1]), code[4]) for code in codes if code]
    assert kinds == [(0, b"M"), *[(32, b"M")] * (len(kinds) - 2), (0, b"m")]
    places = [(int(code[2]), int(code[3])) for code in codes if code]
    assert (places[0], places[-2], places[-1]) == ((5, 4), (15, 5), (15, 5))
    assert len(Canvas(4, 3, 10).stroke([(0, 0), (0.9, 0.9)], button=2, smooth=False)) == 3


def test_what_is_read_stands_in_a_frame():
    assert v.read(SCREEN) == "7"
    assert v.read(tuple(line.replace("as 7 ", "as ──") for line in SCREEN)) == ""
    assert PAGE.shown(SCREEN)
    assert not PAGE.shown(SCREEN[:2])


def test_strokes_stay_on_the_canvas():
    assert all(0 < place < 1 for points in STROKES for point in points for place in point)


def test_late_bars_lost_strokes_and_too_little_speed_are_told():
    good = figures([100.0, 200.0], [98.0, 194.0], [20.0] * 99 + [400.0])
    assert good["kept"]["median"] == pytest.approx(0.975)
    assert not missed(good)
    late, slow, lost = (
        figures([100.0], [98.0], [20.0] * 9 + [101.0]),
        figures([100.0], [94.0], [20.0]),
        figures([100.0], [98.0], [20.0] * 99 + [3000.0]),
    )
    assert missed(late)
    assert missed(slow)
    assert missed(lost)
    text = report({"mlp": good, "lenet": lost})
    assert "mlp: 95 % of strokes move the bars within 20 ms, at most 100; 97.5% of the speed kept" in text
    assert "1 strokes UNANSWERED: MISSED" in text
