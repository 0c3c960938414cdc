"""Actions on the curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_nn.actions.action import action

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action(
    "plot.earlier",
    "left_square_bracket",
    "Earlier",
    "Read the curves' values at a cursor; move it back",
    screen="dashboard",
)
def earlier(app: TuiNN) -> None:
    app.dashboard.look(lambda view, run, cell: view.move_cursor(-cell, run))


@action("plot.later", "right_square_bracket", "Later", "Move the cursor on", screen="dashboard")
def later(app: TuiNN) -> None:
    app.dashboard.look(lambda view, run, cell: view.move_cursor(cell, run))


@action(
    "plot.uncursor", "escape", "No cursor", "Show the latest values instead of those at the cursor", screen="dashboard"
)
def uncursor(app: TuiNN) -> None:
    app.dashboard.look(lambda view, run, cell: view.clear())


@action(
    "plot.closer",
    "right_curly_bracket",
    "Closer",
    "Show half as many steps, around the cursor or the newest",
    screen="dashboard",
)
def closer(app: TuiNN) -> None:
    app.dashboard.look(lambda view, run, cell: view.zoom(0.5, run))


@action("plot.wider", "left_curly_bracket", "Wider", "Show twice as many steps", screen="dashboard")
def wider(app: TuiNN) -> None:
    app.dashboard.look(lambda view, run, cell: view.zoom(2.0, run))


@action("plot.whole", "0", "Whole", "Show the whole run again", screen="dashboard")
def whole(app: TuiNN) -> None:
    app.dashboard.look(lambda view, run, cell: view.show_all())


@action(
    "plot.smooth",
    "y",
    "Smooth",
    "Smooth the training curves: not, 0.6, 0.9, 0.97 of the mean before",
    screen="dashboard",
)
def smooth(app: TuiNN) -> None:
    app.dashboard.look(lambda view, run, cell: view.next_smoothing())


@action(
    "plot.before",
    "h",
    "Before",
    "Show or hide what a restart, an undo or a rewind left behind, in grey",
    screen="dashboard",
)
def before(app: TuiNN) -> None:
    app.dashboard.toggle_before()
