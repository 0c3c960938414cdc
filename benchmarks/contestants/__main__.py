"""`python -m benchmarks.contestants NAME THREADS`: one contestant, which answers orders, a line of JSON each.

An order is {"call": name, "arguments": {...}}; its answer {"result": ...} or {"error": text}. The first line says
whether the contestant can run at all: {"result": versions} or {"error": reason}.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any


def main(name: str, threads: int) -> None:
    """Answer orders until there are no more."""
    # What libraries print goes to stderr: stdout has the answers alone.
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    keep_to(threads)
    calls: Mapping[str, Callable[..., Any]] = {}

    def load() -> None:
        nonlocal calls
        try:
            calls = importlib.import_module(f"benchmarks.contestants.{name}").CALLS
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(f"{error}; the peers come with: pip install '.[bench]'") from None

    print(_answer(load), file=answers)
    for line in sys.stdin:
        order = json.loads(line)
        print(_answer(calls[order["call"]], **order["arguments"]), file=answers)


def keep_to(threads: int) -> None:
    """As many cores as threads: XLA knows no other way to be told."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def _answer(call: Callable[..., Any], **arguments: Any) -> str:
    try:
        return json.dumps({"result": call(**arguments)})
    except Exception as error:  # the conductor tells it and goes on with the others
        return json.dumps({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
