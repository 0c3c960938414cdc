"""A recorded run, once more: whether it comes to the same weights."""

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from engine.training.command_log import read_log
from engine.training.events import AnyEvent
from engine.training.replay import Script, replay
from engine.training.trainer import Trainer
from tui_nn.exit_status import DONE, FAILED, MISTAKE
from tui_nn.headless import run_headless
from tui_nn.run_options import runs_folder


def replay_log(path: Path, checkpoint: Path | None, *, json: bool) -> int:
    """Do what a log of commands tells, and compare; returns the exit status. Raises UserError."""
    record = read_log(path)
    name = f"{datetime.now():%Y%m%d-%H%M%S}-replay-{os.urandom(2).hex()}"
    saved = checkpoint or runs_folder() / name / "last.safetensors"
    begun: dict[str, Script] = {}

    def make(emit: Callable[[AnyEvent], None]) -> Trainer:
        begun["script"] = replay(record, emit, saved, name)
        return begun["script"].trainer

    status = run_headless(make, lambda command: begun["script"].put(command), json=json)
    if status == MISTAKE:
        return status
    expected, found = record.ended, read_log(saved).ended
    if expected and found == expected:
        print(f"the same weights to the bit: sha256 {found[-1].weights}", file=sys.stderr if json else sys.stdout)
        return DONE  # also where the recorded run was interrupted, or failed
    if status == DONE and expected:
        print(f"tui-nn: {record.path}: the weights of the replay, {saved}, are others", file=sys.stderr)
        return FAILED
    if status == DONE:
        print(f"tui-nn: {record.path}: has no end to compare with; the weights are in {saved}", file=sys.stderr)
    return status
