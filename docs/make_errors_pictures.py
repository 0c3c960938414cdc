"""Draw docs/errors.svg and docs/look-inside.svg: what an MLP is wrong about, and why a LeNet-5 reads what it reads.

python docs/make_errors_pictures.py
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


async def draw(folder: Path, name: str, preset: str, epochs: float, keys: list[str]) -> None:
    """Train so long, then look."""
    config = make_config({**read_preset(preset)[1], "seed": 0, "epochs": 1000})
    session = Session(config, folder / f"{name}.safetensors")
    app = TuiNN(session)
    async with app.run_test(size=SIZE) as pilot:
        while app.run_state.epoch < epochs:
            await asyncio.sleep(0.05)
        app.appearance = app.appearance._replace(theme="dark", glyphs="braille", depth="truecolor")
        for key in keys:
            await pilot.press(key)
            await pilot.pause(2.0)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title=f"tui-nn --preset {preset}"), encoding="utf-8")
        session.send(Close())
        session.join()


if __name__ == "__main__":
    os.environ["COLORTERM"] = "truecolor"
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(draw(Path(scratch), "errors", "mlp", 3, ["E", "space", "down"]))
        keys = ["I", "m", "space", "right", "down", "down", "right"]
        asyncio.run(draw(Path(scratch), "look-inside", "lenet", 3, keys))
