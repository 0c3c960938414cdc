"""`python -m benchmarks NAME [options]`; without a name, the list."""

import ast
import importlib
import signal
import sys
from pathlib import Path

from engine.errors import UserError

HERE = Path(__file__).parent

MISTAKE = 2


def run(arguments: list[str]) -> int:
    """Hand the arguments to the benchmark that they name; returns the exit status."""
    known = benchmarks()
    if not arguments or arguments[0] in ("-h", "--help"):
        print("python -m benchmarks NAME [--json] ...; NAME --help tells the rest\n")
        print("\n".join(f"{name:<12} {about}" for name, about in known.items()))
        return 0
    name, *rest = arguments
    if name not in known:
        print(f"benchmarks: unknown benchmark {name!r}; known: {', '.join(known)}", file=sys.stderr)
        return MISTAKE
    try:
        status: int = importlib.import_module(f"benchmarks.{name}").main(rest)
    except UserError as error:
        print(f"benchmarks: {name}: {error}", file=sys.stderr)
        return MISTAKE
    return status


def benchmarks() -> dict[str, str]:
    """Every benchmark with the first line of its docstring. Read, not imported: peers may be absent or slow."""
    found = {}
    for path in sorted(HERE.glob("[!_]*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in module.body):
            found[path.stem] = (ast.get_docstring(module) or "").partition("\n")[0]
    return found


if __name__ == "__main__":
    # As an exception, which ends the processes that a benchmark has started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(run(sys.argv[1:]))
