"""The thread between screen and terminal, on pipes: what comes out, when it waits, how it ends."""

import os
import select
import sys
import threading
from time import monotonic, sleep

import pytest

if sys.platform == "win32":
    pytest.skip("needs pipes that select takes", allow_module_level=True)

from tui_nn.link import sender
from tui_nn.link.pace import Pace
from tui_nn.link.screen import Screen
from tui_nn.link.sender import QUESTION, Sender

LIMIT_S = 30


class Line:
    """A sender, and the end of the line where a terminal would be."""

    def __init__(self, pace: Pace, encoding: str = "utf-8") -> None:
        self.end, self.start = os.pipe()
        self.failed = threading.Event()
        self.sent_by: list[int] = []
        """By frame, the thread."""
        self.sender = Sender(Screen(20, 4), pace, self._send, encoding, lambda error: self.failed.set())
        self.sender.start()

    @property
    def thread(self) -> int | None:
        """The sender's own."""
        return self.sender._thread.ident

    def _send(self, data: bytes) -> bool:
        self.sent_by.append(threading.get_ident())
        try:
            return os.write(self.start, data) == len(data)
        except OSError:
            self.failed.set()
            return False

    def until(self, text: str) -> str:
        """What comes out, up to that text."""
        seen = ""
        while text not in seen:
            assert select.select([self.end], [], [], LIMIT_S)[0], f"{text!r} never came: {seen!r}"
            seen += os.read(self.end, 4096).decode()
        return seen

    def answer_first(self) -> None:
        """The first frame, and what the terminal says to it."""
        self.sender.write("\x1b[H\x1b[0mfirst", urgent=True)
        self.until(QUESTION)
        self.has_sent()
        self.sender.answered()

    def has_sent(self) -> None:
        """Wait until the thread has counted as sent what has come out."""
        end = monotonic() + LIMIT_S
        while self.sender._sending:
            assert monotonic() < end
            sleep(0.001)

    def silent(self) -> bool:
        return not select.select([self.end], [], [], 0)[0]

    def close(self) -> None:
        self.sender.close()
        os.close(self.start)


def test_a_frame_waits_for_the_answer_and_takes_all_with_it_that_was_written_meanwhile():
    line = Line(Pace(1e9))
    line.sender.write("\x1b[H\x1b[0mone", urgent=True)
    assert line.until(QUESTION).count("one") == 1
    for text in ("two", "six", "ten"):
        line.sender.write(f"\x1b[H{text}", urgent=True)
    assert line.silent()
    line.sender.answered()
    seen = line.until(QUESTION)
    assert "ten" in seen
    assert "two" not in seen
    line.sender.answered()
    line.close()
    assert os.read(line.end, 100) == b""


def test_what_moves_by_itself_waits_for_the_budget_and_what_answers_a_key_does_not():
    line = Line(Pace(1e-3))
    line.sender.write("\x1b[H\x1b[0mfirst", urgent=False)
    line.until(QUESTION)
    line.sender.answered()
    line.sender.write("\x1b[2;1Hplot", urgent=False)
    assert line.silent()
    line.sender.write("\x1b[3;1Hkey", urgent=True)
    seen = line.until(QUESTION)
    assert "key" in seen
    assert "plot" not in seen
    line.sender.answered()
    line.close()
    assert "plot" in line.until("plot"), "at the end nothing is kept back"


def test_half_a_frame_is_not_sent():
    line = Line(Pace(1e9))
    line.sender.write("\x1b[?2026h\x1b[H\x1b[0mhalf", urgent=True)
    assert line.silent()
    line.sender.write(" whole\x1b[?2026l", urgent=True)
    assert "half whole" in line.until(QUESTION)
    line.sender.answered()
    line.close()


def test_a_terminal_that_is_gone_blocks_nobody():
    line = Line(Pace(1e9))
    os.close(line.end)
    line.sender.write("\x1b[H\x1b[0mtext", urgent=True)
    assert line.failed.wait(LIMIT_S)
    line.sender.give_up()
    for _ in range(1000):
        line.sender.write("\x1b[Hmore\x07", urgent=True)
    line.sender.settle()
    line.close()


def test_a_mistake_in_it_is_told_and_holds_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(Screen, "frame")
    line = Line(Pace(1e9))
    line.sender.write("\x1b[H\x1b[0mtext", urgent=True)
    assert line.failed.wait(LIMIT_S)
    line.sender.write("more", urgent=True)
    line.sender.settle()
    line.close()


def test_what_the_encoding_lacks_takes_its_cell():
    line = Line(Pace(1e9), "ascii")
    line.sender.write("\x1b[H\x1b[0ma─b", urgent=True)
    assert "a?b" in line.until(QUESTION)
    line.close()


def test_a_frame_is_sent_by_who_writes_it_or_hears_that_the_one_before_was_read():
    line, here = Line(Pace(1e9)), threading.get_ident()
    line.sender.write("\x1b[H\x1b[0mfirst", urgent=False)
    line.until(QUESTION)
    assert line.sent_by == [line.thread], "a terminal that has answered nothing yet may take nothing"
    line.has_sent()
    line.sender.answered()
    line.sender.write("\x1b[2;1Hplot", urgent=False)
    assert "plot" in line.until(QUESTION)
    line.sender.write("\x1b[3;1Hkey", urgent=True)
    assert line.silent(), "the one before is in flight"
    line.sender.answered()
    assert not line.silent()
    assert "key" in line.until(QUESTION)
    assert line.sent_by[1:] == [here, here]
    line.sender.answered()
    line.close()


@pytest.mark.parametrize("long", [True, False])
def test_a_frame_that_may_keep_its_writer_waiting_is_left_to_the_thread(long: bool, monkeypatch: pytest.MonkeyPatch):
    line = Line(Pace(1e9))
    if long:
        monkeypatch.setattr(sender, "ROOM", 20)
    else:
        monkeypatch.setattr(line.sender, "_has_room", lambda: False)  # it was stopped
    line.answer_first()
    line.sender.write("\x1b[2;1Hmore than there is room", urgent=True)
    assert "room" in line.until(QUESTION)
    assert line.sent_by == [line.thread] * 2
    line.has_sent()
    line.sender.answered()
    line.close()


def test_what_waits_for_the_budget_is_sent_when_its_time_has_come():
    line = Line(Pace(300))
    line.answer_first()
    for text in ("plot " * 3, "key " * 3) * 20:
        line.sender.write(f"\x1b[2;1H{text:20}", urgent=False)
        line.until(QUESTION)
        line.sender.answered()
        if line.sent_by[-1] == line.thread:
            break
    assert line.sent_by[-1] == line.thread, "who wrote it has gone on meanwhile"
    line.close()


def test_who_writes_to_a_terminal_that_went_meanwhile_is_not_held():
    line = Line(Pace(1e9))
    line.answer_first()
    os.close(line.end)
    line.sender.write("\x1b[2;1Hsecond", urgent=True)
    assert line.sender.gone
    line.sender.settle()
    line.close()
