"""The command palette: every action by its name, and what else can be changed while the network learns."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_nn.actions import Action, actions
from tui_nn.choices import Choice, Prompt, choices
from tui_nn.screens.text import TextScreen
from tui_nn.screens.value import ValueScreen

if TYPE_CHECKING:
    from tui_nn.app import TuiNN


class ActionProvider(Provider):
    """Finds actions by what their help says."""

    async def discover(self) -> Hits:
        for item in self._possible():
            yield DiscoveryHit(self._text(item), partial(self._perform, item.id), help=item.label)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for item in self._possible():
            text = self._text(item)
            score = matcher.match(f"{item.label} {text}")
            if score > 0:
                yield Hit(score, text, partial(self._perform, item.id), help=item.label)

    def _possible(self) -> list[Action]:
        """Those that do something on the screen below."""
        screen = cast("TuiNN", self.app).run_screen.NAME
        return [item for item in actions().values() if item.on(screen)]

    def _text(self, item: Action) -> str:
        key = cast("TuiNN", self.app).appearance.key(item.id)
        return f"{item.help}  ({key})"

    async def _perform(self, id: str) -> None:
        await self.app.run_action(f"perform('{id}')")


class EverythingProvider(ActionProvider):
    """Behind the actions: activations, optimizers, schedules, what is done to a layer, and numbers to be typed."""

    async def startup(self) -> None:
        self._choices = choices(cast("TuiNN", self.app).run_state)

    async def discover(self) -> Hits:
        async for hit in super().discover():
            yield hit
        for text, perform in self._offers():
            yield DiscoveryHit(text, perform)

    async def search(self, query: str) -> Hits:
        async for hit in super().search(query):
            yield hit
        matcher = self.matcher(query)
        for text, perform in self._offers():
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, text, perform)

    def _offers(self) -> Iterator[tuple[str, Callable[[], None]]]:
        app = cast("TuiNN", self.app)
        for item in app.run_state.hyperparameters.values():
            name = item.name.replace("_", " ").capitalize()
            yield f"{name}: type a value  (now {item.value:g})", partial(self._ask, ValueScreen(item, app.send))
        for choice in self._choices:
            yield choice.text, partial(self._change, choice)

    def _ask(self, screen: TextScreen | ValueScreen) -> None:
        self.app.push_screen(screen)

    def _change(self, choice: Choice) -> None:
        app = cast("TuiNN", self.app)
        if isinstance(choice.does, Prompt):
            self._ask(TextScreen(choice.does, app.send))
        else:
            app.send(choice.does)
