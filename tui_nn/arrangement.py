"""Which panels are seen: by the size of the terminal, the page that was turned to, what was chosen and maximized."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from textual.geometry import Region, Size

from tui_nn.placing import Box, Layout, among, names, place

SECOND = "second"
"""The place in a layout of the plot that is chosen from `plots`."""


@dataclass
class Arrangement:
    """What a screen of panels shows. Nothing of it changes with the size: back at the old one, all is as it was."""

    layouts: Sequence[Layout]
    """The first whose size the terminal has is taken; the last one is for all others."""

    panels: Sequence[str]
    main: str
    """The panel that is maximized where none was chosen."""

    plots: Sequence[str] = ()
    size: Size = field(default_factory=Size)
    enough: Mapping[str, int] = field(default_factory=dict)
    page: int = 0
    second: str = ""
    chosen: str = ""
    maximized: bool = False

    def __post_init__(self) -> None:
        self.plots = [name for name in self.plots if name in self.panels]
        self.second = self.second or next(iter(self.plots), "")

    @property
    def pages(self) -> list[Box]:
        """What a terminal of this size shows, page by page."""
        width, height = self.size
        fitting = (item for item in self.layouts if width >= item.width and height >= item.height)
        layout = next(fitting, self.layouts[-1])
        known = {*self.panels, SECOND}
        return [found for page in layout.pages if (found := among(page, known)) is not None]

    @property
    def page_shown(self) -> int:
        """The page that was turned to, or the last one where there are fewer."""
        return min(self.page, len(self.pages) - 1)

    @property
    def offers_plots(self) -> bool:
        """Whether there is a place for the plot that is chosen."""
        return any(SECOND in names(page) for page in self.pages)

    def places(self, room: Region) -> dict[str, Region]:
        """Where each panel goes that is seen."""
        return {self.chosen or self.main: room} if self.maximized else self._page(room)

    def turn_page(self) -> None:
        """On to the next page, and none is maximized."""
        self.page = (self.page_shown + 1) % len(self.pages)
        self._restore()

    def choose(self, direction: int) -> None:
        """The next panel (+1) or the one before (-1): of those in view; while one is maximized, of all."""
        if self.maximized:
            pages = [self.second if name == SECOND else name for page in self.pages for name in names(page)]
            choice = list(dict.fromkeys([*pages, *self.panels]))
        else:
            choice = self._in_view()
        if self.chosen in choice:
            self.chosen = choice[(choice.index(self.chosen) + direction) % len(choice)]
        else:
            self.chosen = choice[0 if direction > 0 else -1]

    def maximize(self, name: str = "") -> None:
        """Give that panel, else the chosen one, all the room; or give it back."""
        if self.maximized:
            self._restore()
        else:
            self.chosen = name or self.chosen or self.main
            self.maximized = True

    def next_plot(self) -> None:
        """Another plot in the place for it; who has chosen the plot has chosen the place."""
        before = self.second
        self.second = self.plots[(self.plots.index(before) + 1) % len(self.plots)]
        if self.chosen == before:
            self.chosen = self.second

    def back(self) -> bool:
        """From a maximized panel to all, from a chosen one to none; False where there is nothing to undo."""
        if self.maximized:
            self._restore()
        elif self.chosen:
            self.chosen = ""
        else:
            return False
        return True

    def _page(self, room: Region) -> dict[str, Region]:
        places = place(self.pages[self.page_shown], room, self.enough)
        return {self.second if name == SECOND else name: region for name, region in places.items()}

    def _in_view(self) -> list[str]:
        return list(self._page(self.size.region))

    def _restore(self) -> None:
        self.maximized = False
        if self.chosen not in self._in_view():
            self.chosen = ""
