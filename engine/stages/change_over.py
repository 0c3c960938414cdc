"""From one step to the next within a job: what the first has found is put by, what the second reads is put in."""

from engine.kernels.compiled import phase
from engine.kernels.operands import doubles, integers, number, vector

MOST = 32
"""Steps of one job."""

FINITE, FAILED, SQUARES = 2, 3, 4
"""Where a step's findings have whether loss and norm are finite, whether they were not in a step before it of the same
job, and from where on the sums of squares; loss and score come first."""


@phase
def change_over(t, chunk, thread):
    """Row `place` of what was found = the findings; the batch in waiting and the scalars = that row of those to come.

    A step that was not finite stops all updates behind it.
    """
    place, found, waiting, scalars = number(t, 0), doubles(t, 1), integers(t, 3), vector(t, 5)
    found_then = doubles(t, 2)[place * found.size :]
    for i in range(found.size):
        found_then[i] = found[i]
    if found[FINITE] == 0:
        found[FAILED] = 1.0
    waiting_then, scalars_then = integers(t, 4)[place * waiting.size :], vector(t, 6)[place * scalars.size :]
    for i in range(waiting.size):
        waiting[i] = waiting_then[i]
    for i in range(scalars.size):
        scalars[i] = scalars_then[i]


@phase
def renew(t, chunk, thread):
    """What a stage reads anew in each step = row `place` of what it will read."""
    place, fresh = number(t, 0), integers(t, 1)
    fresh_then = integers(t, 2)[place * fresh.size :]
    for i in range(fresh.size):
        fresh[i] = fresh_then[i]
