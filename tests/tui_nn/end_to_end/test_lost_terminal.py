"""The terminal goes away in the middle of a run, in each of the ways in which it can."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.training.checkpoint import load_checkpoint
from engine.training.config import make_config, read_preset
from engine.training.trainer import Trainer

OpenTerminal = Callable[..., Any]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

EPOCHS = 12
RUN = ("--epochs", str(EPOCHS), "--seed", "7", "--checkpoint")

SESSION_OF_ITS_OWN = """
import os, sys
from tui_nn.cli import run

if os.fork():
    os.wait()
    sys.exit(0)
os.setsid()
status = run(sys.argv[1:])
with open(sys.argv[-1] + ".status", "w") as file:
    file.write(str(status))
"""
"""Nobody sends it a signal when the terminal is closed."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The summary of the same run that nobody watched."""
    events: list[Any] = []
    settings = {**read_preset("mlp")[1], "epochs": EPOCHS, "seed": 7, "dataset": "mnist-5k"}
    Trainer(make_config(settings), events.append, checkpoint=tmp_path_factory.mktemp("run") / "a.safetensors").run()
    summary: dict[str, Any] = events[-1].summary
    return summary


def is_undisturbed(file: Path, undisturbed: dict[str, Any]) -> None:
    """Check what the run has left."""
    summary = json.loads(file.with_suffix(".summary.json").read_text())
    for name in ("steps", "train_loss", "validation_loss", "test_loss", "test_accuracy"):
        assert summary[name] == undisturbed[name], name
    assert summary["checkpoint"] == str(file)
    log = file.with_suffix(".log").read_text()
    assert f"test accuracy {summary['test_accuracy']:.2%}" in log
    assert f"checkpoint {file}; go on from it with --resume" in log
    assert "Traceback" not in log
    assert load_checkpoint(file).training.position.step == summary["steps"]


def hang_up(terminal: Any) -> None:
    terminal.hang_up()


def send_signals(terminal: Any) -> None:
    """Twice, to a program that goes on reading its keys."""
    os.kill(terminal.child.pid, signal.SIGHUP)
    os.kill(terminal.child.pid, signal.SIGHUP)
    terminal.wait_for_end()


@pytest.mark.parametrize("lose", [hang_up, send_signals])
def test_the_run_goes_on_to_the_same_end(
    open_terminal: OpenTerminal, tmp_path: Path, undisturbed: dict[str, Any], lose: Callable[[Any], None]
):
    file = tmp_path / "mine.safetensors"
    # At that pace it would take a minute, and with a key that looks into the network as well.
    terminal = open_terminal(*RUN, str(file), "--pace", "5", within_shell=False)
    terminal.until(lambda: terminal.step > 50, "some steps")
    terminal.press("nmd")
    terminal.shows(r"read as \d")
    lose(terminal)
    assert terminal.wait_for_exit() == 0
    is_undisturbed(file, undisturbed)
    if lose is send_signals:
        assert f"tells it in {file.with_suffix('.log')}" in "".join(terminal.left_whole().split("\r\n"))


def test_so_it_does_where_no_signal_tells(open_terminal: OpenTerminal, tmp_path: Path, undisturbed: dict[str, Any]):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("--pace", "5", *RUN, str(file), within_shell=False, program=SESSION_OF_ITS_OWN)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.hang_up()
    terminal.until_there(Path(f"{file}.status"))
    assert Path(f"{file}.status").read_text() == "0"
    is_undisturbed(file, undisturbed)


@pytest.mark.parametrize("page", ["?", "\r", "\x10"])
def test_a_page_over_the_dashboard_does_not_hold_it(
    open_terminal: OpenTerminal, tmp_path: Path, undisturbed: dict[str, Any], page: str
):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal(*RUN, str(file), "--pace", "5", within_shell=False)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press(page)
    terminal.shows({"?": "escape closes", "\r": "escape leaves it", "\x10": "Search for"}[page])
    terminal.hang_up()
    assert terminal.wait_for_exit() == 0
    is_undisturbed(file, undisturbed)


def test_lost_before_it_has_begun_it_trains_all_the_same(
    open_terminal: OpenTerminal, tmp_path: Path, undisturbed: dict[str, Any]
):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal(*RUN, str(file), within_shell=False)
    terminal.shows("preparing")
    terminal.hang_up()
    assert terminal.wait_for_exit() == 0
    is_undisturbed(file, undisturbed)


def test_a_paused_run_is_saved_where_it_is(open_terminal: OpenTerminal, tmp_path: Path):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal(*RUN, str(file), "--pace", "5", within_shell=False)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press(" ")
    terminal.shows("paused")
    terminal.hang_up()
    assert terminal.wait_for_exit() == 0
    steps = json.loads(file.with_suffix(".summary.json").read_text())["steps"]
    assert 0 < steps == load_checkpoint(file).training.position.step < 12 * 113


def test_who_ends_it_afterwards_has_it_saved(open_terminal: OpenTerminal, tmp_path: Path):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("--epochs", "100000", "--checkpoint", str(file), within_shell=False)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.hang_up()
    log = file.with_suffix(".log")
    terminal.until_there(log, "epoch")
    terminal.child.kill(signal.SIGTERM)
    assert terminal.wait_for_exit() == 130
    assert "test accuracy" in log.read_text()
    assert file.exists()
