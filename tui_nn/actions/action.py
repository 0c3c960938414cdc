"""The table of actions, filled by the modules beside this one."""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding

if TYPE_CHECKING:
    from tui_nn.app import TuiNN

Run = Callable[["TuiNN"], None]


class Action(NamedTuple):
    """One thing to do: `id` is noun.verb; `key` lists keys, the first of which is shown.

    `footer`, 1 to 9, puts it into the last line: the greater, the longer it stays where not all has room.
    `screen` names the screens on which alone it can be done, a blank between two; "" for all. There a key may mean
    something else than on all others: what can be done on some screens goes before what can be done on all.
    """

    id: str
    key: str
    label: str
    help: str
    run: Run
    footer: int
    screen: str

    @property
    def keys(self) -> tuple[str, ...]:
        """Its keys where the user has chosen no others."""
        return tuple(self.key.split(","))

    def on(self, screen: str) -> bool:
        """Whether it can be done on that screen."""
        return not self.screen or screen in self.screen.split()

    @property
    def places(self) -> set[str]:
        """The screens on which alone it can be done; "" stands for all."""
        return set(self.screen.split()) or {""}

    @property
    def group(self) -> str:
        """The noun of the id."""
        return self.id.partition(".")[0]


GROUPS = (
    "training",
    "hyperparameter",
    "health",
    "digit",
    "draw",
    "boundary",
    "layers",
    "errors",
    "inside",
    "plot",
    "view",
    "app",
)
"""The order in which footer and help show them."""

_table: dict[str, Action] = {}


def action(id: str, key: str, label: str, help: str, *, footer: int = 0, screen: str = "") -> Callable[[Run], Run]:
    """Decorator: file a function as an action. Raises ValueError for an id, or a key on its screen, that is taken."""

    def add(run: Run) -> Run:
        made = Action(id, key, label, help, run, footer, screen)
        taken = {single for other in _table.values() if other.places & made.places for single in other.keys}
        if id in _table or taken & set(made.keys):
            raise ValueError(f"action {id} ({key}): the id or a key is taken")
        _table[id] = made
        return run

    return add


@functools.cache
def actions() -> dict[str, Action]:
    """All actions by id, group by group."""
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{__package__}.{module.name}")
    return dict(sorted(_table.items(), key=lambda entry: GROUPS.index(entry[1].group)))


def bindings(keys: Mapping[str, tuple[str, ...]]) -> Iterator[Binding]:
    """A key binding for each action that has a key; the first of a key that can be done is done."""
    for item in sorted(actions().values(), key=lambda item: not item.screen):
        if keys[item.id]:
            yield Binding(
                ",".join(keys[item.id]), f"perform('{item.id}')", item.label, show=bool(item.footer), tooltip=item.help
            )
