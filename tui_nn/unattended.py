"""A run whose screen has gone, to its end: it tells what a run without a dashboard would, into the log."""

from datetime import datetime

from rich.console import Console

from tui_nn.exit_status import DONE, FAILED, INTERRUPTED, MISTAKE
from tui_nn.headless import Listener, signals_stop
from tui_nn.run_state import RunState
from tui_nn.session import Session
from tui_nn.terminal.run_log import RunLog

LOOK_S = 1.0
"""Between two looks at what the run has told."""


def go_on(session: Session, run: RunState, log: RunLog) -> int:
    """Wait for the end, and take in all that is told on the way; returns the exit status."""
    place = f"at step {run.step:,}" if run.started else "before the run began"
    print(f"tui-nn: the terminal was lost {place}, {datetime.now():%Y-%m-%d %H:%M:%S}; the run goes on", flush=True)
    listener = Listener(Console(highlight=False, soft_wrap=True))
    with signals_stop(session.send):
        session.start()
        over = False
        while not over:
            over = session.join(LOOK_S)
            for event in session.events():
                run.apply(event)
                listener.take(event)
            log.poll()
    if run.failure is not None:
        return MISTAKE if run.failure.mistake else FAILED
    if run.ending == "interrupted":
        return INTERRUPTED
    return FAILED if run.ending == "failed" or not run.summary.get("checkpoint") else DONE
