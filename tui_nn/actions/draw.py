"""Actions on the drawing screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action("draw.open", "D", "Draw", "Draw a digit or a number, and see what the network takes it for; and back", footer=5)
def draw(app: TuiNN) -> None:
    app.toggle(app.drawing)


@action("draw.pen", "space", "Pen", "Set the pen down, or lift it", footer=5, screen="draw")
def pen(app: TuiNN) -> None:
    app.drawing.canvas.toggle_pen()


@action("draw.left", "left,h", "Left", "Move the pen to the left", screen="draw")
def left(app: TuiNN) -> None:
    app.drawing.canvas.move(-1, 0)


@action("draw.down", "down,j", "Down", "Move the pen down", screen="draw")
def down(app: TuiNN) -> None:
    app.drawing.canvas.move(0, +1)


@action("draw.up", "up,k", "Up", "Move the pen up", screen="draw")
def up(app: TuiNN) -> None:
    app.drawing.canvas.move(0, -1)


@action("draw.right", "right,l", "Right", "Move the pen to the right", screen="draw")
def right(app: TuiNN) -> None:
    app.drawing.canvas.move(+1, 0)


@action("draw.erase", "e", "Erase", "Erase with the pen or the mouse, or draw again", footer=6, screen="draw")
def erase(app: TuiNN) -> None:
    app.drawing.canvas.toggle_eraser()


@action("draw.undo", "u", "Undo", "Take the last stroke back, or what cleared the canvas", footer=8, screen="draw")
def undo(app: TuiNN) -> None:
    app.drawing.undo()


@action("draw.clear", "x,delete", "Clear", "Begin with an empty canvas", footer=8, screen="draw")
def clear(app: TuiNN) -> None:
    app.drawing.canvas.clear()


@action(
    "draw.wide",
    "w",
    "Wide",
    "A wide canvas for a number of several digits, or one for a digit",
    footer=5,
    screen="draw",
)
def wide(app: TuiNN) -> None:
    app.drawing.toggle_wide()


@action("draw.thicker", "plus,equals_sign", "Thicker", "Draw with a thicker brush", screen="draw")
def thicker(app: TuiNN) -> None:
    app.drawing.resize_brush(+1)


@action("draw.thinner", "minus", "Thinner", "Draw with a thinner brush", screen="draw")
def thinner(app: TuiNN) -> None:
    app.drawing.resize_brush(-1)


@action(
    "draw.label",
    "enter",
    "Label",
    "Say what it is: saved with that, and trained on from the next epoch",
    footer=7,
    screen="draw",
)
def label(app: TuiNN) -> None:
    app.drawing.label()


@action(
    "draw.save",
    "s",
    "Save",
    "Save the drawing, and it in MNIST's form, as PNG in the folder of the run",
    footer=3,
    screen="draw",
)
def save(app: TuiNN) -> None:
    app.drawing.save()


@action(
    "draw.load",
    "o",
    "Picture",
    "Choose a picture (PNG, JPEG, .npy) to be read as if it had been drawn",
    footer=4,
    screen="draw",
)
def load(app: TuiNN) -> None:
    app.drawing.choose_picture()
