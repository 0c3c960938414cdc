from collections.abc import Callable
from itertools import pairwise
from threading import Thread

import pytest

from engine.training import commands as c
from engine.training import events as e
from tui_nn.event_buffer import EventBuffer


def digit(step: int) -> e.DigitPredicted:
    return e.DigitPredicted(step, 0, 1, 1, 1, 1, b"\0", (0.5, 0.5))


def weights(step: int) -> e.WeightsMeasured:
    return e.WeightsMeasured(step, ())


def test_what_was_put_comes_out_once_and_in_order():
    buffer = EventBuffer()
    events = [e.RunPaused(step) for step in range(5)]
    for event in events:
        buffer.put(event)
    assert buffer.drain() == events
    assert buffer.drain() == []


@pytest.mark.parametrize("snapshot", [digit, weights])
def test_of_snapshots_only_the_newest_is_kept(snapshot: Callable[[int], e.AnyEvent]):
    buffer = EventBuffer()
    for step in range(3):
        buffer.put(snapshot(step))
        buffer.put(e.RunResumed(step))
    assert buffer.drain() == [e.RunResumed(0), e.RunResumed(1), e.RunResumed(2), snapshot(2)]
    assert buffer.drain() == []


def test_snapshots_of_the_network_before_are_forgotten(make_started: Callable[..., e.RunStarted]):
    buffer, started = EventBuffer(), make_started()
    for event in (digit(5), weights(5), started, digit(0)):
        buffer.put(event)
    assert buffer.drain() == [started, digit(0)]


@pytest.mark.parametrize("kind", ["rewound", "changed"])
def test_snapshots_of_what_was_taken_back_or_changed_are_forgotten(
    kind: str, make_started: Callable[..., e.RunStarted]
):
    buffer, started = EventBuffer(), make_started()
    about = started.layers, started.hyperparameters, started.config
    rewound = e.RunRewound(3, 9, False, 0.5, 10, *about, 900)
    event = rewound if kind == "rewound" else e.NetworkChanged(3, "frozen", "", "learning", "frozen", *about)
    for put in (digit(9), weights(9), event, digit(3)):
        buffer.put(put)
    assert buffer.drain() == [event, digit(3)]


def test_snapshots_of_two_kinds_do_not_replace_each_other():
    buffer = EventBuffer()
    buffer.put(digit(1))
    buffer.put(weights(2))
    assert buffer.drain() == [digit(1), weights(2)]


def test_no_event_is_lost_or_doubled_between_two_threads():
    buffer, count = EventBuffer(), 20_000
    writer = Thread(target=lambda: [buffer.put(e.RunResumed(step)) for step in range(count)])
    writer.start()
    taken: list[e.AnyEvent] = []
    while writer.is_alive():
        taken += buffer.drain()
    taken += buffer.drain()
    assert len(taken) == count
    assert all(before.step < after.step for before, after in pairwise(taken))


def test_somebody_is_woken_for_answers_and_for_nothing_else():
    woken: list[int] = []
    buffer = EventBuffer(lambda: woken.append(len(buffer.drain())))
    for event in (e.Evaluated(1, 0.1, "validation", 1.0, 0.5, 10), weights(1), e.CheckpointSaved(1, "p", "best")):
        buffer.put(event)
    assert woken == []
    buffer.put(e.RunPaused(1))
    assert woken == [4]
    for event in (e.CheckpointSaved(1, "p", "asked"), e.CommandRefused(1, "no")):
        buffer.put(event)
    assert woken == [4, 1, 1]


def test_a_digit_is_an_answer_when_it_is_another_one():
    woken: list[bool] = []
    buffer = EventBuffer(lambda: woken.append(True))
    for step in range(3):
        buffer.put(digit(step))
    assert len(woken) == 1
    buffer.put(e.DigitPredicted(4, 7, 1, 1, 1, 1, b"\0", (0.5, 0.5)))
    assert len(woken) == 2


def test_a_drawing_is_an_answer_once_and_then_a_look_at_the_same():
    woken: list[bool] = []
    buffer = EventBuffer(lambda: woken.append(True))
    for drawing in (1, 1, 2, 2, 1):
        buffer.put(e.DrawingPredicted(1, (), drawing))
    assert len(woken) == 3
    assert buffer.drain() == [e.DrawingPredicted(1, (), 1)]


def test_a_changed_digit_is_an_answer_once_and_then_a_look_at_the_same():
    woken: list[None] = []
    buffer = EventBuffer(lambda: woken.append(None))
    counts = []
    for change in (c.AS_IT_IS, c.AS_IT_IS, c.Variation(right=1.0), c.Variation(right=1.0)):
        buffer.put(e.DigitVaried(1, change, digit(3), (), 0.1))
        counts.append(len(woken))
    assert counts == [1, 1, 2, 2]
    assert [event.variation for event in buffer.drain()] == [c.Variation(right=1.0)]


def picked(which: str, step: int, first: int = 0) -> e.SamplesPicked:
    return e.SamplesPicked(step, "test", which, 4, 9, 30, first, (), 0, 0, b"", (), 0.1)  # type: ignore[arg-type]


def test_samples_that_are_looked_at_again_and_again_are_an_answer_once():
    woken: list[None] = []
    buffer = EventBuffer(lambda: woken.append(None))
    counts = []
    for step, first in ((1, 0), (2, 0), (3, 8), (4, 8)):
        for which in ("mistakes", "cell"):
            buffer.put(picked(which, step, first))
            counts.append(len(woken))
    assert counts == [1, 2, 2, 2, 3, 4, 4, 4]
    assert len(buffer.drain()) == 8
