import re
from itertools import islice

import pytest

from benchmarks import drawing
from benchmarks import view as v
from benchmarks.drawing import PAGE, REST_S, STROKES, Hand, endless_reports, figures, missed, report
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


class Listener:
    """A terminal that keeps what it is sent."""

    def __init__(self):
        self.view, self.sent = SCREEN, []

    def send(self, data):
        self.sent.append(data)


class Clock:
    """A second takes no time."""

    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds):
        assert seconds >= 0
        self.now += seconds


def test_a_hand_goes_on_where_it_was_when_the_program_stood_still(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(drawing, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(drawing, "sleep", clock.sleep)
    seconds = 7.0

    def drawn(turns):
        hand, terminal = Hand(), Listener()
        for _ in range(turns):
            before = clock.now
            hand(terminal, seconds / turns)
            assert clock.now - before == pytest.approx(seconds / turns)
            clock.now += 3.0
        return terminal.sent

    whole, reports = drawn(1), list(islice(endless_reports(find_canvas(SCREEN)), 1000))
    assert drawn(7) == drawn(3) == whole == [report for report, _ in reports[: len(whole)]]
    assert whole.count(b"x") == 2
    assert sum(pause for _, pause in reports[: len(whole)]) == pytest.approx(seconds, abs=REST_S)

    hand, first, second = Hand(), Listener(), Listener()
    hand(first, 0.5)
    hand(second, 0.5)
    assert first.sent == second.sent, "on another terminal it begins anew"


def test_late_bars_lost_strokes_and_too_little_speed_are_told():
    good = figures([[100.0], [200.0]], [[98.0], [194.0]], [20.0] * 99 + [400.0])
    assert good["kept"]["median"] == pytest.approx(0.975)
    assert not missed(good)
    late, slow, lost = (
        figures([[100.0]], [[98.0]], [20.0] * 9 + [101.0]),
        figures([[100.0]], [[94.0]], [20.0]),
        figures([[100.0]], [[98.0]], [20.0] * 99 + [3000.0]),
    )
    assert missed(late)
    assert missed(slow)
    assert missed(lost)
    text = report({"mlp": good, "lenet": lost})
    assert "mlp: 95 % of strokes move the bars within 20 ms, at most 100; 97.5% of the speed kept" in text
    assert "1 strokes UNANSWERED: MISSED" in text
