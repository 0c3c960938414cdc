"""What pages over a part of the run's screen have in common: what lies under them stands still, and is kept."""

from typing import Generic, TypeVar

from textual.geometry import Region, Size
from textual.screen import ModalScreen, Screen
from textual.strip import Strip

Result = TypeVar("Result")


class Page(ModalScreen[Result], Generic[Result]):
    """A page whose surroundings are the screen below, as it is.

    Textual would blend all of it anew, cell by cell, whenever something on the page moves.
    """

    def __init__(self) -> None:
        super().__init__()
        self._below: tuple[Size, list[Strip]] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._below is None or self._below[0] != self.size:
            self._below = self.size, self._under._compositor.render_strips(self.size)
        strips = self._below[1]
        return [strips[y].crop(*crop.column_span) for y in crop.line_range]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._below = None

    @property
    def _under(self) -> Screen[object]:
        stack = self.app.screen_stack
        return stack[stack.index(self) - 1]
