"""Draw docs/diagnosis-*.svg: each preset that begins ill, at its verdict, and `vanishing` once its remedy has worked.

python docs/make_diagnosis_pictures.py [PRESET ...]
"""

import asyncio
import sys

from pictures import running, save, until

from engine.training import commands as c
from engine.training.config import preset_names, read_preset
from tui_nn.app import TuiNN

ILL = tuple(name for name in preset_names() if read_preset(name)[0].startswith("ill: "))

RULES = {"dying-relu": "dead_units", "bad-init": "initialization", "too-fast": "learning_rate"} | {
    "too-slow": "learning_rate"
}
"""Where the verdict has another name than the preset."""

SEEN = 200
"""Steps at which the picture is taken, or later at the verdict: curves have a shape by then."""

CURED = 600
"""Steps after the remedy."""


async def draw(preset: str) -> None:
    """Train until the verdict is there, and look."""
    rule = RULES.get(preset, preset)
    settings = read_preset(preset)[1]
    async with running(preset, **{"dataset": "mnist-5k", "epochs": 50, **settings}) as (app, pilot):
        app.send(c.RunSteps(SEEN))
        await until(lambda: app.run_state.phase == "paused")
        while not any(verdict.rule == rule for verdict in app.run_state.verdicts):
            await train(app, 50)
        while app.run_screen.verdict.rule != rule:
            await pilot.press("A")
        await picture(app, pilot, preset, preset)
        if preset == "vanishing":
            await pilot.press("a")
            await train(app, CURED)
            await picture(app, pilot, "cured", preset)


async def train(app: TuiNN, steps: int) -> None:
    """So many more, and pause."""
    end = app.run_state.step + steps
    app.send(c.RunSteps(steps))
    await until(lambda: app.run_state.step == end and app.run_state.phase == "paused")


async def picture(app: TuiNN, pilot, name: str, preset: str) -> None:
    app.run_state.message = ""
    await pilot.pause(2.0)
    save(app, f"diagnosis-{name}", f"tui-nn --preset {preset}")


if __name__ == "__main__":
    for name in sys.argv[1:] or ILL:
        asyncio.run(draw(name))
