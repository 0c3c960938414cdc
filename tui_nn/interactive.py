"""The dashboard from its first frame to what stands on the terminal after it."""

import asyncio
import json
import os
import sys
import traceback
from contextlib import ExitStack
from pathlib import Path

import msgspec

from engine.training import commands as c
from tui_nn.app import TuiNN
from tui_nn.collector import rare_collections
from tui_nn.event_loop import make_loop
from tui_nn.exit_status import DONE, FAILED
from tui_nn.run_options import RunRequest
from tui_nn.run_state import RunState
from tui_nn.session import Session
from tui_nn.settings import Settings, load_settings
from tui_nn.terminal.run_log import RunLog

REPEATED = 20
"""Lines of the log that are said again when the screen has gone."""


def open_dashboard(request: RunRequest, pace: float, **likes: str | None) -> int:
    """Run the dashboard as the settings say, but for the `likes` that are given; returns the exit status."""
    session = Session(
        request.config,
        request.checkpoint,
        name=request.name,
        resume=request.resume,
        pace=pace,
    )
    given = {name: value for name, value in likes.items() if value is not None}
    settings = msgspec.structs.replace(load_settings(), **given)
    log = RunLog(request.checkpoint.with_suffix(".log"))
    try:
        return _show(session, settings, log)
    finally:
        log.close()


def _show(session: Session, settings: Settings, log: RunLog) -> int:
    run, status, terminal = RunState(), DONE, None
    defect: Exception | None = None
    with ExitStack() as stack:
        if sys.platform != "win32" and os.isatty(1):
            from tui_nn.terminal.own_terminal import OwnTerminal

            terminal = stack.enter_context(OwnTerminal(log))
        try:
            app = TuiNN(session, settings, terminal=terminal)
            run = app.run_state
            with rare_collections(), asyncio.Runner(loop_factory=make_loop) as loop:
                loop.run(app.run_async())
            status, defect = app.return_code or DONE, app.defect
        except Exception as error:
            traceback.print_exc()
            defect = error
        if terminal is None or not terminal.lost:
            # The last save is not cut short: not by a signal, and not by a terminal that goes now.
            from tui_nn.headless import signals_stop  # loads the trainer, which the first frame need not wait for

            session.send(c.Close())
            with signals_stop(session.send):
                session.join()
    if terminal is not None and terminal.lost:
        from tui_nn.unattended import go_on

        status = go_on(session, run, log)
    else:
        for event in session.events():
            run.apply(event)
    if defect is not None:
        print(f"tui-nn: {_in_a_line(defect)}: a defect of the program; see {log.name}", file=sys.stderr)
        status = FAILED
    elif terminal is None or not terminal.lost:
        _repeat(log)
    return _tell(run, status)


def _tell(run: RunState, status: int) -> int:
    """What is to be said of the run, on the terminal or, where that is lost, in the log."""
    if run.failure is not None:
        print(f"tui-nn: {run.failure.message}", file=sys.stderr)
        return status or FAILED
    if run.summary:
        from tui_nn.report import closing_lines, finite  # loads plotext, which the first frame need not wait for

        print("\n".join(closing_lines(run.summary, run.trouble)))
        if run.summary["checkpoint"]:
            file = Path(run.summary["checkpoint"]).with_suffix(".summary.json")
            try:
                file.write_text(json.dumps(finite(run.summary), indent=1) + "\n", encoding="utf-8")
            except OSError as error:
                print(f"tui-nn: {file}: cannot be written: {error.strerror}", file=sys.stderr)
    elif run.trouble:
        print(f"tui-nn: {run.trouble}", file=sys.stderr)
    return status


def _repeat(log: RunLog) -> None:
    """Say again what was printed while the screen was on."""
    if log.is_empty:
        return
    lines = log.tail(REPEATED)
    print(f"tui-nn: printed meanwhile; {log.name} has all of it, these are the last lines:", file=sys.stderr)
    print("\n".join(lines), file=sys.stderr)


def _in_a_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
