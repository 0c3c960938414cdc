from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from engine.errors import UserError
from engine.studies.result import Outcome, Result
from engine.studies.running import Progress, RunAdvanced, RunBegan, RunFinished, StudyFailed, run_study
from engine.studies.study import Plan
from engine.training import events as e
from engine.training.commands import AnyCommand, Close, Stop
from engine.training.trainer import Trainer

Plans = Callable[..., Plan]


def run(plan: Plan) -> Result:
    return run_study(plan, lambda progress: None)


def outcomes(result: Result) -> list[Outcome]:
    return [outcome for row in result.rows for outcome in row.outcomes]


def without_time(outcome: Outcome) -> Any:
    figures = {name: value for name, value in outcome.figures.items() if name != "seconds"}
    return outcome._replace(figures=figures, seconds=0)


def test_curves_have_a_point_an_epoch_and_figures_are_the_trainers(plan: Plans, tmp_path: Path):
    small = plan()
    result = run(small)
    assert [(row.label, [outcome.seed for outcome in row.outcomes]) for row in result.rows] == [
        ("0.01", [0, 1]),
        ("0.5", [0, 1]),
    ]
    told: list[Any] = []
    config = small.runs[1][1]
    Trainer(config, told.append, checkpoint=tmp_path / "one.safetensors").run()
    (ended,) = (event for event in told if isinstance(event, e.RunEnded))
    epochs = [event for event in told if isinstance(event, e.EpochEnded)]
    outcome = result.rows[1].outcomes[0]
    assert outcome.x == (1, 2, 3)
    assert outcome.y == tuple(event.validation_accuracy for event in epochs)
    for name in ("train_loss", "train_accuracy", "validation_loss", "test_accuracy", "steps"):
        assert outcome.figures[name] == ended.summary[name]
    assert outcome.figures["gap"] == ended.summary["validation_loss"] - ended.summary["train_loss"]
    assert not result.interrupted


@pytest.mark.parametrize(
    ("curve", "x"),
    [("train_loss", [5, 10, 15, 20, 22]), ("validation_accuracy", [0, 5, 10, 15, 20, 22])],
)
def test_by_step_there_is_a_point_at_each_quarter_of_an_epoch(
    curve: str, x: list[int], plan: Plans, content: Callable[..., dict[str, Any]]
):
    settings = content()["settings"] | {"epochs": 1, "batch_size": 5}
    result = run(plan(by="step", curve=curve, settings=settings, seeds=1))
    assert [list(outcome.x) for outcome in outcomes(result)] == [x, x]


def test_the_same_study_twice_has_the_same_figures_and_seeds_differ(plan: Plans):
    first, second = run(plan()), run(plan())
    assert list(map(without_time, outcomes(first))) == list(map(without_time, outcomes(second)))
    one, other = first.rows[0].outcomes
    assert one.figures["train_loss"] != other.figures["train_loss"]


def test_a_run_that_diverges_is_a_result(plan: Plans, content: Callable[..., dict[str, Any]], tmp_path: Path):
    deep = content()["settings"] | {"model": "Flatten, Linear(8), Linear(8), Linear(3)", "loss": "mse"}
    calm, wild = run(plan(settings=deep, vary={"lr": [0.001, 1000.0]})).rows
    assert calm.diverged == []
    assert all(outcome.figures == {} and outcome.diverged > 1 for outcome in wild.outcomes)
    assert wild.figure("train_loss").values == ()
    told: list[Any] = []
    Trainer(wild.case.config, told.append, checkpoint=tmp_path / "one.safetensors").run()
    assert f"in step {wild.diverged[0]}:" in told[-1].message


def test_what_is_told_counts_the_runs(plan: Plans):
    told: list[Progress] = []
    run_study(plan(), told.append)
    assert [(p.number, p.total, p.seed) for p in told if isinstance(p, RunBegan)] == [
        (1, 4, 0), (2, 4, 0), (3, 4, 1), (4, 4, 1),
    ]  # fmt: skip
    assert [p.outcome.label for p in told if isinstance(p, RunFinished)] == ["0.01", "0.5", "0.01", "0.5"]
    assert all(0 <= p.share <= 1 for p in told if isinstance(p, RunAdvanced))


@pytest.mark.parametrize(("after", "labels"), [(1, ["0.01"]), (3, ["0.01", "0.5", "0.01"])])
def test_stopped_it_has_what_was_finished(after: int, labels: list[str], plan: Plans):
    commands: SimpleQueue[AnyCommand] = SimpleQueue()
    finished: list[str] = []

    def tell(progress: Progress) -> None:
        if isinstance(progress, RunFinished):
            finished.append(progress.outcome.label)
            if len(finished) == after:
                commands.put(Stop(interrupted=True))

    result = run_study(plan(), tell, commands)
    assert finished == labels
    assert len(outcomes(result)) == after
    assert result.interrupted


@pytest.mark.parametrize("command", [Stop(), Stop(interrupted=True), Close()])
def test_any_end_in_the_midst_of_a_run_ends_the_study_without_that_run(command: AnyCommand, plan: Plans):
    commands: SimpleQueue[AnyCommand] = SimpleQueue()
    began: list[RunBegan] = []

    def tell(progress: Progress) -> None:
        match progress:
            case RunBegan():
                began.append(progress)
            case RunAdvanced(share) if len(began) == 2 and 0 < share < 1:
                commands.put(command)
            case _:
                pass

    result = run_study(plan(), tell, commands)
    assert [outcome.label for outcome in outcomes(result)] == ["0.01"]
    assert len(began) == 2
    assert result.interrupted


