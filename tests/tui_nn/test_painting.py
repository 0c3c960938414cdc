"""What is painted past Textual's compositor leaves the screen that the compositor would have left."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyte
import pytest
from textual.geometry import Region
from textual.widgets import Tooltip

from engine.training import commands as c
from engine.training import events as e
from engine.training.config import make_config
from tui_nn import painting
from tui_nn.app import TuiNN
from tui_nn.panels.panel import _differences
from tui_nn.plots import Span
from tui_nn.session import Session
from tui_nn.settings import Settings

OpenApp = Callable[..., Any]


def test_differences_are_the_spans_that_were_not_there():
    a, b, c_, d = (Span(text, role) for text, role in (("ab", "x"), ("cde", ""), ("f", "y"), ("xyz", "")))
    assert _differences((a, b, c_), (a, d, c_)) == [(2, [d])]
    assert _differences((a, b, c_), (d, b, c_)) == [(0, [d, b, c_])]  # moved by a cell
    assert _differences((a, b, a, b), (a, d, a, d)) == [(2, [d]), (7, [d])]
    # The same text in another role is another span.
    assert _differences((a, b, c_), (a, b, Span("g", "y"))) == [(5, [Span("g", "y")])]
    assert _differences((a,), (Span("ab", "z"),)) == [(0, [Span("ab", "z")])]
    assert _differences((a, b), (a, b)) == []
    assert _differences((), (a,)) == [(0, [a])]


class Watch:
    """A terminal: what Textual's compositor has as the screen, and then what was painted on it."""

    def __init__(self, ui: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = ui.app
        width, height = ui.app.size
        self.screen = pyte.Screen(width, height)
        self.stream = pyte.Stream(self.screen)
        self.patches = 0
        self.compositor()
        monkeypatch.setattr("tui_nn.screens.run_screen.paint", self.take)
        monkeypatch.setattr("tui_nn.panels.panel.paint", self.take)

    def compositor(self) -> None:
        console = self.app.console
        for y, strip in enumerate(self.app.screen._compositor.render_strips()):
            self.stream.feed(f"\x1b[{y + 1};1H{strip.render(console)}")

    def take(self, app: TuiNN, patches: Any, *, answers: bool = True) -> None:
        for patch in patches:
            self.patches += 1
            self.stream.feed(f"\x1b[{patch.y + 1};{patch.x + 1}H{patch.text}")

    def cells(self) -> list[list[tuple[Any, ...]]]:
        buffer = self.screen.buffer
        columns = range(self.screen.columns)
        return [[(*buffer[y][x],)[:4] for x in columns] for y in range(self.screen.lines)]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=str)
async def test_frames_that_were_painted_equal_a_full_repaint(
    size: tuple[int, int], open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    # Frames come from this test alone, so that nothing is painted between two looks.
    async with open_app(size=size, paused=True, likes=Settings(rate=1 / 3600)) as ui:
        run, dashboard = ui.run, ui.app.dashboard
        dashboard.show(run)
        await ui.pilot.pause(0.1)
        watch = Watch(ui, monkeypatch)
        assert painting.is_bare(dashboard)
        draw = random.Random(0)
        for frame in range(30):
            step = 10 * (frame + 1)
            loss = draw.choice([0.01, 0.5, 3.0, float("nan")])
            norms = tuple(e.Range(draw.random(), 0.0, 2.0) for _ in range(3))
            run.apply(
                e.StepsEnded(step - 9, step, step / 100, 9, e.Range(loss, loss, loss), 0.3, norms, 0.1, 320, 0.05)
            )
            if frame % 3 == 0:
                run.apply(e.Evaluated(step, step / 100, "validation", 1.0, draw.random(), 400))
            if frame % 7 == 0:
                run.apply(e.CommandRefused(step, f"message {draw.randint(0, 10**6)}"))
            dashboard.show(run)
            painted = watch.cells()
            watch.compositor()
            assert painted == watch.cells(), f"frame {frame}"
        assert watch.patches > 100


async def test_under_a_message_or_a_tooltip_textual_paints(open_app: OpenApp):
    async with open_app(paused=True) as ui:
        dashboard = ui.app.dashboard
        assert painting.is_bare(dashboard)
        ui.app.notify("a message", timeout=3600)
        await ui.until(lambda: not painting.is_bare(dashboard), "the message lies over the screen")
        ui.app.clear_notifications()
        await ui.until(lambda: painting.is_bare(dashboard), "the message is gone")
        tooltip = Tooltip("what a key does")
        await dashboard.mount(tooltip)
        tooltip.display = True
        assert not painting.is_bare(dashboard)
        tooltip.display = False
        await ui.press("question_mark")
        await ui.until(lambda: ui.app.screen is not dashboard)
        assert not painting.is_bare(dashboard)


async def test_under_a_message_textual_is_told_which_rows_to_paint(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    async with open_app(paused=True) as ui:
        ui.app.notify("a message", timeout=3600)
        await ui.until(lambda: not painting.is_bare(ui.app.dashboard))
        panel = ui.widget("#hyperparameters")
        regions: list[Region] = []
        monkeypatch.setattr(panel, "refresh", lambda *rows, **_: regions.extend(rows))
        ui.app.send(c.SetHyperparameter("learning_rate", 0.0625))
        await ui.until(lambda: regions, "rows to paint")
        row = next(y for y in range(panel.size.height) if "0.0625" in panel.render_line(y).text)
        assert regions == [Region(0, row, panel.size.width, 1)]


def test_what_is_painted_reaches_the_driver_in_one_piece(tmp_path: Path):
    written: list[str] = []

    class Driver:
        is_headless = False

        def write(self, text: str) -> None:
            written.append(text)

    app = TuiNN(Session(make_config({}), tmp_path / "last.safetensors"))
    app._driver = Driver()  # type: ignore[assignment]
    app._sync_available = True
    painting.paint(app, [painting.Patch(2, 0, "one"), painting.Patch(0, 4, "two")])
    painting.paint(app, [])
    assert written == ["\x1b[?2026h\x1b[1;3Hone\x1b[5;1Htwo\x1b[?2026l"]
