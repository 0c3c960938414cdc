import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

import pytest

from engine import interpreter
from engine.training import commands as c
from engine.training import events as e
from engine.training.checkpoint import load_checkpoint
from engine.training.config import make_config
from tui_nn.session import HURRY_S, Session

LIMIT_S = 60
SETTINGS = {"model": "Flatten, Linear(4), ReLU, Linear(10)", "batch_size": 400, "epochs": 2}


class Running:
    """A session in a thread of its own, and all that it has told."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.events: list[Any] = []
        self.thread = Thread(target=session.run)
        self.thread.start()

    def wait_for(self, kind: type) -> Any:
        """The next event of that kind."""
        began, place = monotonic(), len(self.events)
        while monotonic() < began + LIMIT_S:
            self.events += self.session.events()
            for event in self.events[place:]:
                if isinstance(event, kind):
                    return event
            self.thread.join(0.01)
        raise AssertionError(f"no {kind.__name__} after {self.events[-3:]}")

    def close(self) -> None:
        self.session.send(c.Close())
        self.thread.join(LIMIT_S)
        assert not self.thread.is_alive()
        self.events += self.session.events()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(resume: Path | None = None, paused: bool = False, **settings: Any) -> Running:
        found = load_checkpoint(resume) if resume else None
        config = found.config if found else make_config({**SETTINGS, **settings})
        session = Session(config, tmp_path / "last.safetensors", name="mine", resume=found, paused=paused)
        started.append(Running(session))
        return started[-1]

    yield begin
    for running in started:
        running.close()


def test_a_run_trains_in_its_thread_lingers_and_closes(start: Callable[..., Running], tmp_path: Path):
    running = start()
    about = running.wait_for(e.RunStarted)
    assert (about.run, about.epochs) == ("mine", 2)
    ended = running.wait_for(e.RunEnded)
    assert ended.reason == "done"
    assert ended.summary["steps"] == 18
    assert Path(ended.summary["checkpoint"]) == tmp_path / "last.safetensors"
    assert (tmp_path / "last.safetensors").exists()
    running.session.send(c.PredictDigit(3))
    assert running.wait_for(e.DigitPredicted).index == 3
    assert running.thread.is_alive()
    running.close()
    assert sum(isinstance(event, e.RunEnded) for event in running.events) == 1


def test_it_obeys_and_confirms_while_it_trains(start: Callable[..., Running]):
    running = start(epochs=1_000_000)
    running.wait_for(e.StepsEnded)
    running.session.send(c.SetHyperparameter("learning_rate", 0.05))
    changed = running.wait_for(e.HyperparameterChanged)
    assert (changed.hyperparameter.value, changed.before) == (0.05, 0.001)
    running.session.send(c.Pause())
    assert running.wait_for(e.RunPaused).step >= changed.step


def test_closed_in_the_middle_it_saves_what_a_new_session_goes_on_from(start: Callable[..., Running], tmp_path: Path):
    running = start(epochs=1_000_000)
    running.wait_for(e.StepsEnded)
    running.close()
    ended = next(event for event in running.events if isinstance(event, e.RunEnded))
    again = start(resume=tmp_path / "last.safetensors", paused=True)
    assert again.wait_for(e.RunStarted).step == ended.step > 0


def test_it_may_begin_paused(start: Callable[..., Running]):
    running = start(paused=True)
    assert running.wait_for(e.RunPaused).step == 0
    running.session.send(c.RunSteps(1))
    assert running.wait_for(e.StepsEnded).step == 1


def test_a_mistake_is_an_event_and_the_thread_ends(start: Callable[..., Running]):
    running = start(dataset="idx:nowhere")
    failed = running.wait_for(e.RunFailed)
    assert failed.mistake
    assert "nowhere" in failed.message
    running.thread.join(LIMIT_S)
    assert not running.thread.is_alive()


def test_an_accident_is_an_event_too(start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch):
    def break_down(*_: Any) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr("engine.training.trainer.datasets.load", break_down)
    running = start()
    failed = running.wait_for(e.RunFailed)
    assert not failed.mistake
    assert "MemoryError" in failed.message or "no room" in failed.message


def test_the_screen_goes_first_for_a_moment_after_somebody_did_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    now = 100.0
    monkeypatch.setattr("tui_nn.session.monotonic", lambda: now)
    before = interpreter.held_s, interpreter.asked_s
    session = Session(make_config(SETTINGS), tmp_path / "last.safetensors")
    try:
        session.rest()
        usual = sys.getswitchinterval()
        session.hurry()
        assert sys.getswitchinterval() > usual
        now += HURRY_S / 2
        session.rest()
        assert sys.getswitchinterval() > usual
        now += HURRY_S
        session.rest()
        assert sys.getswitchinterval() == usual
    finally:
        interpreter.share(*before)