REMOTE = {"dataset": "mnist", "model": "Flatten, Linear(10)", "batch_size": 600, "epochs": 1, "threads": 1}


@pytest.mark.usefixtures("data_folder")
def test_data_that_are_not_here_are_downloaded_first_and_that_is_told(plan: Plans, mirrors: Any, mnist_from: Any):
    found = mnist_from(mirrors.add("whole", mirrors.give))
    told: list[Progress] = []
    result = run_study(plan(settings=REMOTE, seeds=1), told.append)
    transfers = [progress for progress in told if isinstance(progress, e.DownloadAdvanced)]
    total = sum(file.size for file in found.files)
    assert (transfers[0].done, transfers[-1].done, transfers[-1].total) == (0, total, total)
    assert told[: len(transfers)] == transfers
    assert isinstance(told[len(transfers)], RunBegan)
    assert len(outcomes(result)) == 2


@pytest.mark.usefixtures("data_folder")
@pytest.mark.parametrize("command", [Stop(), Stop(interrupted=True), Close()])
def test_a_download_is_ended_though_the_server_is_silent(
    command: AnyCommand, plan: Plans, mirrors: Any, mnist_from: Any
):
    mnist_from(mirrors.add("stalls", mirrors.stall(300)))
    commands: SimpleQueue[AnyCommand] = SimpleQueue()
    commands.put(command)
    told: list[Progress] = []
    result = run_study(plan(settings=REMOTE), told.append, commands)
    assert not mirrors.released.is_set()
    assert (result.rows, result.interrupted) == ((), True)
    assert not any(isinstance(progress, RunBegan) for progress in told)


def test_so_it_is_where_the_data_went_away_between_two_runs(
    plan: Plans, mirrors: Any, mnist_from: Any, data_folder: Path
):
    asked = mirrors.stall(300)
    mnist_from(mirrors.add("turns", lambda *answer: (asked if finished else mirrors.give)(*answer)))
    commands: SimpleQueue[AnyCommand] = SimpleQueue()
    finished: list[RunFinished] = []

    def tell(progress: Progress) -> None:
        match progress:
            case RunFinished():
                finished.append(progress)
                for path in (data_folder / "mnist").iterdir():
                    path.unlink()
            case e.DownloadAdvanced() if finished:
                commands.put(Stop())
            case _:
                pass

    result = run_study(plan(settings=REMOTE), tell, commands)
    assert not mirrors.released.is_set()
    assert (len(finished), len(outcomes(result)), result.interrupted) == (1, 1, True)


@pytest.mark.usefixtures("data_folder")
def test_a_download_that_fails_is_no_mistake(plan: Plans, mirrors: Any, mnist_from: Any):
    mnist_from(mirrors.add("absent", mirrors.refuse))
    with pytest.raises(StudyFailed, match=r"^study small: lr 0.01: mnist: cannot be downloaded: .*HTTP 404"):
        run(plan(settings=REMOTE))


@pytest.mark.parametrize(
    ("vary", "word"),
    [
        ({"model": ["Flatten, Linear(3)", "Flatten, Linear(4)"]}, "gives (4,)"),
        ({"batch_size": [10, 500]}, "batch size 500: batch-size 500: more than the 108"),
        ({"data": {"here": {}, "there": {"dataset": "idx:nowhere"}}}, "there: nowhere: no such folder"),
        ({"samples": [50, 500]}, "has 108 training samples"),
    ],
)
def test_a_mistake_in_the_last_case_is_found_before_the_first_run(vary: dict[str, Any], word: str, plan: Plans):
    told: list[Progress] = []
    with pytest.raises(UserError) as caught:
        run_study(plan(vary=vary), told.append)
    assert word in str(caught.value)
    assert str(caught.value).startswith("study small: ")
    assert told == []


def test_a_defect_is_a_failure_that_names_the_run(plan: Plans, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("engine.training.trainer.summarize", broken)
    with pytest.raises(StudyFailed, match=r"lr 0.01, seed 0: RuntimeError: out of order"):
        run(plan())


def test_nothing_is_left_on_the_disk(plan: Plans, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run(plan(seeds=1))
    assert list(tmp_path.iterdir()) == []


def test_few_samples_are_learned_from(plan: Plans):
    few, all_of_them = run(plan(vary={"samples": [40, 0]}, seeds=1)).rows
    assert few.outcomes[0].figures["steps"] == 2 * 3
    assert all_of_them.outcomes[0].figures["steps"] == 6 * 3


def test_numbers_have_an_error_in_their_own_unit(plan: Plans, tmp_path: Path):
    file = tmp_path / "line.csv"
    file.write_text("x,y\n" + "".join(f"{n},{100 + 3 * n}\n" for n in range(200)))
    settings = {
        "dataset": f"csv:{file},target=y",
        "model": "Linear(outputs)",
        "optimizer": "sgd",
        "lr": 0.1,
        "epochs": 5,
    }
    numbers = {"curve": "validation_rmse", "columns": ["validation_rmse", "test_rmse"], "sentence": "best"}
    small, large = run(plan(**numbers, settings=settings, vary={"lr": [0.0001, 0.1]}, seeds=1)).rows
    assert small.figure("validation_rmse").mean > 20 > 5 > large.figure("test_rmse").mean
    assert len(large.curve) == 5
    with pytest.raises(UserError, match=r"train_accuracy: the answers of .* are numbers"):
        run(plan(**numbers | {"columns": ["train_accuracy"]}, settings=settings))
    with pytest.raises(UserError, match=r"train_rmse: the answers of .* are classes"):
        run(plan(columns=["train_rmse"]))
