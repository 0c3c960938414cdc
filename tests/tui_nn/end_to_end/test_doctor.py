"""`tui-nn doctor` on a terminal, on one that does not answer, and in a pipe."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def doctor(*options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui_nn", "doctor", *options],
        env={**os.environ, "PYTHONUTF8": "1", **environ},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )


def test_in_a_pipe_it_asks_nothing_and_tells_the_rest(tmp_path: Path):
    done = doctor(TERM="xterm-256color", COLORTERM="", TUI_NN_RUNS=str(tmp_path))
    assert "\x1b" not in done.stdout
    assert done.stderr == ""
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    found = {line[0]: line[1] for line in lines if len(line) == 2}
    assert found["TERM"] == "xterm-256color"
    assert found["colours"] == "256"
    assert found["glyphs"] == "braille"
    assert found["theme"] == "dark"
    assert found["attributes"] == "-"
    assert found["runs"] == str(tmp_path)
    assert "set COLORTERM=truecolor" in done.stdout


def test_as_json_it_is_one_object(tmp_path: Path):
    settings = tmp_path / "settings.toml"
    settings.write_text('theme = "light"\nlnik = "slow"\n[keys]\n"training.pause" = "spaec"\n')
    done = doctor("--json", NO_COLOR="1", TERM="vt100", TUI_NN_SETTINGS=str(settings))
    report = json.loads(done.stdout)
    assert report["chosen"] | {"colours": "none", "glyphs": "ascii", "theme": "light"} == report["chosen"]
    first, second = report["settings"]["warnings"]
    assert "did you mean 'link'" in first
    assert "'spaec'" in second
    assert report["advice"][-2:] == [first, second]
    assert any("NO_COLOR" in line for line in report["advice"])


def test_a_folder_that_cannot_be_written_is_advice(tmp_path: Path):
    (tmp_path / "file").write_text("")
    report = json.loads(doctor("--json", TUI_NN_RUNS=str(tmp_path / "file" / "runs")).stdout)
    assert report["machine"]["runs"]["writable"] is False
    assert "runs: the folder cannot be written" in report["advice"]


def test_on_a_terminal_it_asks_and_leaves_it_whole(open_terminal: Callable[..., Any]):
    terminal = open_terminal("doctor", columns=100, rows=60)
    terminal.shows(r"round trip +\d+\.\d ms")
    assert terminal.wait_for_end() == 0
    assert terminal.find(r"attributes +62;22")
    assert terminal.find(r"synchronized +yes")
    assert terminal.find(r"kitty keys +no")
    assert terminal.find(r"size +100x60")
    assert terminal.find("on a terminal +stdin, stdout, stderr")
    before, after = re.findall(r"terminal (?:before|after): (\S+)", terminal.output.decode())
    assert before == after


@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
def test_a_terminal_that_never_answers_does_not_hold_it(term: str, open_terminal: Callable[..., Any]):
    terminal = open_terminal("doctor", columns=100, rows=60, within_shell=False, environ={"TERM": term})
    terminal.silent = True
    terminal.shows(r"round trip +-")
    assert terminal.wait_for_end() == 0
    assert (b"\x1b[6n" in terminal.output) == (term != "dumb")
