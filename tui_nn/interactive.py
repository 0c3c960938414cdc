"""The dashboard from its first frame to what stands on the terminal after it."""

import sys

import msgspec

from tui_nn.app import TuiNN
from tui_nn.exit_status import FAILED
from tui_nn.run_options import RunRequest
from tui_nn.session import Session
from tui_nn.settings import load_settings


def open_dashboard(request: RunRequest, pace: float, link: str | None = None) -> int:
    """Run the dashboard, over that link or as the settings say; returns the exit status."""
    session = Session(
        request.config,
        request.checkpoint,
        name=request.name,
        resume=request.resume,
        pace=pace,
    )
    settings = load_settings()
    app = TuiNN(session, msgspec.structs.replace(settings, link=link or settings.link))
    app.run()
    run = app.run_state
    if run.failure is not None:
        print(f"tui-nn: {run.failure.message}", file=sys.stderr)
        return app.return_code or FAILED
    if run.summary:
        from tui_nn.report import closing_lines  # loads plotext, which the first frame need not wait for

        print("\n".join(closing_lines(run.summary, run.trouble)))
    elif run.trouble:
        print(f"tui-nn: {run.trouble}", file=sys.stderr)
    return app.return_code or 0
