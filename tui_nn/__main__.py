"""`tui-nn` and `python -m tui_nn`."""

import sys
from io import TextIOWrapper

from tui_nn.cli import run


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode is no reason to lose a result
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
