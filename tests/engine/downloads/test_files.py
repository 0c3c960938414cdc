import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.downloads.files import fetch_files
from engine.downloads.reasons import SourceError

ROOT = Path(engine.__file__).parents[1]

NAMES = [f"{split}-{kind}-ubyte.gz" for split in ("t10k", "train") for kind in ("images-idx3", "labels-idx1")]


@pytest.fixture
def fetch(mnist_from: Callable[..., Any], tmp_path: Path) -> Callable[..., list[Any]]:
    """fetch(url, ...): have the four files in a folder; returns what was watched."""

    def start(*urls: str, folder: Path = tmp_path) -> list[Any]:
        seen: list[Any] = []
        found = mnist_from(*urls)
        fetch_files("mnist", found.files, found.mirrors, folder, seen.append)
        return seen

    return start


def kept(folder: Path) -> dict[str, bytes]:
    """What is there but for the lock, which some systems leave behind."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".downloading"}


def test_all_files_and_nothing_else(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    seen = fetch(mirrors.add("whole", mirrors.give))
    assert kept(tmp_path) == mirrors.contents
    total = sum(map(len, mirrors.contents.values()))
    assert (seen[-1].done, seen[-1].total) == (total, total)
    done = [transfer.done for transfer in seen]
    assert done == sorted(done)


def test_only_what_is_missing_is_asked_for(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    (tmp_path / NAMES[0]).write_bytes(b"mine")
    (tmp_path / NAMES[1].removesuffix(".gz")).write_bytes(b"mine, and plain")
    fetch(mirrors.add("whole", mirrors.give))
    assert sorted(file for _, file, _ in mirrors.asked) == NAMES[2:]
    assert kept(tmp_path)[NAMES[0]] == b"mine"


def test_a_mirror_that_failed_is_asked_last_for_the_next_file(fetch: Callable[..., Any], mirrors: Any):
    fetch(mirrors.add("absent", mirrors.refuse), mirrors.add("whole", mirrors.give))
    assert [mirror for mirror, _, _ in mirrors.asked] == ["absent", "whole", "whole", "whole", "whole"]


def test_where_nothing_can_be_had_one_file_is_enough_to_know(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    with pytest.raises(SourceError, match="HTTP 404"):
        fetch(mirrors.add("absent", mirrors.refuse))
    assert len(mirrors.asked) == 1
    assert kept(tmp_path) == {}


def test_a_folder_that_cannot_be_made(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError):  # noqa: PT011, which one depends on the system
        fetch(mirrors.add("whole", mirrors.give), folder=tmp_path / "file" / "mnist")
    assert mirrors.asked == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_on_a_full_disk_it_says_so_and_keeps_nothing(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    url = mirrors.add("whole", mirrors.give)
    for name in NAMES:
        (tmp_path / f"{name}.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        fetch(url)
    assert not [path for path in tmp_path.iterdir() if path.name in NAMES]
    assert sum(path.name.endswith(".part") for path in tmp_path.iterdir()) == len(NAMES) - 1
    assert len(mirrors.asked) == 1, "no other mirror has a remedy"


class Enough(Exception):
    """Raised by a watcher that wants no more."""


def test_a_watcher_may_end_it_though_the_server_says_nothing(
    mnist_from: Callable[..., Any], fetch: Callable[..., Any], mirrors: Any, tmp_path: Path
):
    found = mnist_from(mirrors.add("stalls", mirrors.stall(400_000)))
    order = sorted(found.files, key=lambda file: -file.size)

    def watch(transfer: Any) -> None:
        if transfer.done == 400_000:
            raise Enough

    with pytest.raises(Enough):
        fetch_files("mnist", order, found.mirrors, tmp_path, watch)
    assert not mirrors.released.is_set()
    part = tmp_path / f"{order[0].name}.part"
    assert part.read_bytes() == mirrors.contents[order[0].name][:400_000]
    assert list(kept(tmp_path)) == [part.name]
    fetch(mirrors.add("whole", mirrors.give))
    assert ("whole", order[0].name, 400_000) in mirrors.asked
    assert kept(tmp_path) == mirrors.contents


FETCH = ("datasets", "fetch", "mnist")


@pytest.fixture
def begin(program_from: Callable[..., str], data_folder: Path) -> Any:
    """begin(url): the real program in another process, fetching mnist."""
    begun: list[Any] = []

    def start(*urls: str) -> Any:
        command = [sys.executable, "-c", program_from(*urls), *FETCH]
        process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def read_until(process: Any, words: str) -> None:
    assert any(words in line for line in process.stderr), f"never said: {words}"


def test_two_processes_download_each_file_once(begin: Callable[..., Any], mirrors: Any, data_folder: Path):
    url = mirrors.add("stalls", mirrors.stall(500))
    first = begin(url)
    read_until(first, "from 127.0.0.1")
    second = begin(url)
    read_until(second, "waiting for another program")
    mirrors.released.set()
    for process in (first, second):
        out, _ = process.communicate(timeout=60)
        assert (process.returncode, out.count("here, 0.8 MB")) == (0, 1)
    assert sorted(file for _, file, _ in mirrors.asked) == NAMES
    assert kept(data_folder / "mnist") == mirrors.contents


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_a_killed_process_left_another_goes_on_from(begin: Callable[..., Any], mirrors: Any, data_folder: Path):
    first = begin(mirrors.add("stalls", mirrors.stall(500)))
    read_until(first, "from 127.0.0.1")
    while not any(data_folder.rglob("*.part")):
        assert first.poll() is None
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert not [path for path in (data_folder / "mnist").iterdir() if path.suffix == ".gz"]
    second = begin(mirrors.add("whole", mirrors.give))
    assert second.communicate(timeout=60)[1].count("127.0.0.1") > 0
    assert second.returncode == 0
    assert kept(data_folder / "mnist") == mirrors.contents


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_interrupted_it_is_gone_with_status_130(begin: Callable[..., Any], mirrors: Any, data_folder: Path):
    process = begin(mirrors.add("stalls", mirrors.stall(500)))
    read_until(process, "from 127.0.0.1")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert not mirrors.released.is_set()
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("tui-nn: mnist: interrupted")
    assert not [path for path in (data_folder / "mnist").iterdir() if path.suffix == ".gz"]
