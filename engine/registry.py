"""Named things that register themselves by decorator, so that adding one is one new file."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Generic, TypeVar

from engine.errors import unknown

Item = TypeVar("Item", bound=Callable[..., object])


class Registry(Generic[Item]):
    """The items of one kind by name; the modules of `package` are imported when a name is first asked for."""

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package
        self._items: dict[str, Item] = {}
        self._discovered = False

    def register(self, name: str) -> Callable[[Item], Item]:
        """Decorator: file the decorated item under `name`. Raises ValueError if the name is taken."""

        def add(item: Item) -> Item:
            if name in self._items:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            self._items[name] = item
            return item

        return add

    def __getitem__(self, name: str) -> Item:
        """The item of that name. Raises UserError with the known names and the nearest one."""
        self._discover()
        if name not in self._items:
            raise unknown(self.kind, name, self._items)
        return self._items[name]

    def names(self) -> list[str]:
        """All names, sorted."""
        self._discover()
        return sorted(self._items)

    def _discover(self) -> None:
        if not self._discovered:
            package = importlib.import_module(self._package)
            for module in pkgutil.iter_modules(getattr(package, "__path__", [])):
                importlib.import_module(f"{self._package}.{module.name}")
            self._discovered = True
