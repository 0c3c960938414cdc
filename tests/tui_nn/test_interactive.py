from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.training import events as e
from engine.training.config import make_config
from tui_nn import interactive
from tui_nn.run_options import RunRequest
from tui_nn.run_state import RunState

SUMMARY = {
    "dataset": "mnist-5k", "epochs": 1, "steps": 113, "parameters": 1234, "seed": 0, "test_accuracy": 0.9,
    "test_standard_error": 0.01, "validation_accuracy": 0.91, "train_accuracy": 0.92, "seconds": 1.0,
    "compile_seconds": 0.5, "samples_per_second": 1000, "threads": 1, "checkpoint": "last.safetensors",
}  # fmt: skip


@pytest.mark.parametrize(
    ("event", "status", "returned", "out", "err"),
    [
        (e.RunEnded(113, "done", SUMMARY), 0, 0, ["test accuracy 90.00%", "--resume"], []),
        (e.RunEnded(113, "stopped", SUMMARY), 130, 130, ["test accuracy 90.00%"], []),
        (e.RunEnded(113, "stopped", SUMMARY, "the loss is not finite"), 0, 0, ["not finite"], []),
        (e.RunFailed(0, "no such data", mistake=True), 2, 2, [], ["tui-nn: no such data"]),
        (e.RunFailed(9, "MemoryError: no room"), 0, 1, [], ["tui-nn: MemoryError: no room"]),
        (e.RunEnded(0, "stopped", {}, "ended early"), 130, 130, [], ["tui-nn: ended early"]),
        (None, 0, 0, [], []),
    ],
)
def test_what_is_said_and_returned_after_the_dashboard(
    event: Any,
    status: int,
    returned: int,
    out: list[str],
    err: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    def app(session: Any, settings: Any, terminal: Any) -> Any:
        run = RunState()
        if event is not None:
            run.apply(event)

        async def run_async() -> None:
            pass

        return SimpleNamespace(run_async=run_async, run_state=run, return_code=status, terminal=None, defect=None)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(interactive, "TuiNN", app)
    request = RunRequest("run", make_config({}), tmp_path / "last.safetensors", None)
    assert interactive.open_dashboard(request, pace=0.0) == returned
    said = capsys.readouterr()
    for words, text in ((out, said.out), (err, said.err)):
        assert bool(words) == bool(text)
        for word in words:
            assert word in text
