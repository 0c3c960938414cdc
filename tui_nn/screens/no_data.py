"""What to do about a data set that could not be downloaded."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

from engine.training.commands import AnyCommand, ChooseDataset, Restart
from engine.training.events import DownloadFailed


class NoDataScreen(ModalScreen[AnyCommand]):
    """Says what was tried, and gives back the command to go on with. Whoever leaves it sees the dashboard as it is."""

    DEFAULT_CSS = """
    NoDataScreen { align: center middle; background: transparent; }
    NoDataScreen > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 100%; border: round $error; padding: 0 1;
        background: $surface; overflow-y: auto;
    }
    NoDataScreen Label { width: 100%; margin-bottom: 1; }
    """
    BINDINGS: ClassVar = [
        ("enter", "go_on", "Go on"),
        ("r", "again", "Again"),
        ("escape", "dismiss", "Close"),
        ("q", "app.perform('app.quit')", "Quit"),
        ("ctrl+c", "app.perform('app.interrupt')", "Interrupt"),
    ]

    def __init__(self, failed: DownloadFailed) -> None:
        super().__init__()
        self._failed = failed

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"No data: {self._failed.dataset}"
            box.border_subtitle = "r tries again   q leaves"
            yield Label(self._failed.message, markup=False)
            if self._failed.fallback:
                yield Label(f"enter: go on with {self._failed.fallback}, which is here", id="fallback")

    def action_go_on(self) -> None:
        if self._failed.fallback:
            self.dismiss(ChooseDataset(self._failed.fallback))

    def action_again(self) -> None:
        self.dismiss(Restart())
