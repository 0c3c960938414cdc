"""Draw docs/layers.svg and docs/gradients.svg: LeNet-5 layer by layer, and four layers of sigmoids while they wake.

python docs/make_layers_pictures.py
"""

import asyncio

from pictures import running, save, until

LOOKS = 20
"""Columns of the history in the picture."""


async def draw_layers() -> None:
    """Look into a layer until its history is full."""
    async with running("lenet") as (app, pilot):
        await until(lambda: app.run_state.epoch >= 1)
        await pilot.press("i")
        await until(lambda: len(app.run_state.snapshots.get(("0", "gradients"), ())) >= LOOKS)
        await pilot.pause(2.0)
        save(app, "layers", "tui-nn --preset lenet")


async def draw_gradients() -> None:
    """The panel of the gradients alone, once they have come through."""
    async with running("vanishing") as (app, pilot):
        await until(lambda: app.run_state.epoch >= 40)
        app.dashboard.maximize_panel("gradient-norms")
        await pilot.pause(2.0)
        save(app, "gradients", "tui-nn --preset vanishing")


if __name__ == "__main__":
    asyncio.run(draw_layers())
    asyncio.run(draw_gradients())
