"""The drawing screen on real runs. Keys one by one are in test_actions.py, a terminal in end_to_end/test_draw.py."""

from collections.abc import Callable
from math import inf
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw
from textual import events
from textual.widgets import Input, OptionList

from engine.training import commands as c
from engine.training import events as e
from tui_nn.app import TuiNN
from tui_nn.panels.digit_canvas import DigitCanvasPanel
from tui_nn.panels.drawing_bars import DrawingBarsPanel
from tui_nn.plots import sketch
from tui_nn.run_state import RunState
from tui_nn.screens.draw import DrawScreen
from tui_nn.screens.help import HelpScreen
from tui_nn.screens.label import LabelScreen
from tui_nn.screens.pictures import PicturesScreen
from tui_nn.session import Session
from tui_nn.terminal.drag import joined

OpenApp = Callable[..., Any]

WISHES = c.PredictDrawing | c.PredictViews


@pytest.fixture(autouse=True)
def terminal_of_all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[c.AnyCommand]:
    """All commands that are sent from now on."""
    found: list[c.AnyCommand] = []
    send = Session.send
    monkeypatch.setattr(Session, "send", lambda session, command: (found.append(command), send(session, command)))
    return found


async def on_canvas(ui: Any, *keys: str) -> Any:
    await ui.press("D", *keys)
    await ui.until(lambda: ui.app.screen is ui.app.drawing and ui.app.drawing.canvas.size)
    await ui.until(lambda: "or with" in ui.screen_text())
    return ui.app.drawing.canvas


def spot(canvas: Any, x: float, y: float) -> tuple[int, int]:
    """The cell of a point of the canvas."""
    place = canvas._place(*canvas.room)
    left, top = canvas.region.offset
    return left + 1 + place.left + int(x * place.pixels), top + 1 + place.top + int(y * place.rows)


async def drag(ui: Any, canvas: Any, *points: tuple[float, float], button: int = 1) -> None:
    """Press the button at the first point, go through the others, and let go at the last one."""
    kinds = [events.MouseDown, *[events.MouseMove] * (len(points) - 1)]
    for kind, point in zip(kinds, points, strict=True):
        await mouse(ui, kind, *spot(canvas, *point), button)
    await mouse(ui, events.MouseUp, *spot(canvas, *points[-1]), button)


async def mouse(ui: Any, kind: type[events.MouseEvent], x: int, y: int, button: int = 1) -> None:
    ui.app.screen._forward_event(kind(None, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y))
    await ui.pilot.pause()


