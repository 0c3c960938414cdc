"""A study in the terminal: a line or a bar while it runs, then curves, table and sentence, or JSON."""

import json as json_format
import sys
from queue import SimpleQueue

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from engine.studies.figures import FIGURES
from engine.studies.result import Outcome
from engine.studies.running import Progress, RunAdvanced, RunBegan, RunFinished, StudyFailed, run_study
from engine.studies.study import Plan, read_study, study_names, with_options
from engine.training.commands import AnyCommand
from engine.training.events import DownloadAdvanced
from tui_nn.exit_status import DONE, FAILED, INTERRUPTED
from tui_nn.headless import signals_stop
from tui_nn.report import finite
from tui_nn.study_report import report
from tui_nn.study_summary import summary
from tui_nn.transferred import Tenths, transferred


def run_and_show(name: str, *, seeds: str | None, epochs: str | None, json: bool) -> int:
    """Run a study in this thread; returns the exit status. With `json`, stdout gets the result alone."""
    plan = with_options(read_study(name), seeds, epochs)
    commands: SimpleQueue[AnyCommand] = SimpleQueue()
    console = Console(stderr=json, highlight=False, soft_wrap=True)
    teller = Teller(console, plan)
    try:
        with signals_stop(commands.put), teller.bar:
            result = run_study(plan, teller.take, commands)
    except StudyFailed as error:
        print(f"tui-nn: {error}", file=sys.stderr)
        return FAILED
    print(json_format.dumps(finite(summary(result))) if json else "\n".join(report(result)))
    return INTERRUPTED if result.interrupted else DONE


class Teller:
    """Says how far a study is: a bar on a terminal, elsewhere a line for each run that is over."""

    def __init__(self, console: Console, plan: Plan) -> None:
        self._console = console
        self._plan = plan
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[what]}"),
        )
        self.bar = Bar(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self.bar.add_task("reading", total=None, what="")
        self._before = 0
        self._tenths = Tenths()

    def take(self, progress: Progress) -> None:
        """One thing that a study tells."""
        match progress:
            case RunBegan(number, count, case, seed):
                if number == 1:
                    self._console.print(f"{self._plan.name}: {self._plan.study.description}", markup=False)
                self._before = number - 1
                about = f"run {number} of {count}: {case.name}, seed {seed}"
                self.bar.update(self._task, description=about, completed=self._before, total=count, what="")
            case DownloadAdvanced(name, done, total) as event:
                about, figures = f"downloading {name}", transferred(event)
                self.bar.update(self._task, description=about, completed=done, total=total, what=figures)
                if self.bar.disable and self._tenths.passed(event):
                    self._console.print(f"{about}: {figures} from {event.source}", markup=False)
            case RunAdvanced(share, what):
                self.bar.update(self._task, completed=self._before + share, what=what)
            case RunFinished(number, count, case, outcome) if not self._console.is_terminal:
                about = f"run {number:>{len(str(count))}} of {count}   {case.name}, seed {outcome.seed}"
                self._console.print(f"{about}: {self._figures(outcome)}", markup=False)
            case _:
                pass  # the bar is there already

    def _figures(self, outcome: Outcome) -> str:
        if outcome.diverged is not None:
            return f"diverged at step {outcome.diverged}"
        there = [name for name in self._plan.study.columns[:2] if name in outcome.figures]
        return ", ".join(f"{FIGURES[name].label} {FIGURES[name].text(outcome.figures[name])}" for name in there)


def print_studies() -> None:
    """The studies that come along, a line each."""
    names = study_names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:<{width}}  {read_study(name).study.description}")
