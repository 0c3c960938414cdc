"""Programs that train in turns: one goes on while the others stand still, so that within seconds all see one machine.

A virtual machine's own speed changes by half within seconds. Of runs one after the other, their ratio says where the
cores were; of turns a second long, it says what the programs do.
"""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from time import perf_counter, sleep
from typing import Protocol

import numpy as np

TURN_S, TURNS = 1.4, 20
"""Seconds of a turn, and turns of each program in a round."""

WARM_S = 0.4
"""Seconds at the beginning of a turn that do not count. In the first half of them what the clock says was due while a
program stood still is made up for, by code that has left the caches; a program that is left alone has none of it. A
screen tells its steps four times a second, so that some of what that costs seems to come later.
"""

FREEZE_S = 5.0
"""Within which a program stands still, or goes on."""

Report = tuple[float, float]
"""When a program told its steps, and how many."""

Span = tuple[float, float]
"""When a turn began and ended."""


class Trains(Protocol):
    """A program that has begun to train."""

    pid: int

    def go_on(self, seconds: float) -> None:
        """Wait for so long, or do what its user does meanwhile."""
        ...

    def reports(self) -> list[Report]:
        """All since it began; asked for when the last turn has ended."""
        ...


Rates = Sequence[float]
"""Steps a second of a program by turn; nan of a turn at whose begin or end nothing is known of it."""


def take_turns(
    starts: Sequence[AbstractContextManager[Trains]], rounds: int, tell: Callable[[str], None]
) -> list[list[Rates]]:
    """What each program made in each round.

    Each is entered anew in each round, for a program has its luck with where its memory lies, and keeps it; when it
    trains it is stopped, so that the next one starts alone.
    """
    found: list[list[Rates]] = [[] for _ in starts]
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}, {TURNS * TURN_S * len(starts):.0f} s")
        for rates, own in zip(found, _round(starts), strict=True):
            rates.append(own)
    return found


def mean_rate(rates: Rates) -> float:
    """Steps a second of a round."""
    return float(np.nanmean(rates))


def kept(own: Rates, other: Rates) -> float:
    """What a program makes of what the other one made in the turn beside its own: the median of a round.

    Cores of a virtual machine are now near each other and now far apart, for a second or for some, and two threads are
    twice as fast with near ones. Where a few turns of one of both were of the other kind, a ratio of sums says so, and
    little else; the median does not.
    """
    return float(np.nanmedian(np.asarray(own) / np.asarray(other)))


def _round(starts: Sequence[AbstractContextManager[Trains]]) -> list[Rates]:
    spans: list[list[Span]] = [[] for _ in starts]
    with ExitStack() as stack:
        programs, halts = [], []
        for start in starts:
            program = stack.enter_context(start)
            programs.append(program)
            halts.append(stack.enter_context(halter(program.pid)))
            halts[-1](True)
        places = list(range(len(programs)))
        for index in range(TURNS):
            # Each comes first as often as the others, and none always behind the same one.
            shift = index % len(places)
            order = places[shift:] + places[:shift]
            for place in order if index // len(places) % 2 == 0 else order[::-1]:
                halts[place](False)
                began = perf_counter()
                programs[place].go_on(TURN_S)
                spans[place].append((began, perf_counter()))
                halts[place](True)
        return [turn_rates(program.reports(), own, WARM_S) for program, own in zip(programs, spans, strict=True)]


def turn_rates(reports: Sequence[Report], spans: Sequence[Span], warm_s: float = 0.0) -> Rates:
    """By turn, of the time of the spans alone: what is told between two of them belongs to the first.

    warm_s: how much at the beginning of each does not count.
    """
    edges = np.array(spans)
    own_edges = np.concatenate([[0.0], np.cumsum(edges[:, 1] - edges[:, 0])])
    times, steps = np.array(reports).T
    own = np.interp(times, edges.reshape(-1), np.stack([own_edges[:-1], own_edges[1:]], axis=1).reshape(-1))
    inside = (times >= edges[0, 0]) & (own < own_edges[-1])
    counted = np.stack([own_edges[:-1] + warm_s, own_edges[1:]])
    begun, ended = np.interp(counted, own[inside], steps[inside], left=np.nan, right=np.nan)
    rates: list[float] = ((ended - begun) / (counted[1] - counted[0])).tolist()
    return rates


@contextmanager
def halter(pid: int) -> Iterator[Callable[[bool], None]]:
    """What stops the program and lets it go on; it goes on in the end, if it is still there.

    By a freezer of its own (Linux, control groups of the second version, with the right to make one), which it does not
    see. Else by SIGSTOP: when it goes on, a program on a terminal draws all of its screen anew, at its own expense.
    """
    groups = _freezer(pid)
    if groups is None:
        try:
            yield lambda still: os.kill(pid, signal.SIGSTOP if still else signal.SIGCONT)
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return
    before, own = groups
    try:
        yield lambda still: _freeze(own, still)
    finally:
        _freeze(own, False)
        with suppress(OSError):  # it has ended, or left children there
            (before / "cgroup.procs").write_text(str(pid))
        with suppress(OSError):
            own.rmdir()


def _freeze(group: Path, still: bool) -> None:
    (group / "cgroup.freeze").write_text(str(int(still)))
    end = perf_counter() + FREEZE_S
    while f"frozen {int(still)}" not in (group / "cgroup.events").read_text():
        if perf_counter() > end:
            raise TimeoutError(f"{group} does not freeze")
        sleep(0.0005)


_numbers = count()


def _freezer(pid: int) -> tuple[Path, Path] | None:
    """The program's group, and a new one that it is in now and that can be frozen; None where there are none."""
    own = None
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
        root = next(Path(mount[1]) for mount in mounts if mount[2] == "cgroup2")
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        before = root / next(line[3:] for line in lines if line.startswith("0::")).lstrip("/")
        own = root / f"tui-nn-{os.getpid()}-{next(_numbers)}"
        own.mkdir()
        (own / "cgroup.procs").write_text(str(pid))
        _freeze(own, False)
        return before, own
    except (OSError, StopIteration):
        if own is not None:
            with suppress(OSError):
                own.rmdir()
        return None
