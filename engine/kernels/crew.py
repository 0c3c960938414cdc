"""The one pool of threads: they run the phases of a step together, and meet between them in under a microsecond.

The threads are Python's own and spend their time in one compiled function, off the interpreter's lock. Between two
steps they watch a counter; when none comes for a while, they sleep. All but the caller's own step aside while somebody
else of the process wants a core: otherwise one of them would be stopped in the middle of a chunk, and all wait for it.
"""

import ctypes
import functools
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple

import numpy as np
from llvmlite import binding
from numba import carray, njit, types

from engine import interpreter, spare_core
from engine.arrays import Array
from engine.kernels.compiled import phase
from engine.kernels.intrinsics import atomic_load, atomic_store, call_phase, fetch_add, pointer, relax

LINE = 128
"""Bytes between two counters: no two share a cache line, nor the neighbour's that the processor fetches with it."""

TURN, INSIDE, JOB, NEVER, COUNTERS = (LINE * place for place in range(5))
"""What the board has where: the turn (odd while a job is open), how many threads are at it, the job's address, a zero,
and two counters for each of its groups: chunks taken, chunks done."""

PATIENCE = 100_000
"""Looks at the board, some 3 ms, after which a thread without work goes to sleep."""

MANNERS = 1_000
"""Looks at a counter, some 30 µs, after which a thread offers its core to others: who it waits for may need it."""

if sys.platform == "win32":
    _yield, _sleep = ctypes.windll.kernel32.SwitchToThread, ctypes.windll.kernel32.Sleep
    NAP, NAPS = 1, 20
else:
    _yield, _sleep = ctypes.CDLL(None).sched_yield, ctypes.CDLL(None).usleep
    NAP, NAPS = 100, 2_000
"""A nap of a thread that steps aside, in the system's unit, 0.1 or 1 ms (a tick of up to 16 on Windows); and how many
it takes, 0.2 to 0.3 s, before it goes to sleep."""

binding.add_symbol("tui_nn_yield", ctypes.cast(_yield, ctypes.c_void_p).value)
binding.add_symbol("tui_nn_sleep", ctypes.cast(_sleep, ctypes.c_void_p).value)
_give_way = types.ExternalFunction("tui_nn_yield", types.int32())
_nap = types.ExternalFunction("tui_nn_sleep", types.int32(types.uint32))


class Segment(NamedTuple):
    """A phase of a job with its table of operands, and how many chunks it has.

    Chunks are taken in order by whoever is free; what a chunk computes must not depend on who.
    """

    phase: phase
    operands: Array
    chunks: int
    flops: int = 0
    """Multiplications and additions of its products."""


class Job:
    """Groups of segments. The segments of a group run side by side; a group begins when the one before it is done."""

    def __init__(self, groups: Sequence[Sequence[Segment]]) -> None:
        self.groups = [list(group) for group in groups if group]

    @property
    def phases(self) -> list[phase]:
        """The phases that it consists of, each once."""
        return list(dict.fromkeys(segment.phase for group in self.groups for segment in group))

    @functools.cached_property
    def words(self) -> Array:
        """The job as compiled code reads it; made, and all phases compiled, when it is first run.

        The count of groups; first segment and chunks of each group; function, operands and chunks of each segment.
        """
        words = [len(self.groups)]
        first = 1 + 2 * len(self.groups)
        for group in self.groups:
            words += [first, sum(segment.chunks for segment in group)]
            first += 3 * len(group)
        for segment in (segment for group in self.groups for segment in group):
            words += [segment.phase.address, segment.operands.ctypes.data, segment.chunks]
        return np.array(words, np.int64)

    @functools.cached_property
    def address(self) -> int:
        """Where the words are."""
        return self.words.ctypes.data


@njit(nogil=True, forceinline=True)
def _bide(looks):
    """One look more, in vain: a moment's rest, and in the long run the core to others."""
    relax()
    if looks >= MANNERS:
        _give_way()
    return looks + 1


