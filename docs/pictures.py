"""What the scripts of these pictures have in common: a dashboard with nobody before it, and its screen as an SVG."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from engine.training.commands import Close
from engine.training.config import make_config, read_preset
from tui_nn.app import TuiNN
from tui_nn.session import Session

HERE = Path(__file__).parent


@asynccontextmanager
async def running(
    preset: str, *, size: tuple[int, int] = (120, 40), paused: bool = False, pace: float = 0.0, **settings: Any
) -> AsyncIterator[tuple[TuiNN, Pilot]]:
    """Train a preset on a screen of so many cells, as it looks on a terminal that can do everything."""
    os.environ["COLORTERM"] = "truecolor"
    config = make_config({**read_preset(preset)[1], "seed": 0, "epochs": 1000, **settings})
    with tempfile.TemporaryDirectory() as scratch:
        session = Session(config, Path(scratch) / "last.safetensors", paused=paused, pace=pace)
        app = TuiNN(session)
        async with app.run_test(size=size) as pilot:
            app.appearance = app.appearance._replace(theme="dark", glyphs="braille", depth="truecolor")
            yield app, pilot
            session.send(Close())
            session.join()


async def until(condition: Callable[[], object]) -> None:
    """Wait for as long as that takes."""
    while not condition():
        await asyncio.sleep(0.1)


def save(app: TuiNN, name: str, title: str) -> None:
    """The screen as it is."""
    (HERE / f"{name}.svg").write_text(app.export_screenshot(title=title), encoding="utf-8")
