"""What is known of data sets without their samples; those that must be read are read in a thread."""

from collections.abc import Callable
from threading import Thread

import numpy as np

from engine import datasets
from engine.errors import UserError
from engine.training.outline import Outline, outline, outline_of_remote
from tui_nn.niceness import let_the_screen_go_first


class Outlines:
    """Outlines by data set, or what is wrong with one; `changed` is called, in another thread, when one was read."""

    def __init__(self, changed: Callable[[], object]) -> None:
        self._changed = changed
        self._known: dict[str, Outline | str] = {}
        self._thread: Thread | None = None

    def add(self, name: str, known: Outline) -> None:
        """Keep what is known already."""
        self._known[name] = known

    def get(self, name: str) -> Outline | str | None:
        """The outline, or why there is none, in one line; None where nobody has looked yet."""
        if name not in self._known:
            remote = outline_of_remote(name)
            if remote is not None:
                self._known[name] = remote
        return self._known.get(name)

    def read(self, name: str) -> bool:
        """Have it read; False where another one is being read, whose end is told."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._thread = Thread(target=self._read, args=[name], name="outline")
        self._thread.start()
        return True

    def _read(self, name: str) -> None:
        let_the_screen_go_first()
        try:
            with np.errstate(all="ignore"):
                self._known[name] = outline(datasets.load(name))
        except UserError as error:
            self._known[name] = str(error)
        except Exception as error:  # said in the form, which stays
            self._known[name] = f"{type(error).__name__}: {error}"
        self._changed()