def frames(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Frames come while it is not empty."""
    ticks, tick = [True], TuiNN._tick
    monkeypatch.setattr(TuiNN, "_tick", lambda app: ticks and tick(app))
    return ticks


def on_pictures(monkeypatch: pytest.MonkeyPatch, note: Callable[[DrawScreen], bool]) -> list[bool]:
    """What is noted of the screen after each picture of a stroke from now on."""
    notes: list[bool] = []
    show = DrawScreen._show_changes
    monkeypatch.setattr(DrawScreen, "_show_changes", lambda screen: (show(screen), notes.append(note(screen))))
    return notes


def ink(canvas: Any) -> np.ndarray:
    return canvas.drawing.ink(28, round(28 * canvas.span))


async def test_a_stroke_of_the_mouse_goes_where_the_pointer_goes_and_bars_move(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        await drag(ui, canvas, (0.5, 0.15), (0.5, 0.5), (0.5, 0.85))
        rows, columns = np.nonzero(ink(canvas) > 127)
        assert rows.min() == pytest.approx(0.15 * 28, abs=2)
        assert rows.max() == pytest.approx(0.85 * 28, abs=2)
        assert columns.mean() == pytest.approx(0.5 * 28, abs=1)
        await ui.until(
            lambda: canvas.is_read(ui.run) and f"Read as {ui.run.drawing.digits[0].answer}" in ui.screen_text()
        )
        before = ui.run.drawing
        await drag(ui, canvas, (0.2, 0.15), (0.5, 0.15))
        await ui.until(lambda: canvas.is_read(ui.run) and ui.run.drawing is not before)
        assert ui.run.drawing.digits[0].probabilities != before.digits[0].probabilities


async def test_bars_move_while_it_trains_though_nothing_is_drawn(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        await drag(ui, canvas, (0.5, 0.15), (0.5, 0.85))
        seen = set()
        await ui.until(lambda: ui.run.drawing and (seen.add(ui.run.drawing.digits[0].probabilities) or len(seen) > 3))
        await ui.until(lambda: f"at step {ui.run.drawing.step:,}" in ui.screen_text())


async def test_the_right_button_rubs_out_and_a_way_out_of_the_canvas_and_back_is_followed(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        await drag(ui, canvas, (0.5, 0.2), (0.5, 0.8))
        whole = ink(canvas).copy()
        await drag(ui, canvas, (0.5, 0.5), (0.5, 0.6), button=3)
        assert 0 < ink(canvas).sum() < whole.sum()
        await ui.press("u")
        np.testing.assert_array_equal(ink(canvas), whole)
        await ui.press("x")
        await drag(ui, canvas, (0.9, 0.5), (1.4, 0.5), (1.4, 0.7), (0.9, 0.7))
        rows, _ = np.nonzero(ink(canvas)[:, 27:] > 127)
        assert {round(row / 28, 1) for row in rows} >= {0.5, 0.7}
        assert not (ink(canvas)[17, 20:] > 127).any()


async def test_a_stroke_that_comes_at_once_and_ends_elsewhere_is_drawn_and_over(open_app: OpenApp):
    """As after a link has stalled: its moves and its release are there before the canvas has heard of the press."""
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        for y in (0.2, 0.5, 0.8):
            (x0, row), (x1, _) = spot(canvas, 0.3, y), spot(canvas, 0.9, y)
            place = [None, x0, row, 0, 0, 1, False, False, False]
            burst = [events.MouseDown(*place, screen_x=x0, screen_y=row)]
            for x in (x1, ui.app.size.width - 2):
                place[1] = x
                burst.append(events.MouseMove(*place, screen_x=x, screen_y=row))
            burst.append(events.MouseUp(*place, screen_x=place[1], screen_y=row))
            for event in burst:
                ui.app.screen._forward_event(event)
            await ui.until(lambda y=y: (ink(canvas)[int(28 * y), 9:27] > 127).all())
            await ui.until(lambda: not canvas.held)
            assert ui.app.mouse_captured is None
        await ui.until(lambda: canvas.is_read(ui.run))


async def test_where_another_screen_comes_in_the_middle_of_a_stroke_it_is_over(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        for key, screen in (("question_mark", HelpScreen), ("D", type(ui.app.dashboard))):
            await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
            await ui.until(lambda: canvas.held and ui.app.mouse_captured is canvas)
            await ui.press(key)
            await ui.until(lambda screen=screen: isinstance(ui.app.screen, screen))
            await ui.until(lambda: not canvas.held and ui.app.mouse_captured is None)
            await ui.press("escape" if screen is HelpScreen else "D")
            await ui.until(lambda: ui.app.screen is ui.app.drawing)


async def test_beside_the_canvas_nothing_is_drawn_and_the_pointer_alone_draws_nothing(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui, "w")
        await mouse(ui, events.MouseDown, canvas.region.x, canvas.region.y)
        await mouse(ui, events.MouseMove, *spot(canvas, 0.5, 0.5))
        await mouse(ui, events.MouseUp, *spot(canvas, 0.5, 0.5))
        assert canvas.drawing.blank


async def test_one_question_is_under_way_and_the_last_stroke_is_always_read(
    open_app: OpenApp, asked: list[c.AnyCommand], monkeypatch: pytest.MonkeyPatch
):
    """Hundreds of moves at once, as after a link has stalled."""
    monkeypatch.setattr("tui_nn.look.PATIENCE_S", 1000.0)
    answered: list[int] = []
    apply = RunState.apply

    def count(run: RunState, event: e.AnyEvent) -> None:
        if isinstance(event, e.DrawingPredicted):
            # All but this one that were asked for have been answered before.
            answered.append(len([command for command in asked if isinstance(command, WISHES)]))
        apply(run, event)

    monkeypatch.setattr(RunState, "apply", count)
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        canvas.drawing.press(0.5, 0.1, 0.05)
        for n in range(300):
            canvas.drawing.move(0.5 + (n % 7) / 50, 0.1 + n / 400)
            canvas.changed()
            if n % 10 == 0:
                await ui.pilot.pause()
        await ui.until(lambda: canvas.is_read(ui.run))
        assert answered == list(range(1, len(answered) + 1))
        assert len(answered) < 100
        wishes = [command for command in asked if isinstance(command, WISHES)]
        assert wishes[-1] == canvas.wish()


async def test_a_drawing_is_prepared_once_for_all_that_it_is_asked_about(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        canvas.drawing.press(0.5, 0.1, 0.05)
        canvas.drawing.move(0.5, 0.9)
        wish = canvas.wish()
        assert canvas.wish() is wish
        canvas.drawing.move(0.7, 0.9)
        moved = canvas.wish()
        assert moved.views != wish.views
        assert moved.box[2] > wish.box[2]
        canvas.toggle_wide()
        assert canvas.wish().width == 84 * 3.5
        canvas.drawing.undo()
        canvas.toggle_wide()
        assert canvas.wish().views == b""


async def test_nothing_is_asked_while_nothing_is_drawn_or_nobody_sees_it(open_app: OpenApp, asked: list[c.AnyCommand]):
    async with open_app() as ui:

        async def quiet() -> None:
            """A second of training, in which nobody asks."""
            asked.clear()
            for _ in range(20):
                step = ui.run.step
                await ui.until(lambda step=step: ui.run.step > step)
            assert not any(isinstance(command, WISHES) for command in asked)

        canvas = await on_canvas(ui)
        await quiet()
        await drag(ui, canvas, (0.5, 0.2), (0.5, 0.8))
        await ui.until(lambda: canvas.is_read(ui.run))
        await ui.press("question_mark")
        await ui.until(lambda: isinstance(ui.app.screen, HelpScreen))
        await quiet()
        await ui.press("escape", "escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        await quiet()
        await ui.press("D", "x")
        await ui.until(lambda: ui.run.drawing.digits == ())
        await quiet()


async def test_the_drawing_stays_through_other_screens_sizes_and_a_restart(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        await drag(ui, canvas, (0.3, 0.2), (0.7, 0.2), (0.4, 0.85))
        await ui.until(lambda: canvas.is_read(ui.run))
        before, shown = ink(canvas).copy(), canvas._make_wish()
        for width, height in ((80, 24), (60, 20), (200, 60), (50, 10), (1, 1), (120, 40)):
            await ui.pilot.resize_terminal(width, height)
            await ui.pilot.pause()
        assert canvas._make_wish() == shown
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        await ui.press("D", "ctrl+p")
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.drawing)
        started = ui.run.started
        await ui.press("r")
        await ui.until(lambda: ui.run.started is not started)
        await ui.until(lambda: canvas.is_read(ui.run) and ui.run.drawing.digits)
        np.testing.assert_array_equal(ink(canvas), before)


async def test_the_network_is_given_the_same_on_any_terminal(open_app: OpenApp):
    async with open_app(size=(60, 20)) as ui:
        canvas = await on_canvas(ui)
        await ui.press(*["up"] * 9, "space", *["down"] * 18, "space")
        small = canvas._make_wish()
        await ui.pilot.resize_terminal(200, 60)
        await ui.pilot.pause()
        assert canvas._make_wish() == small


@pytest.mark.parametrize(
    "settings", [{"dataset": "iris", "model": "Linear(3)"}, {"dataset": "spiral", "model": "Linear(3)"}]
)
async def test_data_without_digits_are_told_in_a_line(open_app: OpenApp, settings: dict[str, str]):
    async with open_app(**settings) as ui:
        await ui.press("D")
        await ui.until(lambda: f"{settings['dataset']} is nothing to draw" in ui.screen_text())
        assert ui.app.screen is ui.app.dashboard
        assert "D Draw" not in ui.screen_text().splitlines()[-1]


async def test_a_key_that_came_before_the_run_opens_the_canvas_when_it_has_begun(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    begin, run = Event(), Session.run
    monkeypatch.setattr(Session, "run", lambda session: (begin.wait(60), run(session)))
    async with open_app(wait=False) as ui:
        await ui.press("D")
        await ui.until(lambda: "the canvas opens when the run has begun" in ui.screen_text())
        begin.set()
        await ui.until(lambda: ui.app.screen is ui.app.drawing and "Draw a digit" in ui.screen_text())


async def test_after_the_end_of_the_run_a_drawing_is_read(open_app: OpenApp):
    async with open_app(epochs=1) as ui:
        await ui.until(lambda: ui.run.phase == "ended")
        canvas = await on_canvas(ui)
        await drag(ui, canvas, (0.5, 0.2), (0.5, 0.8))
        await ui.until(lambda: canvas.is_read(ui.run) and ui.run.drawing.digits)


async def test_a_number_is_labelled_digit_by_digit(open_app: OpenApp, asked: list[c.AnyCommand]):
    async with open_app() as ui:
        canvas = await on_canvas(ui, "w")
        for x in (0.8, 2.2):
            await drag(ui, canvas, (x, 0.2), (x, 0.8))
        await ui.until(lambda: canvas.is_read(ui.run) and len(ui.run.drawing.digits) == 2)
        forms = [digit.pixels for digit in ui.run.drawing.digits]
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, LabelScreen))
        await ui.press("1", "enter")
        await ui.until(lambda: "1: expected 2 digits" in ui.screen_text())
        await ui.press("x", "7", "3", "enter")
        await ui.until(lambda: "173: expected 2 digits" in ui.screen_text())
        await ui.press("backspace", "enter")
        await ui.until(lambda: ui.run.train_count == ui.run.started.train_count + 2)
        added = [command for command in asked if isinstance(command, c.AddSample)]
        assert added == [c.AddSample(1, forms[0]), c.AddSample(7, forms[1])]
        folder = ui.app.session.checkpoint.parent / "drawings"
        saved = np.asarray(Image.open(folder / "001-17-mnist-2.png"))
        assert saved.tobytes() == forms[1]


async def test_an_empty_label_is_what_was_read(open_app: OpenApp, asked: list[c.AnyCommand]):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        ui.app.send(c.Pause())
        await drag(ui, canvas, (0.5, 0.2), (0.5, 0.8))
        await ui.until(lambda: canvas.is_read(ui.run))
        (digit,) = ui.run.drawing.digits
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, LabelScreen))
        await ui.press("enter")
        await ui.until(lambda: ui.run.train_count == ui.run.started.train_count + 1)
        assert c.AddSample(digit.answer, digit.pixels) in asked


async def test_a_label_can_be_left_and_without_a_drawing_there_is_none(open_app: OpenApp, asked: list[c.AnyCommand]):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        for key in ("enter", "s"):
            await ui.press(key)
            await ui.until(lambda: "nothing is drawn" in ui.app.drawing.query_one("#status").notice)
            ui.app.drawing.say("")
        await drag(ui, canvas, (0.5, 0.2), (0.5, 0.8))
        await ui.until(lambda: canvas.is_read(ui.run))
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, LabelScreen))
        await ui.press("7", "escape")
        await ui.until(lambda: ui.app.screen is ui.app.drawing)
        assert not any(isinstance(command, c.AddSample) for command in asked)
        assert not (ui.app.session.checkpoint.parent / "drawings").exists()


async def test_a_folder_that_cannot_be_written_to_is_told_and_the_sample_is_learned_from(open_app: OpenApp):
    async with open_app() as ui:
        (ui.app.session.checkpoint.parent / "drawings").write_text("in the way")
        canvas = await on_canvas(ui)
        await drag(ui, canvas, (0.5, 0.2), (0.5, 0.8))
        await ui.until(lambda: canvas.is_read(ui.run))
        await ui.press("enter", "1", "enter")
        await ui.until(lambda: "cannot be saved" in ui.screen_text())
        await ui.until(lambda: ui.run.train_count == ui.run.started.train_count + 1)


def photograph(path: Path, *shapes: list[tuple[int, int]]) -> None:
    """Dark strokes on a light ground that darkens to one side."""
    ground = Image.fromarray(np.tile(np.linspace(230, 150, 640), (400, 1)).astype(np.uint8))
    pen = ImageDraw.Draw(ground)
    for shape in shapes:
        pen.line(shape, fill=40, width=18, joint="curve")
    ground.save(path)


async def test_a_picture_is_chosen_shown_step_by_step_and_drawn_over(open_app: OpenApp):
    Path("a-photos").mkdir()
    photograph(Path("a-photos/seven.jpg"), [(200, 100), (330, 100), (260, 300)])
    async with open_app(size=(200, 60)) as ui:
        canvas = await on_canvas(ui)
        await ui.press("o")
        await ui.until(lambda: isinstance(ui.app.screen, PicturesScreen) and "a-photos/" in ui.screen_text())
        await ui.press("enter")
        await ui.until(lambda: "seven.jpg" in ui.screen_text())
        await ui.press("enter")
        await ui.until(lambda: canvas.is_read(ui.run) and ui.run.drawing.digits)
        await ui.until(
            lambda: all(name in ui.screen_text() for name in ("1 as grey", "2 background evened", "3 ink", "5 c"))
        )
        assert "seven.jpg" in ui.screen_text()
        rows, columns = np.nonzero(ink(canvas) > 127)
        assert (rows.min(), rows.max()) == (pytest.approx(4, abs=1), pytest.approx(23, abs=1))
        assert abs(columns.min() - (27 - columns.max())) <= 1
        await drag(ui, canvas, (0.3, 0.5), (0.7, 0.5))
        await ui.until(lambda: "seven.jpg" not in ui.screen_text() and "1 as grey, 84x84" in ui.screen_text())
        await ui.press("u")
        await ui.until(lambda: "2 background evened" in ui.screen_text())


async def test_a_picture_of_a_number_opens_the_wide_canvas_also_when_it_is_dropped(open_app: OpenApp):
    photograph(Path("one two.png"), [(150, 100), (150, 300)], [(300, 100), (300, 300)], [(450, 100), (450, 300)])
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        path = str(Path("one two.png").absolute()).replace(" ", "\\ ")
        ui.app.screen.post_message(events.Paste(f"{path} "))
        await ui.until(lambda: canvas.wide and canvas.is_read(ui.run) and len(ui.run.drawing.digits) == 3)
        await ui.until(lambda: "Draw a number" in ui.screen_text() and "v: how it was prepared" in ui.screen_text())
        ui.app.screen.post_message(events.Paste("no such file\x00'"))
        await ui.until(lambda: "what was pasted is no file's path" in ui.screen_text())
        assert canvas.drawing.pictured


async def test_what_is_no_picture_is_told_and_the_drawing_stays(open_app: OpenApp):
    Path("no.png").write_text("no picture")
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        await drag(ui, canvas, (0.5, 0.2), (0.5, 0.8))
        version = canvas.drawing.version
        await ui.press("o", "enter")
        await ui.until(lambda: ui.app.screen is ui.app.drawing and "no.png" in ui.screen_text())
        assert canvas.drawing.version == version


async def test_a_path_is_typed_from_the_root_from_home_or_from_the_folder_on(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    here = Path.cwd()
    (here / "a" / "b").mkdir(parents=True)
    photograph(here / "a" / "q one.png", [(150, 100), (150, 300)])
    monkeypatch.setenv("HOME", str(here))
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        await ui.press("o")
        await ui.until(lambda: isinstance(ui.app.screen, PicturesScreen))
        page = ui.app.screen
        for text, folder in ((f"{here}/a/b", here / "a" / "b"), ("..", here / "a"), ("~", here), ("a", here / "a")):
            # The first letter is typed in the list.
            await ui.press(*text, "enter")
            await ui.until(lambda folder=folder: page.folder == folder and not page.query_one(Input).value)
        for text, words in (
            ("~none/x", "~none/x: there is no such user"),
            ("x.png", "x.png: cannot be opened: No such"),
        ):
            await ui.press(*text, "enter")
            await ui.until(lambda words=words: words in ui.screen_text())
            await ui.press("ctrl+u")
        assert page.folder == here / "a"
        await ui.press("enter")
        ui.app.screen.post_message(events.Paste("~/a/q one.png\n"))
        await ui.until(lambda: "q one.png" in page.query_one(Input).value)
        await ui.press("enter")
        await ui.until(lambda: ui.app.screen is ui.app.drawing and canvas.is_read(ui.run))
        await ui.until(lambda: "q one.png" in ui.screen_text())


async def test_folders_are_gone_through_up_and_down(open_app: OpenApp):
    (Path("a") / "b").mkdir(parents=True)
    async with open_app() as ui:
        await on_canvas(ui)
        here = Path.cwd()
        await ui.press("o")
        await ui.until(
            lambda: isinstance(ui.app.screen, PicturesScreen) and "there are no pictures" in ui.screen_text()
        )
        for keys, folder in ((["enter"], here / "a"), (["enter"], here / "a" / "b"), (["backspace"], here / "a")):
            await ui.press(*keys)
            await ui.until(lambda folder=folder: ui.app.screen.folder == folder)
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.drawing)


async def test_an_entry_that_was_chosen_twice_is_opened_although_the_list_is_another_by_then(open_app: OpenApp):
    for name in ("a", "b", "c"):
        Path(name).mkdir()
    async with open_app() as ui:
        await on_canvas(ui)
        here = Path.cwd()
        await ui.press("o")
        await ui.until(lambda: isinstance(ui.app.screen, PicturesScreen) and "c/" in ui.screen_text())
        options = ui.app.screen.query_one(OptionList)
        options.highlighted = 3
        options.action_select()
        options.action_select()
        await ui.until(lambda: ui.app.screen.folder == here / "c")
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.drawing)


async def test_what_is_said_before_the_screen_stands_is_said_when_it_does(open_app: OpenApp):
    async with open_app() as ui:
        await ui.until(lambda: ui.run.started)
        ui.app.drawing.tell_printed(3)
        ui.app.drawing.say("said early")
        await ui.press("D")
        await ui.until(lambda: ui.app.screen is ui.app.drawing and "said early" in ui.screen_text())


async def test_a_stroke_that_goes_on_is_shown_in_its_time_and_at_once_when_it_ends(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    for name in ("FIRST_S", "SHOWN_S", "ANSWERED_S"):
        monkeypatch.setattr(f"tui_nn.screens.draw.{name}", 1000.0)
    shown = on_pictures(monkeypatch, lambda screen: screen.canvas.drawing.down)
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        del shown[:]
        await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
        await mouse(ui, events.MouseMove, *spot(canvas, 0.3, 0.25))
        assert shown == [], "its first moves come soon"
        monkeypatch.setattr("tui_nn.screens.draw.FIRST_S", 0.0)
        await mouse(ui, events.MouseMove, *spot(canvas, 0.3, 0.3))
        await ui.until(lambda: shown == [True])
        for y in (0.4, 0.5, 0.8):
            await mouse(ui, events.MouseMove, *spot(canvas, 0.3, y))
        assert shown == [True]
        await mouse(ui, events.MouseUp, *spot(canvas, 0.3, 0.8))
        await ui.until(lambda: shown == [True, False])
        await ui.until(lambda: canvas.is_read(ui.run))


async def test_a_stroke_has_a_glance_while_it_goes_on_and_is_looked_at_when_it_ends(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    glances: list[bool] = []
    wish = DigitCanvasPanel.wish

    def noted(canvas: DigitCanvasPanel) -> c.PredictDrawing | c.PredictViews:
        asked = wish(canvas)
        glances.append(isinstance(asked, c.PredictViews) and len(asked.views) == 28 * 28 * 4)
        return asked

    monkeypatch.setattr(DigitCanvasPanel, "wish", noted)
    monkeypatch.setattr("tui_nn.screens.draw.YOUNG_S", 0.0)
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        ui.app.send(c.Pause())  # or it would be looked at again for what has been learned since
        await ui.until(lambda: "paused" in ui.screen_text())
        await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
        await ui.until(lambda: canvas.is_read(ui.run))
        assert set(glances) == {True}
        await mouse(ui, events.MouseUp, *spot(canvas, 0.3, 0.2))
        await ui.until(lambda: glances[-1] is False and canvas.is_read(ui.run))
        del glances[:]
        await ui.press("w")
        await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
        await ui.until(lambda: bool(glances) and canvas.is_read(ui.run))
        await mouse(ui, events.MouseUp, *spot(canvas, 0.3, 0.2))
        await ui.press("space", "right")
        await ui.until(lambda: canvas.drawing.down and canvas.is_read(ui.run))
        assert set(glances) == {False}, "a number, or a pen that keys move, may stay as it is for long"


async def test_what_is_said_of_a_stroke_that_goes_on_is_shown_with_its_next_move_or_in_time(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tui_nn.screens.draw.ANSWERED_S", 1000.0)
    monkeypatch.setattr("tui_nn.screens.draw.YOUNG_S", 0.0)
    shown: list[int] = []
    update = DrawingBarsPanel.update
    monkeypatch.setattr(
        DrawingBarsPanel,
        "update",
        lambda bars, run: shown.append(run.drawing and run.drawing.drawing) or update(bars, run),
    )
    monkeypatch.setattr(TuiNN, "_link_is_free", lambda app: False)  # no frames in between
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
        dot = canvas.number
        await ui.until(lambda: e.DrawingPredicted in ui.app.session._buffer._snapshots)
        assert dot not in shown
        await mouse(ui, events.MouseMove, *spot(canvas, 0.3, 0.5))
        await ui.until(lambda: dot in shown)
        monkeypatch.setattr("tui_nn.screens.draw.ANSWERED_S", 0.0)
        await mouse(ui, events.MouseMove, *spot(canvas, 0.3, 0.8))
        await ui.until(lambda: canvas.number in shown)
        assert canvas.held
        ui.app.send(c.Pause())
        await ui.until(lambda: "paused" in ui.screen_text())


async def test_what_is_said_of_a_stroke_is_shown_though_the_mouse_stands_still_and_no_frame_comes(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    ticks = frames(monkeypatch)
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        ticks.clear()
        await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
        await ui.until(lambda: canvas.is_read(ui.run) and "%" in ui.screen_text())
        assert canvas.held


async def test_a_stroke_that_ends_before_its_next_picture_is_looked_at_at_once(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tui_nn.screens.draw.ANSWERED_S", 1000.0)
    monkeypatch.setattr("tui_nn.screens.draw.YOUNG_S", 0.0)
    ticks = frames(monkeypatch)
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        ui.app.drawing._look._patience_s = inf
        ticks.clear()
        await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
        await ui.until(lambda: e.DrawingPredicted in ui.app.session._buffer._snapshots)
        await mouse(ui, events.MouseUp, *spot(canvas, 0.3, 0.2))
        await ui.until(lambda: canvas.is_read(ui.run))
        assert not canvas.held


async def test_a_stroke_that_has_just_begun_is_not_read_before_it_ends(
    open_app: OpenApp, asked: list[c.AnyCommand], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tui_nn.screens.draw.YOUNG_S", 1000.0)
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        for _ in range(2):
            del asked[:]
            await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
            await mouse(ui, events.MouseMove, *spot(canvas, 0.3, 0.6))
            frames = ui.app.drawing._frame
            await ui.until(lambda frames=frames: ui.app.drawing._frame > frames)
            assert not [command for command in asked if isinstance(command, WISHES)]
            await mouse(ui, events.MouseUp, *spot(canvas, 0.3, 0.6))
            await ui.until(lambda: canvas.is_read(ui.run) and "%" in ui.screen_text())
        await ui.press("space", "down")
        await ui.until(lambda: canvas.drawing.down and canvas.is_read(ui.run))


async def test_the_end_of_a_stroke_is_shown_with_what_it_is_read_as_or_in_its_time(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tui_nn.screens.draw.YOUNG_S", 1000.0)
    monkeypatch.setattr("tui_nn.screens.draw.ANSWERED_S", 1000.0)
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        ticks = frames(monkeypatch)
        monkeypatch.setattr("tui_nn.screens.draw.SHOWN_S", 1000.0)
        ui.app.drawing._look._every_s = inf
        await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
        await ui.until(lambda: canvas.held and not ui.app.drawing._changed)
        ticks.clear()
        shown = on_pictures(monkeypatch, lambda screen: canvas.is_read(screen.run_state))
        await mouse(ui, events.MouseUp, *spot(canvas, 0.3, 0.2))
        await ui.until(lambda: bool(shown))
        assert shown == [True], "one picture"
        assert ui.app.drawing._later is None

        # Where the network takes its time, the ink does not wait for it.
        monkeypatch.setattr("tui_nn.screens.draw.SHOWN_S", 0.0)
        ui.app.session.call_on_answer(lambda: None)
        del shown[:]
        await mouse(ui, events.MouseDown, *spot(canvas, 0.6, 0.2))
        await ui.until(lambda: canvas.held and bool(shown))
        del shown[:]
        await mouse(ui, events.MouseUp, *spot(canvas, 0.6, 0.2))
        await ui.until(lambda: bool(shown))


async def test_a_stroke_ends_where_another_screen_takes_the_mouse(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        await mouse(ui, events.MouseDown, *spot(canvas, 0.3, 0.2))
        await ui.until(lambda: canvas.held)
        await ui.press("D")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        await ui.until(lambda: not canvas.held and not canvas.drawing.down)


async def test_what_the_network_says_leaves_the_picture_as_it_is(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    sketched: list[object] = []
    sketch = DigitCanvasPanel._sketch
    monkeypatch.setattr(DigitCanvasPanel, "_sketch", lambda *about: sketched.append(about) or sketch(*about))
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        await drag(ui, canvas, (0.5, 0.15), (0.5, 0.85))
        await ui.until(lambda: canvas.is_read(ui.run))
        before, step = len(sketched), ui.run.drawing.step
        await ui.until(lambda: ui.run.drawing.step > step)
        await ui.press("x")
        await ui.until(lambda: "or with" in ui.screen_text())
        assert len(sketched) == before + 1


async def test_moves_that_come_together_leave_all_the_ink_that_they_would_have_one_by_one(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        places = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)]
        await drag(ui, canvas, *places)
        alone = canvas.drawing.ink(84, 84).copy()
        await ui.press("x")
        await mouse(ui, events.MouseDown, *spot(canvas, *places[0]))
        moves = [events.MouseMove(None, *spot(canvas, *place), 0, 0, 1, False, False, False) for place in places]
        ui.app.screen._forward_event(next(joined(moves)))
        await ui.pilot.pause()
        await mouse(ui, events.MouseUp, *spot(canvas, *places[-1]))
        assert not canvas.drawing.down
        assert (canvas.drawing.ink(84, 84) == alone).all()


@given(
    sizes=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 9)), min_size=1, max_size=2, unique=True), data=st.data()
)
def test_ink_that_changes_here_and_there_looks_as_if_it_were_drawn_anew(
    sizes: list[tuple[int, int]], data: st.DataObject
):
    canvas = DigitCanvasPanel()
    for rows, columns in data.draw(st.lists(st.sampled_from(sizes), min_size=2, max_size=8)):
        ink = data.draw(arrays(np.uint8, (2 * rows, columns), elements=st.sampled_from([0, 100, 255]), fill=st.just(0)))
        assert canvas._sketch_ink(ink) == sketch(ink / 255)


async def test_the_frame_tells_at_once_that_the_canvas_is_chosen(open_app: OpenApp):
    async with open_app() as ui:
        canvas = await on_canvas(ui)
        while not canvas.marked:
            await ui.press("tab")
        await ui.until(lambda: canvas.render_line(0).text.startswith("╔"))
        await ui.press("escape")
        await ui.until(lambda: canvas.render_line(0).text.startswith("╭"))
