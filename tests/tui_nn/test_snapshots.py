"""The dashboard at sizes that people have, as characters and the meaning of their colours.

The run is a recording, so that the screen is the same on every machine. After a change that is meant:
`pytest tests/tui_nn/test_snapshots.py --snapshot-update`, and read what has changed.
"""

import string
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from math import cos, pi, sin
from typing import Any

import numpy as np
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.app import App

from engine.digits.answers import Answers
from engine.digits.reading import OneDigit, read
from engine.health.verdict import Verdict
from engine.preflight import Result
from engine.training import events as e
from engine.training.commands import PredictViews, Reinitialize, SetHyperparameter

OpenApp = Callable[..., Any]

Worn = AbstractAsyncContextManager[Any]

LOOKS = [("colour", size) for size in ((80, 24), (120, 40), (200, 60))]
LOOKS += [("ascii", size) for size in ((60, 20), (80, 24), (120, 40), (200, 60))]

at_every_look = pytest.mark.parametrize(
    ("look", "size"), LOOKS, ids=[f"{look}-{size[0]}x{size[1]}" for look, size in LOOKS]
)

SEVEN = [(0.25, 0.2), (0.74, 0.2), (0.42, 0.85)]
ZERO = [(0.5 + 0.2 * sin(n * pi / 8), 0.5 - 0.34 * cos(n * pi / 8)) for n in range(17)]

CURE = (SetHyperparameter("learning_rate", 0.004), Reinitialize("", "xavier"))
REMEDY = "learning rate 0.004, Xavier initialization anew"
VERDICTS = (
    Verdict("stalled", "amber", "", 80, 0.0002, 0.001, "another learning rate"),
    Verdict("vanishing", "amber", "1 Linear(128)", 45, 0.0031, 0.05, "ReLU for Sigmoid", CURE),
    Verdict("learning_rate", "red", "", 20, 2.6, 1.0, REMEDY, CURE),
    Verdict("saturation", "red", "1 Linear(128)", 67, 0.98, 0.5, REMEDY, CURE),
)


class TextFile(SingleFileSnapshotExtension):
    """A file of plain text for each picture, to be read."""

    _write_mode = WriteMode.TEXT
    file_extension = _file_extension = "txt"


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextFile)


@pytest.fixture
def worn(look: str, size: tuple[int, int], open_recording: OpenApp, monkeypatch: pytest.MonkeyPatch) -> Worn:
    """The recorded run at that size, on a terminal of that look."""
    wear(look, monkeypatch)
    return open_recording(size)


@at_every_look
async def test_the_dashboard(
    worn: Worn,
    snapshot: SnapshotAssertion,
):
    async with worn as ui:
        assert picture_of(ui) == snapshot


@at_every_look
async def test_the_diagnosis(
    worn: Worn,
    snapshot: SnapshotAssertion,
):
    """Three verdicts and one that was, on the page that has them."""
    async with worn as ui:
        step = ui.run.step
        for verdict in VERDICTS:
            ui.run.apply(e.VerdictRaised(step, verdict))
        ui.run.apply(e.VerdictCleared(step, VERDICTS[0]))
        for _ in range(3):
            await ui.settle()
            if ui.app.dashboard.query_one("#verdicts").region.area:
                break
            await ui.press("v")
        assert picture_of(ui) == snapshot


@at_every_look
async def test_the_layers(
    worn: Worn,
    recorded_looks: list[Any],
    snapshot: SnapshotAssertion,
):
    async with worn as ui:
        await ui.press("i")
        await ui.until(lambda: ui.app.screen is ui.app.layers)
        ui.run.snapshots.clear()  # counted at the end of the run, before these
        for event in recorded_looks:
            ui.run.apply(event)
        assert await pages_of(ui, ui.app.layers) == snapshot


@pytest.mark.parametrize("cell", [False, True], ids=["all", "cell"])
@at_every_look
async def test_the_errors(
    worn: Worn,
    cell: bool,
    recorded_errors: list[Any],
    snapshot: SnapshotAssertion,
):
    async with worn as ui:
        await ui.press("E")
        await ui.until(lambda: ui.app.screen is ui.app.errors)
        for event in recorded_errors:
            ui.run.apply(event)
        await ui.settle()
        if cell:
            ui.app.errors._choose_cell((4, 9))
        assert await pages_of(ui, ui.app.errors) == snapshot


@at_every_look
async def test_the_inside_of_a_digit(
    worn: Worn,
    recorded_inside: list[Any],
    snapshot: SnapshotAssertion,
):
    async with worn as ui:
        await ui.press("I")
        await ui.until(lambda: ui.app.screen is ui.app.inside)
        for event in recorded_inside:
            ui.run.apply(event)
        await ui.press("right", "right", "down", "down", "left", "left", "left")
        assert await pages_of(ui, ui.app.inside) == snapshot


async def pages_of(ui: Any, screen: Any) -> str:
    """All pages of a screen, one below the other."""
    pages = []
    for _ in screen.arrangement.pages:
        await ui.settle()
        pages.append(picture_of(ui))
        await ui.press("v")
    return "\n".join(pages)


@at_every_look
async def test_the_gradients(
    worn: Worn,
    snapshot: SnapshotAssertion,
):
    async with worn as ui:
        ui.app.dashboard.maximize_panel("gradient-norms")
        await ui.settle()
        assert picture_of(ui) == snapshot


