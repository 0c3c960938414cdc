import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_nn.terminal import run_log
from tui_nn.terminal.run_log import LONGEST, RunLog, readable


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RunLog]:
    made = RunLog(tmp_path / "run" / "last.log")
    yield made
    os.close(made.fd)


def say(log: RunLog, text: str) -> None:
    os.write(log.fd, text.encode())


def test_lines_are_counted_until_somebody_looks(log: RunLog):
    assert log.is_empty
    say(log, "one\ntwo\nthr")
    log.poll()
    assert log.unseen == 2
    say(log, "ee\n")
    log.poll()
    assert log.unseen == 3
    log.unseen = 0
    log.poll()
    assert log.unseen == 0
    assert log.tail(2) == ["two", "three"]
    assert not log.is_empty


def test_a_log_that_is_there_is_added_to_and_what_stood_in_it_is_not_this_runs(tmp_path: Path):
    (tmp_path / "last.log").write_text("before\n")
    log = RunLog(tmp_path / "last.log")
    assert log.is_empty
    assert log.tail(5) == []
    say(log, "after\n")
    log.poll()
    assert (log.unseen, log.tail(5)) == (1, ["after"])
    log.close()
    assert (tmp_path / "last.log").read_text() == "before\nafter\n"


def test_a_torrent_is_counted_piece_by_piece_and_its_file_is_cut_to_the_end(
    log: RunLog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(run_log, "COUNTED", 1000)
    monkeypatch.setattr(run_log, "LARGEST", 5000)
    monkeypatch.setattr(run_log, "KEPT", 500)
    for number in range(400):
        say(log, f"line {number:04}\n")  # 4,000 bytes
    counts = []
    for _ in range(4):
        log.poll()
        counts.append(log.unseen)
    assert counts == [100, 200, 300, 400]
    say(log, "x" * 2000 + "\nthe last\n")
    log.poll()
    assert log.path is not None
    assert log.path.stat().st_size < 700
    assert log.tail(1) == ["the last"]
    assert "dropped" in log.path.read_text().splitlines()[0]
    say(log, "more\n")
    assert log.tail(1) == ["more"]


@settings(deadline=None)
@given(st.text())
def test_no_line_has_anything_that_a_terminal_would_obey(text: str):
    shown = readable(text)
    assert len(shown) <= LONGEST
    assert not [character for character in shown if ord(character) < 32 or 127 <= ord(character) < 160]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        (" 10 %\r 50 %\r100 %", "100 %"),
        ("ends in one\r", "ends in one"),
        ("a\tb", "a       b"),
        ("[not markup]", "[not markup]"),
    ],
)
def test_lines_as_a_person_reads_them(line: str, shown: str):
    assert readable(line) == shown


def test_a_log_in_which_nothing_stands_is_not_kept_nor_its_folder(tmp_path: Path):
    RunLog(tmp_path / "run" / "last.log").close()
    assert not (tmp_path / "run").exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    RunLog(tmp_path / "other" / "last.log").close()
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["file"]


def test_where_no_file_can_be_made_it_goes_without_a_name(tmp_path: Path):
    (tmp_path / "file").touch()
    log = RunLog(tmp_path / "file" / "last.log")
    assert log.path is None
    say(log, "kept\n")
    assert log.tail(1) == ["kept"]
    log.close()
