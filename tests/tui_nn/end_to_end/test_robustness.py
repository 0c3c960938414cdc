"""Whatever a terminal sends, nothing breaks: the screen is right at the end, and the run what it would have been."""

import json
import random
import re
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
MODEL = "Flatten, Linear(16), ReLU, Linear(10)"
SMALL = ("--model", MODEL, "--dataset", "mnist-5k", "--seed", "7", "--pace", "60", "--checkpoint")
"""Slow, so that it is not over before the noise is."""

QUIT = "qQxX\x03\x10\x11"
"""Keys that leave or end the run, and the one of the palette, which finds every other."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The summary of the run that nobody disturbed."""
    events: list[Any] = []
    settings = {**read_preset("mlp")[1], "model": MODEL, "epochs": EPOCHS, "seed": 7, "dataset": "mnist-5k"}
    settings.pop("set", None)
    Trainer(make_config(settings), events.append, checkpoint=tmp_path_factory.mktemp("run") / "a.safetensors").run()
    summary: dict[str, Any] = events[-1].summary
    return summary


def noise(seed: int, kind: str) -> bytes:
    """Bytes of a terminal out of its mind, without those that quit."""
    chance = random.Random(seed)
    letters = [chr(code) for code in range(32, 127) if chr(code) not in QUIT]
    controls = [chr(code) for code in range(1, 32) if chr(code) not in QUIT]

    def number() -> str:
        return str(chance.choice([0, 1, 3, 35, 64, 65, 80, 223, 255, 999, 65536, 10**9, 10**30, -1]))

    match kind:
        case "keys":
            named = [
                "\x1b[A",
                "\x1b[B",
                "\x1b[C",
                "\x1b[D",
                "\x1b[H",
                "\x1b[F",
                "\x1b[5~",
                "\x1b[6~",
                "\x1bOP",
                "\x1b[Z",
            ]
            return "".join(chance.choices([*letters, *controls, *named], k=10_000)).encode()
        case "controls":
            codes = [*controls, "\x00", "\x7f", *map(chr, range(0x80, 0xA0))]
            return "".join(chance.choices(codes, k=3_000)).encode()
        case "sequences":
            begins = ["\x1b", "\x1b[", "\x1bO", "\x1b]", "\x1bP", "\x1b[?", "\x1b[<", "\x1b[200~", "\x1b[201~"]
            parts = [*begins, *";:mMu~RtIO0123456789", "$y", "48;", "2026;2$y", "27;", "\x07"]
            pieces = [chance.choice([number(), *chance.choices(parts, k=3)]) for _ in range(6_000)]
            return "".join(pieces).encode()
        case "mouse":
            codes = [f"\x1b[<{number()};{number()};{number()}{chance.choice('mM')}" for _ in range(2_000)]
            old = [b"\x1b[M" + bytes(chance.choices(range(32, 256), k=3)) for _ in range(1_000)]
            mixed: list[bytes] = [*(code.encode() for code in codes), *old]
            chance.shuffle(mixed)
            # What is left of a report that was cut is a key.
            return re.sub(rb"[%s]" % re.escape(QUIT.encode()), b"!", b"".join(mixed))
        case "binary":
            return re.sub(rb"[%s]" % re.escape(QUIT.encode()), b"!", chance.randbytes(20_000))
    raise AssertionError(kind)


def back_on_the_dashboard(terminal: Any, size: tuple[int, int] = (120, 40)) -> None:
    """Leave whatever lies over it; a change of size has all of it painted anew."""
    for _ in range(60):
        terminal.press("\x1b")
        terminal.resize(size[0] - 1, size[1])
        terminal.resize(*size)
        for _ in range(5):
            terminal.lives()
        if terminal.find("[─-] Loss [─-]") and terminal.find("[─-] Hyperparameters [─-]"):
            return
    raise AssertionError("\n".join(terminal.lines))


def leave(terminal: Any) -> None:
    """Quit from the dashboard, as often as something that was still to be obeyed opens a page over it."""
    for _ in range(20):
        terminal.press("q")
        for _ in range(30):
            if not terminal.read():
                assert terminal.wait_for_end() == 0
                return
        back_on_the_dashboard(terminal)
    raise AssertionError("\n".join(terminal.lines))


def runs_to_the_same_end(terminal: Any, file: Path, undisturbed: dict[str, Any]) -> None:
    """Leave the run alone, and check what it comes to."""
    terminal.hang_up()
    assert terminal.wait_for_exit() == 0
    summary = json.loads(file.with_suffix(".summary.json").read_text())
    for name in ("steps", "train_loss", "validation_loss", "test_loss", "test_accuracy"):
        assert summary[name] == undisturbed[name], name
    log = file.with_suffix(".log").read_text()
    assert log.startswith("tui-nn: the terminal was lost"), "nothing had been said before"
    load_checkpoint(file)


