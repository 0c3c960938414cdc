"""The dashboard from its first frame to what stands on the terminal after it."""

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from tui_nn.app import TuiNN
from tui_nn.exit_status import DONE, FAILED
from tui_nn.run_options import RunRequest
from tui_nn.run_state import RunState
from tui_nn.session import Session
from tui_nn.terminal.run_log import RunLog

REPEATED = 20
"""Lines of the log that are said again when the screen has gone."""


def open_dashboard(request: RunRequest, pace: float) -> int:
    """Run the dashboard; returns the exit status."""
    session = Session(
        request.config,
        request.checkpoint,
        name=request.name,
        resume=request.resume,
        pace=pace,
    )
    log = RunLog(request.checkpoint.with_suffix(".log"))
    try:
        return _run(session, log)
    finally:
        log.close()


def _run(session: Session, log: RunLog) -> int:
    with ExitStack() as stack:
        if sys.platform == "win32" or not os.isatty(1):
            app = TuiNN(session)
        else:
            from tui_nn.terminal.driver import TerminalDriver
            from tui_nn.terminal.own_terminal import OwnTerminal

            terminal = stack.enter_context(OwnTerminal(log))
            app = TuiNN(session, driver_class=TerminalDriver, terminal=terminal)
        app.run()
    status = app.return_code or DONE
    if app.terminal is not None and app.terminal.lost:
        from tui_nn.unattended import go_on

        status = go_on(session, app.run_state, log)
    else:
        session.join()
        for event in session.events():
            app.run_state.apply(event)
        _repeat(log)
    if app.defect is not None:
        print(f"tui-nn: {_in_a_line(app.defect)}, a defect; {log.name} has the traceback", file=sys.stderr)
        status = FAILED
    return _tell(app.run_state, status)


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
