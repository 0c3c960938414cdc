"""Draw docs/theme-*.svg: the dashboard in each theme, on the same run some forty seconds after its beginning.

python docs/make_theme_pictures.py
"""

import asyncio

from pictures import running, save, until

from tui_nn.pace import WATCHABLE_S
from tui_nn.themes import theme_names

EPOCHS = 20
"""At the usual pace forty seconds."""


async def draw() -> None:
    """Train, and take a picture of each theme while it goes on."""
    async with running("mlp", pace=WATCHABLE_S, epochs=2 * EPOCHS) as (app, pilot):
        await until(lambda: app.run_state.epoch >= EPOCHS)
        for name in theme_names():
            app.appearance = app.appearance._replace(theme=name)
            await pilot.pause(1.0)
            save(app, f"theme-{name}", f"tui-nn --theme {name}")


if __name__ == "__main__":
    asyncio.run(draw())
