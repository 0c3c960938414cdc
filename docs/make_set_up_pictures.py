"""Draw docs/set-up.svg and docs/preflight.svg: the form of a new run, and the checks of the same network.

python docs/make_set_up_pictures.py
"""

import asyncio
import os
import tempfile
from pathlib import Path

from engine.training.commands import Close
from engine.training.config import make_config, read_preset
from tui_nn.app import TuiNN
from tui_nn.panels.preflight import PreflightPanel
from tui_nn.session import Session

HERE = Path(__file__).parent

SIZE = (120, 30)


async def draw(folder: Path) -> None:
    """Take a picture of each page over a run that is paused."""
    session = Session(make_config(read_preset("lenet")[1]), folder / "last.safetensors", paused=True)
    app = TuiNN(session)
    async with app.run_test(size=SIZE) as pilot:
        while app.run_state.started is None:
            await asyncio.sleep(0.2)
        app.appearance = app.appearance._replace(glyphs="braille", depth="truecolor")
        await pilot.press("N", "tab", "tab")
        await pilot.pause(1.0)
        (HERE / "set-up.svg").write_text(app.export_screenshot(title="tui-nn: N"), encoding="utf-8")
        await pilot.press("escape", "P")
        while len(app.screen.query(PreflightPanel)) == 0 or "6 of 6" not in app.screen.query_one(PreflightPanel).title:
            await asyncio.sleep(0.2)
        await pilot.pause(0.5)
        (HERE / "preflight.svg").write_text(app.export_screenshot(title="tui-nn: P"), encoding="utf-8")
        session.send(Close())
        session.join()


if __name__ == "__main__":
    os.environ["COLORTERM"] = "truecolor"
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(draw(Path(scratch)))
