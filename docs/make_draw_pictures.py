"""Draw docs/draw.svg and docs/draw-number.svg: a seven and a number by hand, read by a LeNet-5 after five epochs.

python docs/make_draw_pictures.py
"""

import asyncio
from math import cos, pi, sin

from pictures import running, save, until

EPOCHS = 5

Stroke = list[tuple[float, float]]

SEVEN: list[Stroke] = [
    [(0.22, 0.21), (0.34, 0.2), (0.5, 0.19), (0.74, 0.17), (0.66, 0.33), (0.57, 0.5), (0.5, 0.66), (0.46, 0.84)]
]
FOUR: list[Stroke] = [
    [(0.36, 0.16), (0.3, 0.36), (0.26, 0.52), (0.5, 0.53), (0.76, 0.5)],
    [(0.62, 0.24), (0.6, 0.5), (0.57, 0.85)],
]
TWO: list[Stroke] = [
    [(0.28, 0.3), (0.34, 0.2), (0.48, 0.15), (0.62, 0.2), (0.66, 0.32), (0.6, 0.46), (0.28, 0.82), (0.74, 0.8)],
]
ZERO: list[Stroke] = [[(0.5 + 0.2 * sin(n * pi / 12), 0.5 - 0.34 * cos(n * pi / 12)) for n in range(25)]]


async def draw() -> None:
    """Train, and draw while it goes on."""
    async with running("lenet") as (app, pilot):
        await until(lambda: app.run_state.epoch >= EPOCHS)
        app.toggle(app.drawing)
        await pilot.pause(1.0)
        for digits, name in (([SEVEN], "draw"), ([FOUR, ZERO, TWO], "draw-number")):
            canvas = app.drawing.canvas
            canvas.clear()
            if len(digits) > 1:
                app.drawing.toggle_wide()
            for place, strokes in enumerate(digits):
                for stroke in strokes:
                    for moment, (x, y) in enumerate(stroke):
                        at = x + (0.25 + place if len(digits) > 1 else 0.0)
                        canvas.drawing.move(at, y) if moment else canvas.drawing.press(at, y, 1.4 / 28)
                    canvas.drawing.lift()
            canvas.changed()
            await until(lambda canvas=canvas: canvas.is_read(app.run_state))
            await pilot.pause(1.0)
            save(app, name, "tui-nn --preset lenet")


if __name__ == "__main__":
    asyncio.run(draw())
