"""What tests of the engine and of the terminal share: data of their own, and servers that stand in for mirrors."""

import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import pytest
from hypothesis import settings

from engine.datasets import datasets
from engine.datasets.paths import data_path
from engine.datasets.remote import RemoteSet, remote_sets
from engine.downloads.file import RemoteFile

# Started in the background the tests, and all programs that they start, would ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, however slow the machine.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("repeatable")

RELEASE_S = 60
"""After which even a server that was told to stall lets go."""

PATCHED = """
import json, sys
from dataclasses import replace
from engine.datasets import datasets
from engine.datasets.remote import remote_sets
from engine.downloads.file import RemoteFile
from tui_nn.cli import run

datasets.names()
files = tuple(RemoteFile(*file) for file in json.loads({files!r}))
remote_sets["mnist"] = replace(remote_sets["mnist"], mirrors={mirrors!r}, files=files)
sys.exit(run(sys.argv[1:]))
"""
"""The real program, with other files and mirrors for mnist."""


@pytest.fixture(scope="session", autouse=True)
def no_downloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing depends on what the user's own cache holds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUI_NN_DATA", str(tmp_path_factory.mktemp("no-downloads")))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing depends on the user's own settings or terminal, and nothing changes them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NO_COLOR", "STY", "LC_ALL", "LANG"):
            patch.delenv(name, raising=False)
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("COLORTERM", "truecolor")
        patch.setenv("TUI_NN_SETTINGS", str(tmp_path_factory.mktemp("settings") / "settings.toml"))
        yield


@pytest.fixture(autouse=True)
def forgotten_settings(no_settings: None) -> Iterator[None]:
    """What one test's keys have changed for good, such as the characters of plots, no other finds."""
    path = Path(os.environ["TUI_NN_SETTINGS"])
    yield
    path.unlink(missing_ok=True)


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's downloads go."""
    monkeypatch.setenv("TUI_NN_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


class Mirrors:
    """A server on 127.0.0.1 with many mirrors of the same files, each with manners of its own.

    `asked` lists what was asked for, as (mirror, file, first byte); `released` lets go of those that stall.
    """

    def __init__(self, contents: dict[str, bytes]) -> None:
        self.contents = contents
        self.asked: list[tuple[str, str, int]] = []
        self.released = Event()
        self.lock = Lock()
        self._manners: dict[str, Callable[[Any, bytes, int], None]] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                _, mirror, file = self.path.split("/")
                start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
                with server.lock:
                    server.asked.append((mirror, file, start))
                with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked may have gone
                    server._manners[mirror](self, server.contents[file], start)
                self.close_connection = True

            def begin(self, status: int, **headers: Any) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), str(value))
                self.end_headers()

            def wait(self) -> None:
                server.released.wait(RELEASE_S)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def add(self, name: str, manners: Callable[[Any, bytes, int], None]) -> str:
        """The address of a mirror that behaves like that."""
        self._manners[name] = manners
        return f"http://127.0.0.1:{self._server.server_port}/{name}/"

    @staticmethod
    def give(handler: Any, content: bytes, start: int, upto: int | None = None) -> None:
        """Answer as a server that knows ranges, and break off before byte `upto`."""
        size = len(content)
        ranged = {"Content_Range": f"bytes {start}-{size - 1}/{size}"} if start else {}
        handler.begin(206 if start else 200, Content_Length=size - start, **ranged)
        handler.wfile.write(content[start:upto])

    @staticmethod
    def refuse(handler: Any, content: bytes, start: int) -> None:
        """Answer that there is no such file."""
        handler.begin(404, Content_Length=0)

    @staticmethod
    def stall(upto: int) -> Callable[[Any, bytes, int], None]:
        """Give the bytes before `upto`, and the others when the server is released."""

        def manners(handler: Any, content: bytes, start: int) -> None:
            here = max(upto, start)
            Mirrors.give(handler, content, start, here)
            handler.wait()
            handler.wfile.write(content[here:])

        return manners

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def digits() -> dict[str, bytes]:
    """Four small files that stand in for those of MNIST: the embedded digits, the largest file first."""
    paths = sorted(data_path("mnist-5k").iterdir(), key=lambda path: -path.stat().st_size)
    return {path.name: path.read_bytes() for path in paths}


@pytest.fixture
def mirrors(digits: dict[str, bytes]) -> Iterator[Mirrors]:
    """A server that has those files."""
    server = Mirrors(digits)
    yield server
    server.close()


@pytest.fixture(scope="session")
def mirrors_of_all() -> Iterator[Mirrors]:
    """A server for many small examples of one test."""
    server = Mirrors({})
    yield server
    server.close()


def described(contents: dict[str, bytes]) -> tuple[RemoteFile, ...]:
    return tuple(
        RemoteFile(name, len(content), hashlib.sha256(content).hexdigest()) for name, content in contents.items()
    )


@pytest.fixture
def mnist_from(digits: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[..., RemoteSet]:
    """mnist_from(url, ...): from now on those are the mirrors of mnist, and the small files its files."""

    def patch(*urls: str) -> RemoteSet:
        datasets.names()
        changed = replace(remote_sets["mnist"], mirrors=urls, files=described(digits))
        monkeypatch.setitem(remote_sets, "mnist", changed)
        return changed

    return patch


@pytest.fixture
def program_from(digits: dict[str, bytes]) -> Callable[..., str]:
    """program_from(url, ...): the text of a program that is tui-nn with those mirrors of mnist."""
    return lambda *urls: PATCHED.format(files=json.dumps(described(digits)), mirrors=urls)
