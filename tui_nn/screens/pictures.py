"""Choosing a picture: the folders and pictures of a folder, in a list, or a path that is typed."""

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key, Paste
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from engine.datasets.base import printable
from engine.errors import UserError
from tui_nn.drawing_files import list_pictures, typed_path
from tui_nn.screens.page import Page

MOST = 2000
"""Entries that are listed of a folder."""


class PicturesScreen(Page[Path]):
    """Gives back the picture that was chosen; `folder` is where one looked last."""

    DEFAULT_CSS = """
    PicturesScreen { align: center middle; }
    PicturesScreen > Vertical {
        width: 76; max-width: 100%; height: 80%; border: round $accent; padding: 0 1; background: $surface;
    }
    PicturesScreen OptionList { height: 1fr; background: $surface; }
    PicturesScreen #error { color: $error; }
    """
    BINDINGS: ClassVar = [("escape", "leave", "Leave"), ("backspace,left", "up", "The folder above")]

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_subtitle = "enter opens   backspace goes up   escape leaves it"
            yield OptionList(compact=True)
            # What brought one here by being typed must not be selected, or the next letter would replace it.
            yield Input(
                placeholder="or type a path: /..., ~/..., or from this folder on", compact=True, select_on_focus=False
            )
            yield Label(id="error", markup=False)

    def on_mount(self) -> None:
        self._list(self.folder)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        assert event.option_id is not None
        self._open(Path(event.option_id))  # the list may be another one by now

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            self.query_one(OptionList).focus()
            return
        try:
            path = typed_path(text, self.folder)
        except UserError as problem:
            self.query_one("#error", Label).update(str(problem))
            return
        self._open(path)

    def on_key(self, event: Key) -> None:
        # The list itself has no use for letters.
        if event.character is not None and event.is_printable:
            event.stop()
            self._type(event.character)

    def on_paste(self, event: Paste) -> None:
        event.stop()
        self._type("".join(event.text.splitlines()[:1]))

    def action_up(self) -> None:
        self._list(self.folder.parent)

    def action_leave(self) -> None:
        self.dismiss(None)

    def _type(self, text: str) -> None:
        line = self.query_one(Input)
        line.focus()
        line.insert_text_at_cursor(text)

    def _open(self, chosen: Path) -> None:
        """Look into a folder; give a file back."""
        if chosen.is_dir():
            self._list(chosen)
        else:
            self.dismiss(chosen)

    def _list(self, folder: Path) -> None:
        """Go to a folder; where it cannot be read, stay and say so."""
        error = self.query_one("#error", Label)
        try:
            folders, pictures = list_pictures(folder)
        except UserError as problem:
            error.update(str(problem))
            return
        came_from, self.folder = self.folder, folder
        names = [*folders, *pictures][:MOST]
        below = [folder / name for name in names]
        options = self.query_one(OptionList)
        options.clear_options()
        shown = ["../", *(f"{name}/" for name in folders), *pictures][: MOST + 1]
        entries = zip(shown, [folder.parent, *below], strict=True)
        options.add_options(Option(Text(printable(name), no_wrap=True), id=str(path)) for name, path in entries)
        # Who went up finds the folder that was left; who went down, the first picture, else the first folder.
        first = min(len(folders), len(below) - 1) if pictures else 0
        options.highlighted = (below.index(came_from) if came_from in below else first) + 1 if below else 0
        self.query_one(Vertical).border_title = Text(printable(f"Pictures in {folder}"))
        left = len(folders) + len(pictures) - len(names)
        error.update(f"{left} more are not listed" if left else "" if pictures else "there are no pictures here")
        self.query_one(Input).clear()
        options.focus()
