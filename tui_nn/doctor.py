"""`tui-nn doctor`: what the terminal says, what was chosen by it, and what would make more of it."""

import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from engine.datasets.paths import downloads_path
from engine.machine import available_threads
from tui_nn import __version__
from tui_nn.depth import choose_depth, described_colours
from tui_nn.exit_status import DONE
from tui_nn.glyphs import choose_glyphs, says_ascii, takes_unicode
from tui_nn.keymap import make_keymap
from tui_nn.run_options import runs_folder
from tui_nn.screens.layouts import ALL_IN_VIEW
from tui_nn.settings import Settings, load_settings, settings_path
from tui_nn.terminal_answers import Answers, ask_terminal

PACKAGES = ("textual", "numpy", "numba")

Report = dict[str, dict[str, Any]]
"""By heading, what was found by name."""


def print_doctor(*, as_json: bool) -> int:
    """Print all that is found, in plain lines or as one JSON object; returns the exit status."""
    settings = load_settings()
    warnings = [*settings.warnings, *make_keymap(settings.keys)[1]]
    report = examine(os.environ, settings, ask_terminal(), warnings)
    advice = list(advise(os.environ, report))
    if as_json:
        print(json.dumps({**report, "advice": advice}))
        return DONE
    for heading, found in report.items():
        print(heading)
        for name, value in found.items():
            print(f"  {name:<16} {_written(value)}")
    print("\n".join(["advice", *(f"  {line}" for line in advice or ["none: there is nothing better to be had"])]))
    return DONE


def examine(environ: Mapping[str, str], settings: Settings, answers: Answers, warnings: list[str]) -> Report:
    """What there is, under four headings."""
    size = _size()
    term = environ.get("TERM", "")
    depth = choose_depth(environ)
    return {
        "terminal": {
            "TERM": term or None,
            "COLORTERM": environ.get("COLORTERM"),
            "NO_COLOR": environ.get("NO_COLOR") or None,
            "described": f"{count} colours" if (count := described_colours(term)) is not None else "not described here",
            "encoding": getattr(sys.__stderr__, "encoding", None),
            "locale": environ.get("LC_ALL") or environ.get("LANG"),
            "size": f"{size.columns}x{size.lines}" if size else None,
            "on a terminal": {name: stream.isatty() for name, stream in _streams().items()},
            "inside": ", ".join(_inside(environ)) or None,
            "attributes": answers.attributes,
            "synchronized": answers.synchronized,
            "kitty keys": answers.kitty_keys,
            "round trip": None if answers.round_trip_ms is None else f"{answers.round_trip_ms:.1f} ms",
        },
        "chosen": {
            "colours": {"16": "16, the terminal's own", "none": "none"}.get(depth, depth),
            "glyphs": choose_glyphs(environ) if settings.glyphs == "auto" else settings.glyphs,
            "theme": settings.theme,
            "link": settings.link,
            "rate": settings.rate,
            "mouse": "clicks, drags and the wheel",
            "dashboard": "no: TERM is dumb" if term == "dumb" else sys.stdout.isatty() or "no: stdout is no terminal",
        },
        "settings": {
            "file": str(settings_path()),
            "there": settings_path().exists(),
            "writable": _writable(settings_path().parent),
            "warnings": warnings,
        },
        "machine": {
            "tui-nn": __version__,
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in PACKAGES},
            "system": platform.platform(terse=True),
            "cores": available_threads(),
            "runs": _folder(runs_folder()),
            "data": _folder(downloads_path()),
            "cache": _folder(user_cache_path("tui-nn", appauthor=False)),
        },
    }


def advise(environ: Mapping[str, str], report: Report) -> Iterator[str]:
    """Lines for what could be better, and how."""
    terminal, chosen = report["terminal"], report["chosen"]
    term, inside = terminal["TERM"] or "", terminal["inside"] or ""
    if terminal["NO_COLOR"]:
        yield "NO_COLOR is set: there is no colour at all; unset it for colours"
    elif chosen["colours"] != "truecolor":
        if "tmux" in inside and not term.endswith("256color"):
            yield 'tmux: set -g default-terminal "tmux-256color" in ~/.tmux.conf gives 256 colours'
        elif "screen" in inside and not term.endswith("256color"):
            yield "screen: term screen-256color in ~/.screenrc gives 256 colours"
        elif "screen" in inside:
            yield "screen: true colour takes version 5 or tmux"
        elif terminal["described"] == "not described here":
            yield f"TERM {term!r} is not described on this machine: xterm-256color gives 256 colours"
        elif term.startswith(("xterm", "tmux")) or "ssh" in inside:
            yield "true colour: set COLORTERM=truecolor if the terminal has it, which ssh does not tell"
    if not takes_unicode(sys.__stderr__):
        yield f"the encoding {terminal['encoding']} has only ASCII: LANG=C.UTF-8 gives braille"
    elif says_ascii(environ):
        yield f"the locale {terminal['locale']} has only ASCII: LANG=C.UTF-8 gives braille, or glyphs in the settings"
    elif chosen["glyphs"] == "ascii" and term == "linux":
        yield "the font of this console has no blocks; setfont chooses another"
    columns, lines = map(int, (terminal["size"] or "100x36").split("x"))
    if columns < ALL_IN_VIEW[0] or lines < ALL_IN_VIEW[1]:
        yield "from {} columns and {} lines on all panels are in view at once".format(*ALL_IN_VIEW)
    if terminal["round trip"] and float(terminal["round trip"].split()[0]) > 150 and chosen["link"] == "normal":
        yield 'answers take long: --link slow, or link = "slow" in the settings, sends less'
    for name, found in (("settings", report["settings"]["writable"]), *_writables(report["machine"])):
        if not found:
            yield f"{name}: the folder cannot be written"
    yield from report["settings"]["warnings"]


def _streams() -> dict[str, Any]:
    return {"stdin": sys.stdin, "stdout": sys.stdout, "stderr": sys.stderr}


def _size() -> os.terminal_size | None:
    """Of the terminal that one of the streams is on."""
    for stream in _streams().values():
        with suppress(OSError, ValueError):
            return os.get_terminal_size(stream.fileno())
    return None


def _inside(environ: Mapping[str, str]) -> Iterator[str]:
    """What stands between the program and the person."""
    for name, variable in (("tmux", "TMUX"), ("screen", "STY"), ("ssh", "SSH_CONNECTION")):
        if environ.get(variable):
            yield name


def _folder(path: Path) -> dict[str, Any]:
    return {"path": str(path), "writable": _writable(path)}


def _writables(machine: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for name in ("runs", "data", "cache"):
        yield name, machine[name]["writable"]


def _writable(path: Path) -> bool:
    """Whether files can be put there; a folder that is not there yet is judged by the nearest one above it."""
    nearest = next((folder for folder in (path, *path.parents) if folder.exists()), path)
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _written(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case {"path": path, "writable": writable}:
            return f"{path}{'' if writable else ', not writable'}"
        case dict():
            return ", ".join(name for name, found in value.items() if found) or "none"
        case list():
            return "; ".join(map(str, value)) or "none"
        case _:
            return str(value)
