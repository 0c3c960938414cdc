"""A pre-flight beside a run that goes on: in a thread of its own, which can be told to end."""

import time
from collections.abc import Callable
from threading import Event, Thread

import numpy as np

from engine import datasets
from engine.datasets.splits import with_few_samples
from engine.errors import UserError
from engine.preflight import Cancelled, Result, checks, preflight
from engine.training.config import Config
from tui_nn.niceness import let_the_screen_go_first

REST_S = 0.001
"""At every breath the thread steps aside: the training needs the interpreter that it holds."""


class Flight:
    """The checks of a configuration; `results` grows, and `changed` is called in that thread whenever it has."""

    def __init__(self, config: Config, changed: Callable[[], object]) -> None:
        self.results: list[Result] = []
        self.names: list[str] = []
        self.trouble = ""
        """Why nothing can be checked."""
        self.ended = False
        self._config = config
        self._changed = changed
        self._cancelled = Event()
        self._thread = Thread(target=self._run, name="pre-flight")

    def start(self) -> None:
        """Begin; the data are read anew, for those of the run are its own."""
        self._thread.start()

    def cancel(self) -> None:
        """End soon: within a fraction of a second, and without a word more."""
        self._cancelled.set()

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _run(self) -> None:
        let_the_screen_go_first()
        try:
            with np.errstate(all="ignore"):
                dataset = with_few_samples(datasets.load(self._config.dataset), self._config.samples)
            self._breathe()
            self.names = checks.names()
            self._changed()
            for result in preflight(self._config, dataset, self._breathe):
                self.results.append(result)
                self._changed()
        except Cancelled:
            return
        except UserError as error:
            self.trouble = str(error)
        except Exception as error:  # said on the page; the run beside it goes on
            self.trouble = f"{type(error).__name__}: {error}"
        self.ended = True
        if not self._cancelled.is_set():
            self._changed()

    def _breathe(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        time.sleep(REST_S)
