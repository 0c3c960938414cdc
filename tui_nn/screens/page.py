"""What pages over a part of the run's screen have in common: what lies under them stands still, and is kept."""

from typing import ClassVar, Generic, Self, TypeVar

from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.screen import ModalScreen, Screen
from textual.strip import Strip

Result = TypeVar("Result")


class Page(ModalScreen[Result], Generic[Result]):
    """A page whose surroundings are the screen below, as it is.

    Textual would blend all of it anew, cell by cell, whenever something on the page moves.
    """

    # Before whatever a line to type in does with it.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "app.perform('app.interrupt')", "Interrupt", show=False, priority=True)
    ]

    def __init__(self) -> None:
        self._below: tuple[Size, list[Strip]] | None = None
        super().__init__()

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._below is None or self._below[0] != self.size:
            self._below = self.size, self._under._compositor.render_strips(self.size)
        # Larger than the screen below for the moment in which only this one knows of a new size.
        strips = dict(enumerate(self._below[1]))
        blank = Strip.blank(self.size.width)
        return [strips.get(y, blank).crop_extend(*crop.column_span, None) for y in crop.line_range]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        # So Textual tells the upper screen that the one below has changed.
        self._below = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    @property
    def _under(self) -> Screen[object]:
        stack = self.app.screen_stack
        return stack[stack.index(self) - 1]
