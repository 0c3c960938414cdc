"""Another run begun in place of the one that trains."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import datasets
from engine.training import commands as c
from engine.training import events as e
from engine.training.checkpoint import load_checkpoint
from engine.training.command_log import read_log
from engine.training.config import make_config
from engine.training.replay import replay

Train = Callable[..., Any]
Configure = Callable[..., Any]

OTHER = {"model": "Flatten, Linear(6), Tanh, Linear(outputs)", "optimizer": "sgd", "lr": 0.05, "seed": 7, "epochs": 2}
IRIS = {
    "dataset": "iris",
    "model": "Linear(5), ReLU, Linear(outputs)",
    "batch_size": 16,
    "epochs": 2,
    "optimizer": "adam",
}


def at(step: int, *commands: c.AnyCommand) -> Callable[[Any], c.AnyCommand | None]:
    given = iter(commands)
    return lambda event: next(given, None) if isinstance(event, e.StepsEnded) and event.step >= step else None


@pytest.mark.parametrize("settings", [OTHER, IRIS], ids=["the same data", "other data"])
@pytest.mark.parametrize("state", ["running", "paused", "ended"])
def test_it_is_the_run_that_its_configuration_makes_and_the_one_before_is_kept(
    train: Train, configure: Configure, tmp_path: Path, settings: dict[str, Any], state: str
):
    config = configure(**settings)
    straight = train(config=config, checkpoint=tmp_path / "straight.safetensors")
    begin = c.BeginRun(config)
    run = {
        "running": lambda: train(react=at(5, begin), linger=True),
        "paused": lambda: train(c.RunSteps(5), begin, paused=True, linger=True),
        "ended": lambda: train(begin, linger=True),
    }[state]()
    first, second = run.of(e.RunStarted)
    assert second.config == straight.the(e.RunStarted).config
    assert second.step == 0
    assert run.weights == straight.weights
    last = run.of(e.RunEnded)[-1]
    assert (last.reason, last.step) == ("done", straight.the(e.RunEnded).step)
    kept, saved = load_checkpoint(tmp_path / "run.safetensors"), load_checkpoint(tmp_path / "run-2.safetensors")
    assert Path(last.summary["checkpoint"]) == tmp_path / "run-2.safetensors"
    assert (kept.config.model, saved.config.model) == (first.config.model, second.config.model)
    assert kept.training is not None
    assert kept.training.position.step == (18 if state == "ended" else 5)


@pytest.mark.parametrize("state", ["running", "paused", "ended"])
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": "Flatten, Linear(8), Linear(4)"}, ["layer 2", "(4,)", "(3,)"]),
        ({"lr": 1e9}, ["--lr 1e+09", "1000"]),
        ({"optimizer": "adm"}, ["'adm'", "adam"]),
        ({"dataset": "nowhere"}, ["'nowhere'"]),
        ({"dataset": "csv:none.csv"}, ["none.csv"]),
        ({"samples": 10**6}, ["--samples"]),
        ({"threads": 1000}, ["--threads 1000"]),
        ({"model": "Flatten, Linear(2000000000), Linear(3)"}, ["no memory"]),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_run_changes_nothing_and_says_why(
    train: Train, configure: Configure, tmp_path: Path, settings: dict[str, Any], words: list[str], state: str
):
    begin = c.BeginRun(configure(**settings))
    straight = train(checkpoint=tmp_path / "straight.safetensors")
    run = {
        "running": lambda: train(react=at(5, begin), linger=True),
        "paused": lambda: train(c.RunSteps(5), begin, c.Resume(), paused=True, linger=True),
        "ended": lambda: train(begin, linger=True),
    }[state]()
    refused = run.the(e.CommandRefused)
    assert len(refused.reason.splitlines()) == 1
    for word in words:
        assert word in refused.reason
    assert len(run.of(e.RunStarted)) == 1
    assert run.weights == straight.weights
    assert not (tmp_path / "run-2.safetensors").exists()
    # Who was told of a preparation is told that it came to nothing.
    before = run.events[run.events.index(refused) - 1]
    assert isinstance(before, {"running": e.RunResumed, "paused": e.RunPaused, "ended": e.RunEnded}[state])
    assert run.of(e.RunEnded)[-1].reason == "done"


def test_what_the_run_before_has_left_is_no_part_of_it(train: Train, configure: Configure, tmp_path: Path):
    config, ask = configure(**OTHER), c.ExplainDigit(3)
    straight = train(ask, config=config, linger=True, checkpoint=tmp_path / "straight.safetensors")
    run = train(c.PredictDigit(7), c.BeginRun(config), c.PredictDigit(), ask, linger=True)
    assert run.the(e.DigitExplained).path == straight.the(e.DigitExplained).path
    assert [event.index for event in run.of(e.DigitPredicted)] == [7, 0]
    summaries = run.of(e.RunEnded)[-1].summary, straight.the(e.RunEnded).summary
    assert summaries[0]["samples"] == summaries[1]["samples"]


def test_what_was_best_of_the_run_before_is_none_of_its_own(train: Train, configure: Configure, tmp_path: Path):
    """It learns next to nothing: never would it be as good."""
    train(c.BeginRun(configure(lr=1e-8, optimizer="sgd", init="zeros")), linger=True, epochs=20)
    assert (tmp_path / "run.best.safetensors").exists()
    assert (tmp_path / "run-2.best.safetensors").exists()


@pytest.mark.parametrize("first", [c.RunSteps(8), c.RunEpoch()])
def test_begun_in_steps_that_were_counted_it_goes_to_its_end(train: Train, configure: Configure, first: Any):
    run = train(first, react=at(5, c.BeginRun(configure(**OTHER))), paused=True, linger=True)
    assert [(event.step, event.reason) for event in run.of(e.RunEnded)] == [(12, "done")]
    assert len(run.of(e.RunPaused)) == 1  # before the first step


def test_in_place_of_one_that_diverged_it_has_not_failed(train: Train, configure: Configure):
    run = train(
        c.RunSteps(8), c.SetHyperparameter("learning_rate", 1000.0), c.Resume(), c.BeginRun(configure(**OTHER)),
        c.Detach(),
        react=lambda event: c.Pause() if isinstance(event, e.RunStarted) and event.config.seed == 7 else None,
        paused=True, linger=True, optimizer="sgd", loss="mse", model="Flatten, Linear(8), Linear(8), Linear(3)",
    )  # fmt: skip
    assert [bool(event.reason) for event in run.of(e.RunPaused)].count(True) == 1
    assert run.the(e.RunEnded).reason == "stopped"


def test_data_that_are_here_already_are_not_read_again(
    train: Train, configure: Configure, monkeypatch: pytest.MonkeyPatch
):
    read: list[str] = []
    load = datasets.load
    monkeypatch.setattr(datasets, "load", lambda name: (read.append(name), load(name))[1])
    config = configure(**OTHER)
    run = train(react=at(5, c.BeginRun(config), c.BeginRun(configure(**IRIS)), c.BeginRun(config)), linger=True)
    assert len(run.of(e.RunStarted)) == 4
    assert read == [config.dataset, "iris", config.dataset]
    assert run.of(e.RunEnded)[-1].summary["checkpoint"].endswith("run-4.safetensors")


def test_a_part_of_the_samples_is_other_data(train: Train, configure: Configure):
    run = train(react=at(5, c.BeginRun(configure(samples=40)), c.BeginRun(configure())), linger=True)
    assert [started.train_count for started in run.of(e.RunStarted)] == [108, 40, 108]


def test_a_restart_after_it_is_one_of_the_new_run(train: Train, configure: Configure):
    run = train(c.BeginRun(configure(**IRIS)), c.Restart(), linger=True, paused=True)
    assert [started.config.dataset for started in run.of(e.RunStarted)][1:] == ["iris", "iris"]
    assert run.of(e.RunEnded)[-1].step == 2 * run.of(e.RunStarted)[-1].steps_per_epoch


def test_a_replay_begins_it_as_well(train: Train, configure: Configure, tmp_path: Path):
    begins = at(5, c.SetHyperparameter("learning_rate", 0.02), c.BeginRun(configure(**IRIS)))
    run = train(react=begins, linger=True, rewindable=True)
    record = read_log(tmp_path / "run.safetensors")
    assert [type(line.command) for line in record.obeyed][:2] == [c.SetHyperparameter, c.BeginRun]
    trainer = replay(record, lambda event: None, tmp_path / "again" / "x.safetensors").trainer
    trainer.run()
    assert trainer.weights == run.trainer.weights


@pytest.mark.usefixtures("data_folder")
class TestADownload:
    SMALL = make_config({"dataset": "mnist", "model": "Flatten, Linear(4), Linear(10)", "batch_size": 600, "epochs": 1})

    def test_what_is_missing_is_downloaded_and_commands_meanwhile_are_for_the_new_run(
        self, train: Train, mirrors: Any, mnist_from: Any, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("engine.training.obtaining.TELL_S", 0.0)
        mnist_from(mirrors.add("whole", mirrors.give))
        given = iter([c.SetHyperparameter("learning_rate", 0.5)])

        def react(event: Any) -> c.AnyCommand | None:
            return next(given, None) if isinstance(event, e.DownloadAdvanced) else None

        run = train(c.BeginRun(self.SMALL), linger=True, react=react)
        assert run.of(e.RunStarted)[-1].config.dataset == "mnist"
        assert run.the(e.HyperparameterChanged).before == 0.001
        assert run.of(e.RunEnded)[-1].reason == "done"

    def test_one_that_fails_is_a_refusal(self, train: Train, mirrors: Any, mnist_from: Any):
        mnist_from(mirrors.add("absent", mirrors.refuse))
        run = train(c.RunSteps(5), c.BeginRun(self.SMALL), c.Resume(), paused=True, linger=True)
        assert "HTTP 404" in run.the(e.CommandRefused).reason
        assert run.of(e.RunFailed) == []
        assert run.the(e.RunEnded).reason == "done"

    @pytest.mark.parametrize("command", [c.Close(), c.Stop(), c.Stop(interrupted=True), c.Detach()])
    def test_one_that_is_ended_ends_the_run_as_it_would_have_ended(
        self, train: Train, mirrors: Any, mnist_from: Any, command: c.AnyCommand
    ):
        detached = isinstance(command, c.Detach)
        mnist_from(mirrors.add("silent", mirrors.refuse if detached else mirrors.stall(300)))

        def react(event: Any) -> c.AnyCommand | None:
            return command if isinstance(event, e.DownloadAdvanced) else None

        run = train(c.RunSteps(5), c.BeginRun(self.SMALL), command, linger=True, paused=True, react=react)
        assert not mirrors.released.is_set()
        assert len(run.of(e.RunStarted)) == 1
        ended = run.of(e.RunEnded)[-1]
        assert ended.step == 5
        assert ended.reason == ("interrupted" if command == c.Stop(interrupted=True) else "stopped")
        assert run.of(e.CommandRefused)
