"""What the dashboard's screen says, read as a person reads it."""

import re

from benchmarks.terminal import View
from tui_nn.panels.accuracy import AccuracyPanel
from tui_nn.panels.gradient_norm import GradientNormPanel
from tui_nn.panels.gradient_norms import GradientNormsPanel
from tui_nn.panels.hyperparameters import HyperparametersPanel
from tui_nn.panels.learning_rate import LearningRatePanel
from tui_nn.panels.loss import LossPanel
from tui_nn.panels.speed import SpeedPanel
from tui_nn.panels.update_ratio import UpdateRatioPanel

TITLES = [panel.title for panel in (LossPanel, AccuracyPanel, GradientNormsPanel, HyperparametersPanel)]
"""Panels on the first page of terminals from 80x24 on."""

PLOTS = [panel.title for panel in (AccuracyPanel, LearningRatePanel, GradientNormPanel, UpdateRatioPanel, SpeedPanel)]
"""Of these a terminal has one beside the loss, or all."""


def complete(view: View) -> bool:
    """Whether the panels are there."""
    return all(shows(view, f"─ {title} ─") for title in TITLES)


def shows(view: View, text: str) -> bool:
    """Whether a row has the text."""
    return any(text in row for row in view)


def state(view: View) -> str:
    """`training`, `paused`, `done` ...; empty while a page lies over the status line."""
    return _found(r"^ . (preparing|training|paused|done|failed)", view[0])


def step(view: View) -> int:
    """The step of the status line; -1 where there is none."""
    return int(_found(r"step ([\d,]+)", view[0]).replace(",", "") or -1)


def epoch(view: View) -> str:
    """The epoch of the status line, with its decimal."""
    return _found(r"epoch ([\d.]+)/", view[0])


def saved(view: View) -> str:
    """The checkpoint that the second line says was saved."""
    return _found(r"saved (\S+)", view[1])


def pace(view: View) -> str:
    """`slowed` or `full speed`; empty where neither has room."""
    return next((word for word in ("slowed", "full speed") if word in view[0] + view[1]), "")


def hyperparameter(view: View) -> tuple[str, str]:
    """Name and value that the pointer is at."""
    found = re.search(r"▸ (\w+(?: \w+)*) {2,}([^│]*?)\s*│", "\n".join(view))
    return (found[1], found[2]) if found else ("", "")


def digit(view: View) -> str:
    """The number in the title of the test digit."""
    return _found(r"Test digit (\d+) of", "\n".join(view))


def first_layer(view: View) -> str:
    """The uppermost of the weight histograms."""
    return _found(r"│(\d+ [^│]*?) +mean ", "\n".join(view))


def layer(view: View) -> str:
    """The layer that is looked into, on the screen of the layers."""
    return _found(r"▸ (\d+ \w+)", "\n".join(view))


def cursor(view: View) -> str:
    """The step of the cursor on the curves, as the frame below them says it."""
    return _found(r"─ step ([\d,]+)", "\n".join(view[2:]))


def went_back(view: View) -> str:
    """What the status line says of an undo or a rewind."""
    return _found(r"((?:undone|rewound): back from step [\d,]+ to [\d,]+)", view[1])


def zoomed(view: View) -> bool:
    """Whether the curves show a part of the run."""
    return shows(view, "0: whole run")


def steps_shown(view: View) -> float:
    """From the first to the last tick below the first of the curves that is in view; 0 without one."""
    labels = _found(r"[│║|] *step (\d[^│║|]*)", "\n".join(view)).split()
    return _number(labels[-1]) - _number(labels[0]) if labels else 0.0


def smoothing(view: View) -> str:
    """The weight that the training curves are smoothed with."""
    return _found(r"smoothed ([\d.]+)", "\n".join(view))


def run_before(view: View) -> bool:
    """Whether the run before is among the curves; the usual update ratio is drawn with the same dashes."""
    return bool(re.search("╍(?! usual)", "\n".join(view)))


def chosen(view: View) -> str:
    """The title in the frame of the chosen panel; empty where none is chosen."""
    return _found(r"╔═ ([^═]+) ═", "\n".join(view))


def maximized(view: View) -> bool:
    """Whether one panel has all the room."""
    return bool(re.fullmatch(r"╔═[^╔╗]*╗ *", view[2]))


def second_plot(view: View) -> str:
    """The title of the plot beside the loss; empty where none is in view, or more than one."""
    found = [title for title in PLOTS if shows(view, f" {title} ")]
    return found[0] if len(found) == 1 else ""


def surface(view: View) -> str:
    """The step of the decision surface that is shown; empty where there is none."""
    return _found(r"at step ([\d,]+)", "\n".join(view[2:]))


def split(view: View) -> str:
    """The split whose errors are shown; empty where no errors are."""
    return _found(r"─ Confusion in (\w+), step", "\n".join(view))


def cell(view: View) -> str:
    """The chosen cell of the confusion matrix."""
    return _found(r"─ (\S+ read as \S+): [\d,]+ of", "\n".join(view))


def sliders(view: View) -> tuple[str, ...]:
    """The sliders that change a digit: name and place of each, a pointer before the chosen one; none elsewhere."""
    if not shows(view, "─ Shift, turn, noise ─"):
        return ()
    return tuple(re.findall(r"│(. (?:shift right|shift down|turn|noise) +[+-]?[\d.]+)", "\n".join(view)))


def drawing(view: View) -> bool:
    """Whether the canvas is shown."""
    return shows(view, "─ Draw a digit ─") or shows(view, "─ Draw a number ─")


def tool(view: View) -> str:
    """What the frame below the canvas says: pen or eraser, where it is, its size."""
    return _found(r"─ ((?:pen|eraser) .*?size \d/\d)", "\n".join(view))


def read(view: View) -> str:
    """What the drawing is read as."""
    return _found(r"─ Read as (\d+) ─", "\n".join(view))


def saved_drawing(view: View) -> str:
    """The drawing that the screen says was saved."""
    return _found(r"saved as (\d+)-", "\n".join(view))


def theme(view: View) -> str:
    """The theme that the screen says is chosen."""
    return _found(r"theme: (\S+)", "\n".join(view))


def frame(view: View) -> str:
    """The corner of a panel's frame, which tells the characters in use."""
    return _found(r"^([╭┌+])", view[2])


def pictures(view: View) -> set[str]:
    """Names of the pictures that the screen says are saved."""
    return set(re.findall(r"saved tui-nn-(\d+-\d+)", "\n".join(view)))


def overlay(view: View) -> bool:
    """Whether a page or box that `escape` closes lies over the panels."""
    # By its first and by its last line: a slow link brings them one after the other.
    return any(
        shows(view, text)
        for text in (
            "─ Log",
            "─ Help",
            "─ Layers ─",
            "─ Confusion",
            "─ Shift, turn, noise ─",
            "─ New run",
            "─ Pre-flight",
            "escape closes",
            "escape leaves",
            "Search for commands",
        )
    )


def _number(label: str) -> float:
    """A tick's label: 1.5k is 1,500."""
    return float(label.rstrip("kMB")) * {"k": 1e3, "M": 1e6, "B": 1e9}.get(label[-1], 1.0)


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""


def ill(view: View) -> bool:
    """Whether the status line tells of a verdict."""
    return bool(_found(r"^ ?(\d+ (?:red|amber))", view[1]))


def mistake(view: View) -> str:
    """The first sample that is shown among those read as something else."""
    return _found(r"(\d as \d +\d+%)", "\n".join(view))
