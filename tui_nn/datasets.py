"""`tui-nn datasets`: what there is, and a download with its progress."""

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine.datasets import MissingData, available, datasets, fetch
from engine.datasets.default import EMBEDDED
from engine.datasets.mnist_5k import PROVENANCE
from engine.datasets.paths import data_path, downloads_path
from engine.datasets.remote import RemoteSet, find, remote_sets, wrong_files
from engine.downloads.file import host_of
from engine.downloads.meter import Transfer
from engine.errors import UserError
from tui_nn.exit_status import DONE, FAILED, INTERRUPTED
from tui_nn.transferred import Tenths, megabytes, transferred


def list_datasets() -> None:
    """A line for each data set; then where those with files come from, whether they are here, and their licence."""
    names = available()
    width = max(len(name) for name, _ in names)
    for name, description in names:
        print(f"{name:<{width}}  {description}")
    print(f"\nWhat is downloaded goes to {downloads_path()}; TUI_NN_DATA names another folder.\n")
    embedded = data_path(EMBEDDED)
    size = sum(path.stat().st_size for path in embedded.iterdir())
    rows = [(EMBEDDED, f"here, {megabytes(size)} in {embedded}", PROVENANCE)]
    for found in remote_sets.values():
        hosts = " or ".join(host_of(mirror) for mirror in found.mirrors)
        rows.append((found.name, _state(found), f"from {hosts}; {found.licence}"))
    for name, state, source in rows:
        print(f"{name:<{width}}  {state}\n{'':<{width}}  {source}")


def fetch_dataset(name: str) -> int:
    """Download what is missing and check what is here; returns the exit status. Raises UserError for a wrong name."""
    found = find(name)
    if found is None:
        if ":" not in name:
            _ = datasets[name]
        raise UserError(f"{name}: is not downloaded; those that are: {', '.join(sorted(remote_sets))}")
    try:
        with Report(name) as report:
            fetch(name, report.take)
    except MissingData as error:
        print(f"tui-nn: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"tui-nn: {name}: interrupted; what came is kept, and the next fetch goes on from there", file=sys.stderr)
        return INTERRUPTED
    wrong = wrong_files(found)
    if wrong:
        paths = ", ".join(map(str, wrong))
        print(f"tui-nn: {name}: not the official file: {paths}; remove it, and fetch again", file=sys.stderr)
        return FAILED
    print(f"{name}: {_state(found)}")
    return DONE


class Report:
    """A bar on a terminal, plain lines elsewhere."""

    def __init__(self, name: str) -> None:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
        )
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task(name, total=None, figures="")
        self._console = console
        self._tenths = Tenths()

    def __enter__(self) -> "Report":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def take(self, transfer: Transfer) -> None:
        """One report of the download."""
        figures = transferred(transfer)
        self._bar.update(self._task, completed=transfer.done, total=transfer.total, figures=figures)
        if self._bar.disable and self._tenths.passed(transfer):
            self._console.print(f"{transfer.name}: {figures} from {transfer.source}", markup=False)


def _state(found: RemoteSet) -> str:
    missing = found.missing
    if not missing:
        return f"here, {megabytes(found.size_here)} in {found.folder}"
    part = "" if len(missing) == len(found.files) else " of them"
    return f"not here, {megabytes(sum(file.size for file in missing))}{part} to download"
