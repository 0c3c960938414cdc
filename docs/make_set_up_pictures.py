"""Draw docs/set-up.svg and docs/preflight.svg: the form of a new run, and the checks of the same network.

python docs/make_set_up_pictures.py
"""

import asyncio

from pictures import running, save, until

from engine.training.config import read_preset
from tui_nn.panels.preflight import PreflightPanel


async def draw() -> None:
    """Take a picture of each page over a run that is paused."""
    epochs = read_preset("lenet")[1]["epochs"]
    async with running("lenet", size=(120, 30), paused=True, epochs=epochs) as (app, pilot):
        await until(lambda: app.run_state.started)
        await pilot.press("N", "tab", "tab")
        await pilot.pause(1.0)
        save(app, "set-up", "tui-nn: N")
        await pilot.press("escape", "P")
        await until(lambda: [panel for panel in app.screen.query(PreflightPanel) if "6 of 6" in panel.title])
        await pilot.pause(0.5)
        save(app, "preflight", "tui-nn: P")


if __name__ == "__main__":
    asyncio.run(draw())