@njit(nogil=True)
def _work(board, job, thread, wanted):
    """Take chunks of each group until none is left, then wait until all that were taken are done.

    A thread that may leave does so where its core is wanted.
    """
    groups = carray(pointer(job, types.int64), (1,))[0]
    words = carray(pointer(job, types.int64), (1 + 2 * groups,))
    for group in range(groups):
        taken = board + COUNTERS + 2 * LINE * group
        done = taken + LINE
        total = words[2 + 2 * group]
        if atomic_load(wanted) > 0:
            return
        chunk = fetch_add(taken, 1)
        while chunk < total:
            # Read up to the segment that has the chunk: there are as many segments as chunks at most.
            segment = carray(pointer(job + 8 * words[1 + 2 * group], types.int64), (3 * total,))
            s = 0
            while chunk >= segment[s + 2]:
                chunk -= segment[s + 2]
                s += 3
            call_phase(segment[s], segment[s + 1], chunk, thread)
            fetch_add(done, 1)
            if atomic_load(wanted) > 0:
                return
            chunk = fetch_add(taken, 1)
        looks = 0
        while atomic_load(done) < total:
            if atomic_load(wanted) > 0:
                return
            looks = _bide(looks)


@njit(nogil=True, cache=True)
def _lead(board, job, groups):
    """Open the job to the others, do it with them, and close it when none of them is at it any more."""
    for counter in range(2 * groups):
        atomic_store(board + COUNTERS + LINE * counter, 0)
    atomic_store(board + JOB, job)
    fetch_add(board + TURN, 1)
    _work(board, job, 0, board + NEVER)
    fetch_add(board + TURN, 1)
    looks = 0
    while atomic_load(board + INSIDE) > 0:
        looks = _bide(looks)


@njit(nogil=True, cache=True)
def _follow(board, thread, wanted, at_work):
    """Join each job that opens, but while the core is wanted; return when none has come for a while."""
    last = 0
    looks = 0
    while looks < PATIENCE:
        looks += 1
        relax()
        if atomic_load(wanted) > 0:
            looks += PATIENCE // NAPS
            _nap(NAP)
            continue
        turn = atomic_load(board + TURN)
        if turn % 2 == 1 and turn != last:
            fetch_add(at_work, 1)
            fetch_add(board + INSIDE, 1)
            # Closed meanwhile? Then the next job's leader may be about to reset the counters.
            if atomic_load(board + TURN) == turn:
                _work(board, atomic_load(board + JOB), thread, wanted)
                if atomic_load(wanted) == 0:  # else there may be more to do when it comes back
                    last = turn
                looks = 0
            fetch_add(board + INSIDE, -1)
            fetch_add(at_work, -1)


class Crew:
    """So many threads, the caller's own among them. Used in a `with`, or closed."""

    def __init__(self, threads: int = 1, most_groups: int = 10_000) -> None:
        self.threads = threads
        self.most_groups = most_groups
        self._memory = np.zeros((COUNTERS + LINE * (2 * most_groups + 1)) // 8, np.int64)
        self._board = -(-self._memory.ctypes.data // LINE) * LINE
        self._bell = threading.Condition()
        self._asleep = 0
        self._closed = False
        self._helpers = [
            threading.Thread(target=self._help, args=(thread,), daemon=True, name=f"crew-{thread}")
            for thread in range(1, threads)
        ]
        for helper in self._helpers:
            helper.start()

    def run(self, job: Job) -> None:
        """Do the job; returns when it is done. Raises ValueError for one of more groups than there are counters."""
        if len(job.groups) > self.most_groups:
            raise ValueError(f"a job of {len(job.groups)} groups, for a crew of at most {self.most_groups}")
        if self._asleep:
            with self._bell:
                self._bell.notify_all()
        address = job.address  # compiles it, perhaps
        sys.setswitchinterval(interpreter.asked_s)
        _lead(self._board, address, len(job.groups))
        sys.setswitchinterval(interpreter.held_s)

    def close(self) -> None:
        """Send the threads home."""
        with self._bell:
            self._closed = True
            self._bell.notify_all()
        for helper in self._helpers:
            helper.join()

    def __enter__(self) -> "Crew":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _help(self, thread: int) -> None:
        while not self._closed:
            _follow(self._board, thread, spare_core.WANTED, spare_core.AT_WORK)
            with self._bell:
                if not self._closed:
                    self._asleep += 1
                    self._bell.wait()
                    self._asleep -= 1
