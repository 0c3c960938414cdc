"""Where the training thread leaves its events and the screen fetches them, each at its own time."""

from collections import deque
from collections.abc import Callable
from threading import Lock

from engine.training.events import (
    AnyEvent,
    BoundaryMapped,
    CheckpointSaved,
    DigitExplained,
    DigitPredicted,
    DigitVaried,
    DownloadAdvanced,
    DrawingPredicted,
    EpochEnded,
    ErrorsMeasured,
    Evaluated,
    LayerInspected,
    NetworkChanged,
    RunRewound,
    RunStarted,
    SamplesPicked,
    StepsEnded,
    UnitsMapped,
    VerdictCleared,
    VerdictRaised,
    WeightsMeasured,
)

Look = DigitPredicted | DigitVaried | DigitExplained | DrawingPredicted | BoundaryMapped | UnitsMapped | LayerInspected
"""What the screen asks for again and again."""


class EventBuffer:
    """Events in order. Of snapshots only the newest is kept: nobody looks at the ones before it.

    `on_answer` is called in the training thread when somebody waits for what was put: all that a run tells by
    itself, many times a second, can wait for the next frame.
    """

    def __init__(self, on_answer: Callable[[], object] = lambda: None) -> None:
        self.on_answer = on_answer
        self._lock = Lock()
        self._events: deque[AnyEvent] = deque()
        self._snapshots: dict[type, AnyEvent] = {}
        self._seen: dict[tuple[type, str], tuple[object, ...]] = {}

    def put(self, event: AnyEvent) -> None:
        """Called by the training thread; never waits for the screen."""
        answers = self._answers(event)
        with self._lock:
            if isinstance(event, RunStarted | NetworkChanged | RunRewound):
                # They show another network, perhaps of other data, and told last they would follow what came after it.
                self._snapshots.clear()
            if isinstance(event, WeightsMeasured | Look):
                self._snapshots[type(event)] = event
            else:
                self._events.append(event)
        if answers:
            self.on_answer()

    def drain(self) -> list[AnyEvent]:
        """Everything since the last call, snapshots last."""
        with self._lock:
            events = [*self._events, *self._snapshots.values()]
            self._events.clear()
            self._snapshots.clear()
        return events

    def _answers(self, event: AnyEvent) -> bool:
        match event:
            case StepsEnded() | Evaluated() | EpochEnded() | WeightsMeasured() | DownloadAdvanced():
                return False
            case VerdictRaised() | VerdictCleared():
                return False
            case CheckpointSaved(kind=kind):
                return kind == "asked"
            case (
                DigitPredicted()
                | DigitVaried()
                | DigitExplained()
                | DrawingPredicted()
                | BoundaryMapped()
                | UnitsMapped()
                | LayerInspected()
                | ErrorsMeasured()
                | SamplesPicked()
            ):
                # The screen looks at the same thing again and again; another one was asked for by a key.
                slot = (type(event), event.which if isinstance(event, SamplesPicked) else "")
                before, self._seen[slot] = self._seen.get(slot), _what(event)
                return before != self._seen[slot]
            case _:
                return True


def _what(event: Look | ErrorsMeasured | SamplesPicked) -> tuple[object, ...]:
    """What is looked at, whatever the network says of it at that step."""
    match event:
        case DigitPredicted():
            return (event.index,)
        case DigitExplained():
            parts = (event.templates, *(layer.pictures for layer in event.maps))
            sizes = ((part.first, part.columns, part.rows) for part in parts if part)
            return event.index, event.variation, event.first_layer, *sizes
        case DigitVaried():
            return event.prediction.index, event.variation
        case DrawingPredicted():
            return (event.drawing,)
        case BoundaryMapped():
            return event.columns, event.rows, event.split
        case UnitsMapped():
            return event.layer, event.first, event.columns, event.rows
        case LayerInspected():
            parts = (event.pictures, event.maps)
            return event.layer, event.digit, *((part.first, part.columns, part.rows) for part in parts if part)
        case ErrorsMeasured():
            return (event.split,)
        case SamplesPicked():
            return event.label, event.answer, event.first, len(event.samples)
