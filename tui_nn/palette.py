"""The command palette: every action by its name."""

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_nn.actions import Action, actions

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


class ActionProvider(Provider):
    """Finds actions by what their help says."""

    async def discover(self) -> Hits:
        for item in actions().values():
            yield DiscoveryHit(self._text(item), partial(self._perform, item.id), help=item.label)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for item in actions().values():
            text = self._text(item)
            score = matcher.match(f"{item.label} {text}")
            if score > 0:
                yield Hit(score, text, partial(self._perform, item.id), help=item.label)

    def _text(self, item: Action) -> str:
        key = cast("TuiNN", self.app).appearance.key(item.id)
        return f"{item.help}  ({key})"

    async def _perform(self, id: str) -> None:
        await self.app.run_action(f"perform('{id}')")
