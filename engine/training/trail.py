"""The checkpoints that a run leaves on its way, to go back to: now and then, and before every change."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from engine.errors import UserError
from engine.health.memory import Memory
from engine.training.added_samples import AddedSample
from engine.training.checkpoint import Progress, pack, write
from engine.training.learner import Learner

APART, GROWTH = 50, 10
"""Steps between two checkpoints at least, and the part of the run so far: a few dozen, however long the run is."""

MOST, MOST_BYTES, LEAST = 30, 128_000_000, 4
"""Checkpoints that are kept, and their size; of a large network a few all the same."""


@dataclass
class Point:
    """A checkpoint of a step, as it was before anything was changed there; `changed`: what was, thereafter.

    added: the samples that were added there, which are taken back with it.
    """

    step: int
    path: Path
    size: int
    changed: str = ""
    added: list[AddedSample] = field(default_factory=list)


NO_CHANGE = ("", 0, None)
"""In place of what was changed last, at which step, and the checkpoint before it."""


class Trail:
    """Files `step-N.safetensors` in a folder, complete by themselves, so that any of them can be resumed.

    When and where they are written, and which of them go to make room, depends on steps and changes alone: a replay
    finds the same. Those of changes outlive the others; those of long ago lie farther apart.
    """

    def __init__(self, folder: Path) -> None:
        self.points: list[Point] = []
        self._folder = folder
        self.next_due = 0
        """The step at which it is time for a checkpoint."""
        self._latest: tuple[str, int, Point | None] = NO_CHANGE
        for path in folder.glob("step-*.safetensors"):
            path.unlink(missing_ok=True)  # of another run that had this name

    def due(self, step: int) -> bool:
        """Whether it is time for a checkpoint."""
        return step >= self.next_due

    def keep(self, learner: Learner, progress: Progress, health: Memory) -> None:
        """Write a checkpoint of this step, unless there is one. Raises UserError."""
        step = learner.position.step
        self.next_due = step + max(APART, step // GROWTH)
        if self._at(step) is None:
            self._add(step, pack(learner, progress, health))

    def before_change(
        self, learner: Learner, progress: Progress, health: Memory, what: str, within: int
    ) -> Callable[[], None]:
        """To be called before a change; what it returns, which raises UserError, when the change has been made.

        Changes at one step share a checkpoint, and so do those of one kind that follow each other `within` so many
        steps: a key that is held down is one change.
        """
        step, count = learner.position.step, len(learner.added)
        point = self._at(step)
        before, last, shared = self._latest
        # Of a damaged checkpoint, which has gone, no further change can be a part.
        continued = what == before and step <= last + within and any(shared is each for each in self.points)
        state = None if continued or point is not None else pack(learner, progress, health)

        def keep() -> None:
            made = point if state is None else self._add(step, state)
            self._latest = (what, step, shared if continued else made)
            if made is None:
                return
            made.added += learner.added[count:]
            if not continued:
                made.changed = what

        return keep

    def latest_change(self) -> Point:
        """The checkpoint before the latest change. Raises UserError where there is none."""
        for point in reversed(self.points):
            if point.changed:
                return point
        raise UserError("there is no change to undo")

    def at_or_before(self, step: int) -> Point:
        """The latest checkpoint that is not behind that step. Raises UserError where there is none."""
        found = [point for point in self.points if point.step <= step]
        if not found:
            first = f"; the first one is of step {self.points[0].step:,}" if self.points else ""
            raise UserError(f"step {step:,}: there is no checkpoint as early as that{first}")
        return found[-1]

    def cut(self, point: Point) -> None:
        """The run is at that point again: what lies behind is no part of it."""
        place = self.points.index(point)
        _delete(self.points[place + 1 :])
        del self.points[place + 1 :]
        point.changed, point.added, self._latest = "", [], NO_CHANGE
        self.next_due = point.step + max(APART, point.step // GROWTH)

    def drop(self, point: Point) -> None:
        """A file has gone, or is damaged."""
        self.points.remove(point)

    def close(self) -> None:
        """The run is over: only those before a change are worth their room."""
        _delete([point for point in self.points if not point.changed])
        with suppress(OSError):  # not empty, or not there
            self._folder.rmdir()

    def _at(self, step: int) -> Point | None:
        return next((point for point in self.points if point.step == step), None)

    def _add(self, step: int, content: bytes) -> Point:
        point = Point(step, self._folder / f"step-{step:09}.safetensors", len(content))
        write(point.path, content, lasting=False)
        self.points.append(point)
        while len(self.points) > LEAST and (
            len(self.points) > MOST or sum(each.size for each in self.points) > MOST_BYTES
        ):
            spare = _spare(self.points)
            _delete([spare])
            self.points.remove(spare)
        return point


def _spare(points: Sequence[Point]) -> Point:
    """The one to miss least: between two that lie close together for their age, not before a change if that can be.

    Never the first or the last.
    """
    now = points[-1].step
    gaps = {
        (bool(point.changed), (after.step - before.step) / (now - before.step + 1), point.step): point
        for (before, point), (_, after) in pairwise(pairwise(points))
    }
    return gaps[min(gaps)]


def _delete(points: Sequence[Point]) -> None:
    for point in points:
        point.path.unlink(missing_ok=True)
