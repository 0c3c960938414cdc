import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from engine.hyperparameters import Hyperparameter
from engine.training import events as e
from engine.training.commands import Close
from engine.training.config import make_config
from tui_nn.app import TuiNN
from tui_nn.panels.panel import Panel
from tui_nn.run_state import RunState
from tui_nn.screens.run_screen import RunScreen
from tui_nn.session import Session
from tui_nn.settings import Settings

ENDLESS = 1_000_000
"""Epochs that no test lives to see the end of."""

MODEL = "Flatten, Linear(16), ReLU, Linear(12), ReLU, Linear(10)"

PATIENCE = 1500
"""Looks at a condition, a fiftieth of a second apart, before a test gives up: far more than any of them needs."""

NO_LIKES = Settings()

LEARNING_RATE = Hyperparameter("learning_rate", 0.1, 1e-8, 1000.0, "log", "size of a step")
WEIGHT_DECAY = Hyperparameter("weight_decay", 0.0, 1e-6, 10.0, "log", "pull of the weights towards zero", zero=True)
BATCH_SIZE = Hyperparameter("batch_size", 32.0, 1.0, 65536.0, "log2", "samples a step")


@pytest.fixture
def make_started() -> Callable[..., e.RunStarted]:
    """make_started("Linear(8)", "Linear(3)", **changes): a run of those learning layers, a ReLU behind each."""

    def make(*texts: str, **changes: Any) -> e.RunStarted:
        texts = texts or ("Linear(8)", "Linear(3)")
        about = {
            "run": "run",
            "config": make_config({"model": ", ReLU, ".join(texts), "optimizer": "sgd"}),
            "dataset": "mnist-5k",
            "class_names": ("zero", "one", "two"),
            "train_count": 3200,
            "validation_count": 400,
            "test_count": 1000,
            "layers": tuple(e.LayerInfo(str(2 * n), text, (8,), (8,), 100) for n, text in enumerate(texts)),
            "parameters": 100 * len(texts),
            "hyperparameters": (LEARNING_RATE, WEIGHT_DECAY, BATCH_SIZE),
            "threads": 1,
            "step": 0,
            "epoch": 0.0,
            "epochs": 10,
            "steps_per_epoch": 100,
            "compile_seconds": 0.5,
        }
        return e.RunStarted(**{**about, **changes})

    return make


@pytest.fixture
def make_steps() -> Callable[..., e.StepsEnded]:
    """make_steps(step, loss, norms=..., **changes): what a trainer tells of the ten steps up to that one."""

    def make(
        step: int = 10, loss: float = 2.0, *, norms: tuple[float, ...] = (0.2, 0.4), **changes: Any
    ) -> e.StepsEnded:
        about = {
            "first_step": step - 9,
            "step": step,
            "epoch": step / 100,
            "epochs": 10,
            "loss": e.Range(loss, loss * 0.5, loss * 1.5),
            "accuracy": 0.25,
            "gradient_norms": tuple(e.Range(norm, norm, norm) for norm in norms),
            "learning_rate": 0.1,
            "samples": 320,
            "seconds": 0.05,
        }
        return e.StepsEnded(**{**about, **changes})

    return make


@pytest.fixture
def make_look() -> Callable[..., e.LayerInspected]:
    """make_look(**changes): a look into the first layer, of eight units, one of them dead."""

    def make(**changes: Any) -> e.LayerInspected:
        tally = e.Tally(-1.0, 1.0, (1, 2, 5, 2), mean=0.0, deviation=0.5)
        values = bytes(range(0, 96)) * 2
        pictures = e.Pictures(count=8, first=0, shown=2, columns=12, rows=8, whole=12, bound=0.5, values=values)
        about = {
            "step": 1,
            "layer": 0,
            "layer_count": 2,
            "name": "0",
            "given": "Linear(8), ReLU",
            "weights": tally,
            "gradients": msgspec.structs.replace(tally, low=-0.01, high=0.01, under=3, over=4),
            "activations": msgspec.structs.replace(tally, low=0.0),
            "samples": 250,
            "units": (e.UnitFigures("0", 8, dead=1), e.UnitFigures("2", 3, saturated=0.6)),
            "dead": (1,),
            "kind": "pixels",
            "pictures": pictures,
            "maps": pictures,
            "sample": msgspec.structs.replace(pictures, count=1, shown=1, values=values[:96]),
            "digit": 0,
            "seconds": 0.001,
        }
        return e.LayerInspected(**{**about, **changes})

    return make


@pytest.fixture
def run(make_started: Callable[..., e.RunStarted]) -> RunState:
    """A run that has just started: two layers that learn, ten epochs of a hundred steps."""
    state = RunState()
    state.apply(make_started())
    return state