@pytest.mark.parametrize("number", [False, True], ids=["digit", "number"])
@at_every_look
async def test_the_drawing_screen(
    worn: Worn,
    number: bool,
    snapshot: SnapshotAssertion,
):
    async with worn as ui:
        await ui.press("D", *["w"] * number)
        await ui.until(lambda: ui.app.screen is ui.app.drawing and ui.app.drawing.canvas.size)
        await ui.settle()
        canvas = ui.app.drawing.canvas
        for place, strokes in enumerate([SEVEN, ZERO] if number else [SEVEN]):
            trace(canvas.drawing, [(x + 0.6 + 1.2 * place if number else x, y) for x, y in strokes])
        canvas.changed()
        ui.app.session._buffer.put(answered(canvas.wish()))
        ui.app.call_later(ui.app._answer)
        await ui.until(lambda: canvas.is_read(ui.run))
        await ui.settle()
        assert picture_of(ui) == snapshot


def trace(drawing: Any, points: Iterable[tuple[float, float]]) -> None:
    first, *others = points
    drawing.press(*first, 1.4 / 28)
    for point in others:
        drawing.move(*point)
    drawing.lift()


def answered(wish: Any) -> Any:
    """What an engine would answer whose network takes the first digit for a 7 and the next for a 0, more or less."""
    if isinstance(wish, PredictViews):
        found = OneDigit(np.frombuffer(wish.views, np.float32).reshape(-1, 28, 28), wish.box).read(doubtful)
        assert len(found) == 1
    else:
        amount = np.frombuffer(wish.pixels, np.uint8).reshape(wish.height, wish.width) / np.float32(255)
        found = read(amount, doubtful, drawn=True).digits
        assert len(found) == 2
    digits = []
    for digit, answer in zip(found, (7, 0), strict=False):
        pixels = np.rint(digit.picture * 255).astype(np.uint8).tobytes()
        chances = [0.8125 if label == answer else 0.15625 if label == 2 else 0.00390625 for label in range(10)]
        digits.append(e.DrawnDigit(answer, tuple(chances), digit.box, pixels))
    return e.DrawingPredicted(1, tuple(digits), wish.drawing)


def doubtful(pictures: np.ndarray) -> Answers:
    """One class is as likely as another, but only what is upright is a digit at all."""
    heights = (pictures.max(axis=2) > 0.5).sum(axis=1)
    return Answers(np.full((len(pictures), 10), 0.1), (heights / 20) ** 4)


@at_every_look
async def test_a_new_run(
    worn: Worn,
    snapshot: SnapshotAssertion,
):
    async with worn as ui:
        await ui.press("N", "tab", *"lenet", "tab")
        await ui.until(lambda: "61,706 parameters" in ui.screen_text())
        pages = [picture_of(ui)]
        await ui.press("comma", *"Linear(7)")
        await ui.until(lambda: "gives (7,)" in ui.screen_text())
        pages.append(picture_of(ui))
        assert "\n".join(pages) == snapshot


@at_every_look
async def test_the_preflight(
    worn: Worn,
    monkeypatch: pytest.MonkeyPatch,
    snapshot: SnapshotAssertion,
):
    monkeypatch.setattr("tui_nn.screens.preflight.Flight", RecordedFlight)
    async with worn as ui:
        await ui.press("P")
        await ui.until(lambda: "being checked" in ui.screen_text())
        assert picture_of(ui) == snapshot


class RecordedFlight:
    """Checks that once were done, as far as the last but one; so one sees what is done and what waits."""

    def __init__(self, config: Any, changed: Callable[[], object]) -> None:
        self.names = ["class balance", "data range", "gradients", "initial loss", "splits apart", "twenty samples"]
        self.results = [
            Result("class balance", True, "10 classes of 10.0% each", "each class is there"),
            Result("data range", True, "-0.426 to 2.81, mean 0.00, root mean square 1.00", "0.05 to 5"),
            Result("gradients", None, "hill_climbing takes no gradient"),
            Result("initial loss", False, "5.862, +155%", "2.303 (ln 10), within 10%", "begin with smaller weights"),
        ]
        self.ended, self.trouble = False, ""
        self._changed = changed

    def start(self) -> None:
        self._changed()

    def cancel(self) -> None:
        pass


def picture_of(ui: Any) -> str:
    """The characters on the screen, and in colour their meanings."""
    lines = ui.screen_text().splitlines()
    assert [len(line) for line in lines] == [ui.app.size.width] * ui.app.size.height
    picture = "\n".join(line.rstrip() for line in lines) + "\n"
    if not ui.app.appearance.coloured:
        assert picture.isascii()
    else:
        picture += "\n" + meanings(ui.app) + "\n"
    return picture


def wear(look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of all colours, or one without colours that has only ASCII."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if look == "ascii":
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr("tui_nn.glyphs.takes_unicode", lambda stream: False)


def meanings(app: App[None]) -> str:
    """A letter for the colour of each character, and which roles have the colour; bold ones are capitals."""
    named: dict[str, list[str]] = {}
    for name, value in app.theme_variables.items():
        if name.startswith("role-") and not name.endswith("-256"):
            named.setdefault(value.lower(), []).append(name.removeprefix("role-"))
    letters: dict[str, str] = {}
    rows = []
    for strip in app.screen._compositor.render_strips():
        row = ""
        for text, style, _ in strip:
            colour = style.color.get_truecolor().hex if style and style.color else "none"
            letter = letters.setdefault(colour, string.ascii_lowercase[len(letters)])
            letter = letter.upper() if style and style.bold else letter
            row += "".join(" " if character == " " else letter for character in text)
        rows.append(row.rstrip())
    legend = [f"{letter} {', '.join(sorted(named.get(colour, ['text'])))}" for colour, letter in letters.items()]
    return "\n".join([*rows, "", *legend])
