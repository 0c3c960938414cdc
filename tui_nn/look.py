"""When to look into the network again for somebody who watches: at once for something new, else not too often."""

from math import inf

from engine.training.commands import AnyCommand
from engine.training.events import BoundaryMapped, UnitsMapped
from tui_nn.run_state import RunState

LEAST_S = 0.2
"""Between two looks at the same thing: less than a frame, so that each frame may have a new one."""

SHARE = 0.025
"""Of the time, that the looks may take from training: where a look takes long, they are fewer."""

PATIENCE_S = 3.0
"""How long an answer is waited for; the training thread may compile, or write to a slow disk."""


class Look:
    """Remembers what was asked last, of which run at which step."""

    def __init__(self) -> None:
        self._wish: AnyCommand | None = None
        self._asked_at = -inf
        self._step = -1
        self._started: object = None
        self._before: object = None

    def due(self, wish: AnyCommand, run: RunState, answer: BoundaryMapped | UnitsMapped | None, now: float) -> bool:
        """Whether to ask now; if so, it counts as asked. `answer` is what is shown, `now` in seconds."""
        if run.started is None:
            return False
        if wish == self._wish and run.started is self._started:
            pause = max(LEAST_S, answer.seconds / SHARE if answer is not None else 0.0)
            if answer is self._before:
                pause = PATIENCE_S
            if run.step == self._step or now - self._asked_at < pause:
                return False
        self._wish, self._started, self._step = wish, run.started, run.step
        self._asked_at, self._before = now, answer
        return True
