"""What a doctor knows of a run beside its last steps: kept in checkpoints, so that a run which goes on is not new."""

import msgspec

from engine.health.record import Activation, EpochFigures
from engine.health.verdict import Verdict


class LoggedVerdict(Verdict, frozen=True):
    """A verdict of the log; `cleared` is the step from which on it no longer held, None while it does."""

    cleared: int | None = None


class Memory(msgspec.Struct, frozen=True):
    """As in `Record`; `log` are all verdicts so far. Figures that nobody has measured are None."""

    initial_loss: float | None = None
    evaluations: tuple[float, ...] = ()
    quarter: tuple[float, int] = (0.0, 0)
    """The sum of the losses since the last evaluation, and their number."""
    epochs: tuple[EpochFigures, ...] = ()
    initial_activations: tuple[Activation, ...] = ()
    log: tuple[LoggedVerdict, ...] = ()
