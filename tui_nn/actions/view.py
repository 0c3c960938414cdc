"""Actions on what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_nn.actions.action import action
from tui_nn.exit_status import INTERRUPTED

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


@action("view.next", "tab", "Panel", "Choose the next panel; its frame shows it", footer=2)
def following(app: TuiNN) -> None:
    app.run_screen.choose_panel(+1)


@action("view.previous", "shift+tab", "Panel back", "Choose the panel before; escape chooses none")
def previous(app: TuiNN) -> None:
    app.run_screen.choose_panel(-1)


@action("view.zoom", "z", "Zoom", "Give the chosen panel (else the main one) the whole screen, and back", footer=7)
def zoom(app: TuiNN) -> None:
    app.run_screen.maximize_panel()


@action("view.plot", "g", "Plot", "What the second plot shows", footer=2, screen="dashboard")
def plot(app: TuiNN) -> None:
    app.dashboard.next_plot()


@action("view.page", "v", "Page", "The next page, where the terminal has no room for all panels", footer=9)
def page(app: TuiNN) -> None:
    app.run_screen.turn_page()


@action("view.scale", "l", "Axis", "Axes for late, small differences, or linear and whole ones")
def scale(app: TuiNN) -> None:
    app.run_screen.toggle_axes()


@action(
    "view.layer", "w", "Layer", "The next layers: of the chosen panel, of the weights, or of the units of the plane"
)
def layer(app: TuiNN) -> None:
    app.run_screen.next_layer()


@action("view.screenshot", "ctrl+s", "Picture", "Save a picture of the screen (SVG) in this folder")
def screenshot(app: TuiNN) -> None:
    app.save_picture()


@action("view.help", "question_mark,f1", "Help", "All keys, and what the panels show", footer=9)
def show_help(app: TuiNN) -> None:
    app.show_help()


@action("view.log", "L", "Log", "What was changed, and what was printed while the screen was on")
def show_log(app: TuiNN) -> None:
    app.show_log()


@action("app.palette", "ctrl+p", "Palette", "Find an action by its name")
def palette(app: TuiNN) -> None:
    app.action_command_palette()


@action("app.quit", "q", "Quit", "Save and leave; pressed twice: leave at once", footer=8)
def leave(app: TuiNN) -> None:
    app.leave()


@action("app.interrupt", "ctrl+c", "Interrupt", "Save and leave, with exit status 130")
def interrupt(app: TuiNN) -> None:
    app.leave(INTERRUPTED)


@action("app.suspend", "ctrl+z", "Suspend", "To the shell, until fg brings it back; the run stands still meanwhile")
def suspend(app: TuiNN) -> None:
    app.step_aside()
