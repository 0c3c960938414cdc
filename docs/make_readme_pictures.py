"""Draw docs/dashboard.svg, docs/steering.svg and docs/boundary.svg: a run, a change taken back, and a plane.

python docs/make_readme_pictures.py
"""

import asyncio

from pictures import running, save, until

from engine.training.commands import Pause, SetHyperparameter, Undo
from tui_nn.pace import WATCHABLE_S

MINUTE = 30
"""Epochs of `mlp` at the usual pace."""


async def draw_dashboard() -> None:
    """A minute of training."""
    async with running("mlp", pace=WATCHABLE_S, epochs=50) as (app, pilot):
        await until(lambda: app.run_state.epoch >= MINUTE)
        await pilot.pause(1.0)
        save(app, "dashboard", "tui-nn")


async def draw_steering() -> None:
    """A rate that is far too high, and back."""
    async with running("mlp", pace=WATCHABLE_S, epochs=50) as (app, pilot):
        await until(lambda: app.run_state.epoch >= 8)
        app.send(SetHyperparameter("learning_rate", 0.2))
        step = app.run_state.step
        await until(lambda: app.run_state.step >= step + 500)
        app.send(Undo())
        await until(lambda: app.run_state.before is not None and app.run_state.epoch >= 18)
        await pilot.pause(1.0)
        save(app, "steering", "tui-nn")


async def draw_boundary() -> None:
    """Three arms, told apart."""
    async with running("spiral") as (app, pilot):
        await until(lambda: app.run_state.epoch >= 60)
        app.toggle(app.boundary)
        await until(lambda: app.run_state.units is not None)
        app.send(Pause())
        await pilot.pause(2.0)
        save(app, "boundary", "tui-nn --dataset spiral")


if __name__ == "__main__":
    asyncio.run(draw_dashboard())
    asyncio.run(draw_steering())
    asyncio.run(draw_boundary())
