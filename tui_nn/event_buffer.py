"""Where the training thread leaves its events and the screen fetches them, each at its own time."""

from collections import deque
from threading import Lock

from engine.training.events import AnyEvent, BoundaryMapped, DigitPredicted, UnitsMapped, WeightsMeasured


class EventBuffer:
    """Events in order. Of snapshots only the newest is kept: nobody looks at the ones before it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._events: deque[AnyEvent] = deque()
        self._snapshots: dict[type, AnyEvent] = {}

    def put(self, event: AnyEvent) -> None:
        """Called by the training thread; never waits for the screen."""
        with self._lock:
            if isinstance(event, WeightsMeasured | DigitPredicted | BoundaryMapped | UnitsMapped):
                self._snapshots[type(event)] = event
            else:
                self._events.append(event)

    def drain(self) -> list[AnyEvent]:
        """Everything since the last call, snapshots last."""
        with self._lock:
            events = [*self._events, *self._snapshots.values()]
            self._events.clear()
            self._snapshots.clear()
        return events
