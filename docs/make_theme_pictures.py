"""Draw docs/theme-*.svg: the dashboard in each theme, on the same run some forty seconds after its beginning.

python docs/make_theme_pictures.py
"""

import asyncio
import os
import tempfile
from pathlib import Path

from engine.training.commands import Close
from engine.training.config import make_config, read_preset
from tui_nn.app import TuiNN
from tui_nn.pace import WATCHABLE_S
from tui_nn.session import Session
from tui_nn.themes import theme_names

HERE = Path(__file__).parent

SIZE = (120, 40)

EPOCHS = 20
"""At the usual pace forty seconds."""


async def draw(folder: Path) -> None:
    """Train, and take a picture of each theme while it goes on."""
    config = make_config({**read_preset("mlp")[1], "seed": 0, "epochs": 2 * EPOCHS})
    session = Session(config, folder / "last.safetensors", pace=WATCHABLE_S)
    app = TuiNN(session)
    async with app.run_test(size=SIZE) as pilot:
        while app.run_state.epoch < EPOCHS:
            await asyncio.sleep(0.2)
        for name in theme_names():
            app.appearance = app.appearance._replace(theme=name, glyphs="braille", depth="truecolor")
            await pilot.pause(1.0)
            title = f"tui-nn --theme {name}"
            (HERE / f"theme-{name}.svg").write_text(app.export_screenshot(title=title), encoding="utf-8")
        session.send(Close())
        session.join()


if __name__ == "__main__":
    os.environ["COLORTERM"] = "truecolor"
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(draw(Path(scratch)))
