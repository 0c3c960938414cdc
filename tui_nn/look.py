"""When to look into the network again for somebody who watches: at once for something new, else not too often."""

from math import inf

from engine.training.events import (
    BoundaryMapped,
    DigitExplained,
    DigitVaried,
    DrawingPredicted,
    ErrorsMeasured,
    LayerInspected,
    UnitsMapped,
)
from tui_nn.run_state import RunState

SHARE = 0.025
"""Of the time, that the looks may take from training: where a look takes long, they are fewer."""

GOING_SHARE = 0.0005
"""The same while what is looked at goes on, as a stroke does: to prepare and to draw it takes some of the time already.
But what is new comes no later than what has been seen before."""

Answer = (
    BoundaryMapped | UnitsMapped | LayerInspected | DrawingPredicted | ErrorsMeasured | DigitVaried | DigitExplained
)

PATIENCE_S = 3.0
"""How long an answer is waited for; the training thread may compile, or write to a slow disk."""


class Look:
    """Remembers what was asked last, of which run at which step; asks for the same every so many seconds at most.

    `between_s`: what changes many times a second, such as a drawing, is asked for one at a time: when the one before
    was answered, and so long after it was asked for. Only the last of what came meanwhile is ever asked for. While it
    `goes_on`, as a stroke does until the pen is lifted, the looks keep to a share of the time as well.
    `patience_s`: so long after it was asked for in vain it is asked for once more.
    """

    def __init__(self, every_s: float, between_s: float | None = None, patience_s: float = PATIENCE_S) -> None:
        self._between_s = between_s
        self._patience_s = patience_s
        self._every_s = every_s
        self._wish: tuple[object, object] | None = None
        self._asked_at = -inf
        self._step = -1
        self._started: object = None
        self._before: object = None

    def wait(
        self,
        wish: object,
        run: RunState,
        answer: Answer | None,
        now: float,
        *,
        about: object = None,
        goes_on: bool = False,
    ) -> float:
        """Seconds until this is to be asked; 0: now, and it counts as asked. Infinite while there is nothing new.

        `wish` is equal while the question is the same: the command itself, unless that takes long to make.
        `answer` is what is shown; `now` in seconds; `about` is what else makes it another question.
        """
        if run.started is None:
            return inf
        seconds = answer.seconds if answer is not None else 0.0
        again = max(self._every_s, seconds / SHARE)
        if (wish, about) == self._wish and run.started is self._started:
            if run.step == self._step:
                return inf
            due = self._asked_at + (self._patience_s if answer is self._before else again)
            if due > now:
                return due - now
        elif self._between_s is not None and run.started is self._started:
            pause = max(self._between_s, min(seconds / GOING_SHARE, again) if goes_on else 0.0)
            due = self._asked_at + (self._patience_s if answer is self._before else pause)
            if due > now:
                return due - now
        self._wish, self._started, self._step = (wish, about), run.started, run.step
        self._asked_at, self._before = now, answer
        return 0.0
