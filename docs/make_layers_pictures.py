"""Draw docs/layers.svg and docs/gradients.svg: LeNet-5 layer by layer, and four layers of sigmoids while they wake.

python docs/make_layers_pictures.py
"""

import asyncio
import os
import tempfile
from pathlib import Path

from engine.training.commands import Close
from engine.training.config import make_config, read_preset
from tui_nn.app import TuiNN
from tui_nn.session import Session

HERE = Path(__file__).parent

SIZE = (120, 40)

LOOKS = 20
"""Columns of the history in the picture."""


async def draw(folder: Path, name: str, preset: str, epochs: float) -> None:
    """Train so long, then look."""
    config = make_config({**read_preset(preset)[1], "seed": 0, "epochs": 1000})
    session = Session(config, folder / f"{name}.safetensors")
    app = TuiNN(session)
    async with app.run_test(size=SIZE) as pilot:
        while app.run_state.epoch < epochs:
            await asyncio.sleep(0.1)
        app.appearance = app.appearance._replace(theme="dark", glyphs="braille", depth="truecolor")
        if name == "layers":
            await pilot.press("i")
            while len(app.run_state.snapshots.get(("0", "gradients"), ())) < LOOKS:
                await asyncio.sleep(0.1)
        else:
            app.dashboard.maximize_panel("gradient-norms")
        await pilot.pause(2.0)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title=f"tui-nn --preset {preset}"), encoding="utf-8")
        session.send(Close())
        session.join()


if __name__ == "__main__":
    os.environ["COLORTERM"] = "truecolor"
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(draw(Path(scratch), "layers", "lenet", 1))
        asyncio.run(draw(Path(scratch), "gradients", "vanishing", 40))
