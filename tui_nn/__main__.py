"""`tui-nn` and `python -m tui_nn`."""

import sys

from tui_nn.cli import run


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
