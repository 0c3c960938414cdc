"""Draw docs/errors.svg and docs/look-inside.svg: what an MLP is wrong about, and why a LeNet-5 reads what it reads.

python docs/make_errors_pictures.py
"""

import asyncio

from pictures import running, save, until


async def draw(name: str, preset: str, keys: list[str]) -> None:
    """Train for three epochs, then look."""
    async with running(preset) as (app, pilot):
        await until(lambda: app.run_state.epoch >= 3)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(2.0)
        save(app, name, f"tui-nn --preset {preset}")


if __name__ == "__main__":
    asyncio.run(draw("errors", "mlp", ["E", "space", "down"]))
    asyncio.run(draw("look-inside", "lenet", ["I", "m", "space", "right", "down", "down", "right"]))
