"""The part of a screen that panels share."""

from collections.abc import Callable

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

Plan = Callable[[Size], dict[str, Region]]


class PanelArea(Widget):
    """Its panels stand where `plan` says, by their id; those that it does not name are not shown."""

    DEFAULT_CSS = "PanelArea { height: 1fr; overflow: hidden; }"

    def __init__(self, *panels: Widget, plan: Plan, id: str | None = None) -> None:
        super().__init__(*panels, id=id)
        self._planned = _Planned(plan)

    @property
    def layout(self) -> Layout:
        return self._planned

    def arrange_anew(self) -> None:
        """Ask the plan again."""
        self._clear_arrangement_cache()
        self.refresh(layout=True)


class _Planned(Layout):
    name = "planned"

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        places = self._plan(size)
        return [
            WidgetPlacement(places[child.id], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id in places
        ]
