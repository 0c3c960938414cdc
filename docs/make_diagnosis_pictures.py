"""Draw docs/diagnosis-*.svg: each preset that begins ill, at its verdict, and `vanishing` once its remedy has worked.

python docs/make_diagnosis_pictures.py [PRESET ...]
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from engine.training import commands as c
from engine.training.config import make_config, preset_names, read_preset
from tui_nn.app import TuiNN
from tui_nn.session import Session

HERE = Path(__file__).parent

SIZE = (120, 40)

ILL = tuple(name for name in preset_names() if read_preset(name)[0].startswith("ill: "))

RULES = {"dying-relu": "dead_units", "bad-init": "initialization", "too-fast": "learning_rate"} | {
    "too-slow": "learning_rate"
}
"""Where the verdict has another name than the preset."""

SEEN = 200
"""Steps at which the picture is taken, or later at the verdict: curves have a shape by then."""

CURED = 600
"""Steps after the remedy."""


async def draw(folder: Path, preset: str) -> None:
    """Train until the verdict is there, and look."""
    config = make_config({"dataset": "mnist-5k", **read_preset(preset)[1], "seed": 0})
    session = Session(config, folder / f"{preset}.safetensors")
    app = TuiNN(session)
    rule = RULES.get(preset, preset)
    async with app.run_test(size=SIZE) as pilot:
        app.appearance = app.appearance._replace(theme="dark", glyphs="braille", depth="truecolor")
        session.send(c.RunSteps(SEEN))
        await until(pilot, lambda: app.run_state.phase == "paused")
        while not any(verdict.rule == rule for verdict in app.run_state.verdicts):
            step = app.run_state.step
            session.send(c.RunSteps(50))
            await until(pilot, lambda step=step: app.run_state.step > step and app.run_state.phase == "paused")
        while app.run_screen.verdict.rule != rule:
            await pilot.press("A")
        await picture(app, pilot, preset, preset)
        if preset == "vanishing":
            step = app.run_state.step
            await pilot.press("a")
            session.send(c.RunSteps(CURED))
            await until(pilot, lambda: app.run_state.step == step + CURED and app.run_state.phase == "paused")
            await picture(app, pilot, "cured", preset)
        session.send(c.Close())
        session.join()


async def until(pilot, condition) -> None:
    while not condition():
        await pilot.pause(0.1)


async def picture(app: TuiNN, pilot, name: str, preset: str) -> None:
    app.run_state.message = ""
    await pilot.pause(2.0)
    path = HERE / f"diagnosis-{name}.svg"
    path.write_text(app.export_screenshot(title=f"tui-nn --preset {preset}"), encoding="utf-8")


if __name__ == "__main__":
    os.environ["COLORTERM"] = "truecolor"
    with tempfile.TemporaryDirectory() as scratch:
        for name in sys.argv[1:] or ILL:
            asyncio.run(draw(Path(scratch), name))
