"""The command palette: every action by its name."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_nn.actions import actions


class ActionProvider(Provider):
    """Finds actions by what their help says."""

    async def discover(self) -> Hits:
        for item in actions().values():
            yield DiscoveryHit(f"{item.help}  ({item.shown_key})", partial(self._perform, item.id), help=item.label)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for item in actions().values():
            text = f"{item.help}  ({item.shown_key})"
            score = matcher.match(f"{item.label} {text}")
            if score > 0:
                yield Hit(score, text, partial(self._perform, item.id), help=item.label)

    async def _perform(self, id: str) -> None:
        await self.app.run_action(f"perform('{id}')")