@pytest.mark.parametrize("kind", ["keys", "controls", "sequences", "mouse", "binary"])
def test_noise_breaks_nothing(open_terminal: OpenTerminal, tmp_path: Path, kind: str):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("--epochs", "100000", *SMALL, str(file))
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.shown = False
    terminal.send(noise(1, kind))
    terminal.shown = True
    back_on_the_dashboard(terminal)
    while not terminal.find("saved /"):
        back_on_the_dashboard(terminal)  # what was still to be obeyed may have opened another page
        terminal.press_for_a_while("c", lambda: terminal.find("saved /"))
    leave(terminal)
    after = terminal.left_whole()
    assert "a defect" not in after
    assert "printed meanwhile" not in after
    kept = re.search(r"checkpoint (\S+);", after)  # noise may have begun another run, which has a file of its own
    assert kept is not None, after
    load_checkpoint(Path(kept[1]))


def test_keys_before_there_is_anything_to_show(open_terminal: OpenTerminal, tmp_path: Path):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("--epochs", "100000", *SMALL, str(file))
    terminal.shows("preparing")
    terminal.send(b"lvwnpdmofcbjk[]{}0yh\t\x1b[Zzg?\x1b" + b"\x1b[A\x1b[C\r\x1b")
    back_on_the_dashboard(terminal)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert "a defect" not in terminal.left_whole()


@pytest.mark.parametrize("marked", [True, False], ids=["bracketed", "raw"])
def test_a_pasted_megabyte_changes_nothing(
    open_terminal: OpenTerminal, tmp_path: Path, undisturbed: dict[str, Any], marked: bool
):
    file = tmp_path / "mine.safetensors"
    terminal = open_terminal("--epochs", str(EPOCHS), *SMALL, str(file), within_shell=False)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    if marked:
        terminal.send(b"\x1b[200~" + b"rqx+-\r \x1b[C" * (1 << 17) + b"\x1b[201~")
    else:
        terminal.send(b"lvwj" * (1 << 18))
    back_on_the_dashboard(terminal)
    runs_to_the_same_end(terminal, file, undisturbed)


def test_a_paste_without_an_end_does_not_lock_the_keys(open_terminal: OpenTerminal, tmp_path: Path):
    terminal = open_terminal("--epochs", "100000", *SMALL, str(tmp_path / "mine.safetensors"))
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.press("\x1b[200~and nothing more")
    terminal.press_until(" ", lambda: terminal.find("‖ paused"))


SIZED_WHILE_ASKED = """
import fcntl, struct, sys, termios
from tui_nn.cli import run
from tui_nn.terminal.own_terminal import OwnTerminal

asked = OwnTerminal.size.fget

def size(terminal):
    found = asked(terminal)
    if found.columns == 110:
        fcntl.ioctl(terminal.fileno(), termios.TIOCSWINSZ, struct.pack("4H", 30, 90, 0, 0))
    return found

OwnTerminal.size = property(size)
sys.exit(run(sys.argv[1:]))
"""
"""The signal of a size comes while the one of the size before is being obeyed."""


def test_a_size_that_comes_while_one_is_being_asked_for_is_the_last(open_terminal: OpenTerminal, tmp_path: Path):
    terminal = open_terminal(*SMALL, str(tmp_path / "mine.safetensors"), program=SIZED_WHILE_ASKED)
    terminal.shows("─ Loss ─")
    terminal.resize(110, 30)
    terminal.until(lambda: terminal.child.getwinsize() == (30, 90), "the other size")
    terminal.resize(90, 30)
    terminal.until(lambda: any(line.find("╮") == 50 for line in terminal.lines), "panels for 90 columns")


def test_after_a_storm_of_sizes_the_screen_is_as_if_painted_for_the_first_time(
    open_terminal: OpenTerminal, tmp_path: Path, undisturbed: dict[str, Any]
):
    file = tmp_path / "mine.safetensors"
    chance = random.Random(5)
    terminal = open_terminal("--epochs", str(EPOCHS), *SMALL, str(file), within_shell=False)
    terminal.until(lambda: terminal.step > 0, "the first steps")
    terminal.shown = False
    terminal.resize(1, 1)
    for _ in range(500):
        terminal.resize(chance.randint(1, 300), chance.randint(1, 100))
        terminal.lives(0.01)
    terminal.resize(120, 40)
    terminal.shown = True
    terminal.shows("─ Loss ─")
    terminal.press_until(" ", lambda: terminal.find("‖ paused"))
    terminal.until_silent()
    after = terminal.lines[1:]  # the line above them tells what is sent, of which the painting is a part
    terminal.resize(60, 20)
    terminal.read()
    terminal.clear()
    terminal.resize(120, 40)
    terminal.until(lambda: terminal.lines[1:] == after, "the same screen, painted anew: " + "\n".join(after))
    terminal.press(" ")
    terminal.shows("● training")
    runs_to_the_same_end(terminal, file, undisturbed)
