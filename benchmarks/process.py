"""A contestant's process, from outside: it is given orders and answers them, or is absent with a reason."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]

ORDER_S = 900.0
"""How long an answer is waited for: compilers are slow, but not for ever."""


class Absent(Exception):
    """A contestant that cannot take part; the message is the reason."""


class Process:
    """One contestant that lives until the end of the `with` block. Raises Absent where it cannot do what it is told."""

    def __init__(self, command: list[str], env: Mapping[str, str], timeout_s: float = ORDER_S) -> None:
        self._timeout_s = timeout_s
        self._errors = TemporaryFile()  # noqa: SIM115  closed with the process
        self._buffer = b""
        self._program = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, **env},
            cwd=ROOT,
        )

    def __enter__(self) -> Self:
        try:
            self._answer()
        except Absent:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._program.kill()
        self._program.wait()
        for stream in (self._program.stdin, self._program.stdout, self._errors):
            assert stream is not None
            stream.close()

    def call(self, name: str, **arguments: object) -> Any:
        """What the contestant answers to an order."""
        assert self._program.stdin is not None
        order = json.dumps({"call": name, "arguments": arguments}) + "\n"
        try:
            os.write(self._program.stdin.fileno(), order.encode())
        except BrokenPipeError:
            raise Absent(self._last_words()) from None
        return self._answer()

    def _answer(self) -> Any:
        answer = json.loads(self._line())
        if "error" in answer:
            raise Absent(answer["error"])
        return answer["result"]

    def _line(self) -> bytes:
        assert self._program.stdout is not None
        limit = monotonic() + self._timeout_s
        while b"\n" not in self._buffer:
            if not select.select([self._program.stdout], [], [], max(0.0, limit - monotonic()))[0]:
                raise Absent(f"no answer within {self._timeout_s:g} s")
            data = os.read(self._program.stdout.fileno(), 1 << 16)
            if not data:
                raise Absent(self._last_words())
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _last_words(self) -> str:
        status = self._program.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "nothing said")
        return f"ended with status {status}: {said}"


def contestant(name: str, threads: int, caches: Path | None = None) -> Process:
    """One of benchmarks/contestants, on so many cores; compiled code is kept in `caches`, if given."""
    env = {variable: str(threads) for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    if caches is not None:
        env |= {variable: str(caches / variable.lower()) for variable in ("NUMBA_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR")}
    return Process([sys.executable, "-m", "benchmarks.contestants", name, str(threads)], env)
