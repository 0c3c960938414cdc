from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.training import commands as c
from engine.training import events as e
from engine.training.checkpoint import load_checkpoint

Train = Callable[..., Any]

SMALL = {"dataset": "mnist", "model": "Flatten, Linear(4), ReLU, Linear(10)", "batch_size": 600, "epochs": 1}

pytestmark = pytest.mark.usefixtures("data_folder")


def kinds(run: Any) -> list[type]:
    return [type(event) for event in run.events]


def test_what_is_not_here_is_downloaded_before_it_is_read(train: Train, mirrors: Any, mnist_from: Any):
    found = mnist_from(mirrors.add("whole", mirrors.give))
    run = train(**SMALL)
    told = run.of(e.DownloadAdvanced)
    total = sum(file.size for file in found.files)
    assert (told[0].done, told[-1].done, told[-1].total) == (0, total, total)
    assert {event.dataset for event in told} == {"mnist"}
    assert kinds(run)[: len(told) + 1] == [e.DownloadAdvanced] * len(told) + [e.PreparationAdvanced]
    assert run.the(e.RunStarted).config.dataset == run.the(e.RunEnded).summary["dataset"] == "mnist"
    assert run.the(e.RunStarted).train_count == 3600


def test_what_is_here_is_used_as_it_is(train: Train, mnist_from: Any, digits: dict[str, bytes], data_folder: Path):
    found = mnist_from()
    found.folder.mkdir(parents=True)
    for name, content in digits.items():
        (found.folder / name).write_bytes(content)
    run = train(**SMALL)
    assert run.of(e.DownloadAdvanced) == []
    assert run.the(e.RunEnded).reason == "done"


def test_a_download_that_fails_is_no_mistake_and_says_what_to_do(train: Train, mirrors: Any, mnist_from: Any):
    found = mnist_from(mirrors.add("absent", mirrors.refuse))
    failed = train(**SMALL).the(e.RunFailed)
    assert not failed.mistake
    assert len(failed.message.splitlines()) == 1
    for part in ("mnist", "127.0.0.1", "HTTP 404", str(found.folder), "--dataset mnist-5k"):
        assert part in failed.message
    assert all(file.name in failed.message for file in found.files)


@pytest.mark.parametrize(
    ("command", "reason"), [(c.Stop(interrupted=True), "interrupted"), (c.Stop(), "stopped"), (c.Close(), "stopped")]
)
@pytest.mark.parametrize("linger", [True, False])
def test_a_command_ends_it_though_the_server_is_silent(
    train: Train, mirrors: Any, mnist_from: Any, command: c.AnyCommand, reason: str, linger: bool
):
    found = mnist_from(mirrors.add("stalls", mirrors.stall(300)))
    run = train(react=lambda event: command if isinstance(event, e.DownloadAdvanced) else None, linger=linger, **SMALL)
    assert not mirrors.released.is_set()
    assert run.the(e.RunEnded).reason == reason
    assert run.the(e.RunEnded).summary == {}
    assert kinds(run)[-1] is e.RunEnded
    assert run.of(e.RunStarted) == []
    assert not [path for path in found.folder.iterdir() if path.suffix == ".gz"]


def test_commands_given_meanwhile_are_obeyed_in_order_when_it_has_begun(
    train: Train, mirrors: Any, mnist_from: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.training.obtaining.TELL_S", 0.0)
    mnist_from(mirrors.add("whole", mirrors.give))
    given = iter([c.SetHyperparameter("learning_rate", 0.5), c.StepHyperparameter("learning_rate", +1)])

    def react(event: Any) -> c.AnyCommand | None:
        return next(given, None) if isinstance(event, e.DownloadAdvanced) else None

    changes = train(react=react, **SMALL).of(e.HyperparameterChanged)
    assert [(change.before, change.hyperparameter.value) for change in changes] == [(0.001, 0.5), (0.5, 1.0)]


def test_lingering_it_waits_and_another_set_can_be_chosen(train: Train, mirrors: Any, mnist_from: Any, tiny: str):
    mnist_from(mirrors.add("absent", mirrors.refuse))
    run = train(c.Pause(), c.ChooseDataset("mnist-5k"), linger=True, **SMALL)
    failed = run.the(e.DownloadFailed)
    assert (failed.dataset, failed.fallback) == ("mnist", "mnist-5k")
    assert "HTTP 404" in failed.message
    assert "--dataset" not in failed.message
    assert run.the(e.RunStarted).config.dataset == "mnist-5k"
    assert run.the(e.RunPaused), "the command before it is obeyed when the run has begun"


def test_lingering_it_can_be_tried_again(train: Train, mirrors: Any, mnist_from: Any):
    answers = iter([mirrors.refuse])
    mnist_from(mirrors.add("mends", lambda *a: next(answers, mirrors.give)(*a)))
    run = train(c.Restart(), linger=True, **SMALL)
    assert len(run.of(e.DownloadFailed)) == 1
    assert run.the(e.RunStarted).config.dataset == "mnist"


def test_lingering_it_can_be_left(train: Train, mirrors: Any, mnist_from: Any):
    mnist_from(mirrors.add("absent", mirrors.refuse))
    run = train(linger=True, **SMALL)
    assert kinds(run)[-2:] == [e.DownloadFailed, e.RunFailed]
    assert not run.the(e.RunFailed).mistake


@pytest.mark.parametrize("told", [e.DownloadAdvanced, e.DownloadFailed])
def test_left_alone_it_waits_for_nobody(
    train: Train, mirrors: Any, mnist_from: Any, monkeypatch: pytest.MonkeyPatch, told: type
):
    monkeypatch.setattr("engine.training.obtaining.TELL_S", 0.0)
    answer = mirrors.give if told is e.DownloadAdvanced else mirrors.refuse
    answers = iter([answer])
    mnist_from(mirrors.add("one file", lambda *a: next(answers, mirrors.refuse)(*a)))
    run = train(c.ChooseDataset("mnist-5k"), react=lambda event: c.Detach() if isinstance(event, told) else None,
                linger=True, **SMALL)  # fmt: skip
    assert kinds(run)[-1] is e.RunFailed
    assert run.of(e.RunStarted) == []


def test_weights_that_learned_other_data_are_not_offered_the_embedded_ones(
    train: Train, mirrors: Any, mnist_from: Any, tmp_path: Path
):
    found = mnist_from(mirrors.add("absent", mirrors.refuse))
    file = tmp_path / "run.safetensors"
    train(**{**SMALL, "dataset": "mnist-5k"}, checkpoint=file)
    failed = train(linger=True, resume=load_checkpoint(file), **SMALL).the(e.DownloadFailed)
    assert failed.fallback == ""
    assert not found.folder.exists() or not list(found.folder.glob("*.gz"))


def test_the_data_set_of_a_run_that_trains_stays(train: Train):
    run = train(c.ChooseDataset("mnist-5k"), paused=True, linger=True)
    assert "mnist-5k" in run.the(e.CommandRefused).reason