class Ui:
    """The dashboard as a user has it: keys, and what stands on the screen."""

    def __init__(self, app: TuiNN, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def run(self) -> RunState:
        return self.app.run_state

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def until(self, condition: Callable[[], Any], what: str = "") -> None:
        """Wait for a condition; fails with what was waited for, and where the run was."""
        for _ in range(PATIENCE):
            if condition():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"never came true: {what or condition}; {self.run.phase} {self.text('#status')!r}")

    async def settle(self) -> None:
        """Wait until what was asked for is laid out and drawn."""
        for _ in range(3):
            await self.pilot.pause()
        self.app.run_screen.show(self.run)
        await self.pilot.pause()

    def text(self, selector: str) -> str:
        """The characters that stand in a widget now, a panel's frame left out."""
        widget = self.widget(selector)
        lines = [widget.render_line(y).text for y in range(widget.size.height)]
        framed = isinstance(widget, Panel) and widget.framed
        return "\n".join([line[1:-1] for line in lines[1:-1]] if framed else lines)

    def screen_text(self) -> str:
        """All that is on the screen, a line a row."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    def widget(self, selector: str) -> Widget:
        return self.app.dashboard.query_one(selector)

    def seen(self) -> list[Panel]:
        """The panels that have a place on the screen."""
        return [panel for panel in self.app.dashboard.query(Panel) if panel.is_on_screen and panel.size]

    async def seen_on_pages(self, screen: RunScreen) -> set[str | None]:
        """The panels that have a place on one of the screen's pages."""
        seen: set[str | None] = set()
        for _ in screen.arrangement.pages:
            seen |= {panel.id for panel in screen.panels if panel.is_on_screen and panel.size}
            await self.press("v")
            await self.settle()
        return seen


OpenApp = Callable[..., AbstractAsyncContextManager[Ui]]

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> list[Any]:
    """The events of a file of the folder."""
    # JSON has null for NaN, which is the default wherever it can occur.
    lines = (json.loads(line) for line in (RECORDED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    return msgspec.convert([_without_null(line) for line in lines], list[e.AnyEvent])


def _without_null(line: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_null(value) if isinstance(value, dict) else value
        for name, value in line.items()
        if value is not None
    }


class Recording(Session):
    """A session that tells what another one once told, and then nothing."""

    def run(self) -> None:
        for event in recorded("mlp"):
            self._buffer.put(event)
        while not isinstance(self._commands.get(), Close):
            pass


@pytest.fixture
def open_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    """open_recording(size): the dashboard on a recorded run, the same on every machine."""
    # A message stays; no time passes.
    monkeypatch.setattr("tui_nn.panels.status.monotonic", lambda: 0.0)

    @asynccontextmanager
    async def opened(size: tuple[int, int]) -> AsyncIterator[Ui]:
        session = Recording(make_config({}), tmp_path / "last.safetensors", pace=2.0)
        app = TuiNN(session)
        try:
            async with app.run_test(size=size) as pilot:
                ui = Ui(app, pilot)
                await ui.until(lambda: ui.run.prediction and ui.run.histograms, "the end of the recording")
                await ui.settle()
                yield ui
        finally:
            session.send(Close())

    return opened


@pytest.fixture
def recorded_looks() -> list[Any]:
    """Looks into the first layer of the recorded run, the last one with pictures."""
    return recorded("layers")


@pytest.fixture
def recorded_errors() -> list[Any]:
    """What a network is wrong about: a measurement, its mistakes, its suspects, and a cell of the matrix, 4 as 9."""
    return recorded("errors")


@pytest.fixture
def recorded_inside() -> list[Any]:
    """The fourth digit, moved and turned, and what is inside it."""
    return recorded("inside")


@pytest.fixture
def open_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    """open_app(size=..., wait=..., likes=..., **settings): the dashboard on a real run at full speed, without end."""
    monkeypatch.chdir(tmp_path)
    # Pilot waits after a key until the process rests, which it never does while it trains.
    for module in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{module}.wait_for_idle", lambda *_: asyncio.sleep(0.01))

    @asynccontextmanager
    async def opened(
        *,
        size: tuple[int, int] = (120, 40),
        wait: bool = True,
        pace: float = 0.0,
        paused: bool = False,
        likes: Settings = NO_LIKES,
        **settings: Any,
    ) -> AsyncIterator[Ui]:
        config = make_config({"model": MODEL, "epochs": ENDLESS, **settings})
        session = Session(config, tmp_path / "last.safetensors", pace=pace, paused=paused)
        app = TuiNN(session, likes)
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                ui = Ui(app, pilot)
                if wait:
                    await ui.until(lambda: ui.run.started and (paused or ui.run.step > 0), "the first steps")
                yield ui
        finally:
            # Left alone, the training thread would go on for ever.
            session.send(Close())
            session.join()

    return opened
