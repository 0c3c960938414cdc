"""What is said of a run when it is over."""

import math
import shutil
import sys
from typing import Any

import plotext

from engine.training.history import History
from tui_nn.glyphs import takes_unicode
from tui_nn.metrics import error_text


def closing_lines(summary: dict[str, Any], trouble: str = "") -> list[str]:
    """The outcome in a few lines: figures, cost, and how to go on."""
    s = summary
    sign = "±" if takes_unicode(sys.stdout) else "+-"
    epochs, threads = _count(s["epochs"], "epoch"), _count(s["threads"], "thread")
    lines = [
        f"{s['dataset']}: {epochs}, {s['steps']:,} steps, {s['parameters']:,} parameters, seed {s['seed']}",
        _outcome(s, sign),
        f"{s['seconds']:.1f} s of training and evaluation, {s['compile_seconds']:.1f} s of compilation, "
        f"{s['samples_per_second']:,} samples/s, {threads}",
    ]
    if trouble:
        lines.append(trouble)
    if s["checkpoint"]:
        lines.append(f"checkpoint {s['checkpoint']}; go on from it with --resume")
    return lines


def loss_figure(train: History, validation: History) -> str:
    """Both loss curves as plain characters."""
    width = min(shutil.get_terminal_size().columns, 100)
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, 16)
    for name, history, marker in (("train", train, "hd"), ("validation", validation, "x")):
        points = [(step, value) for step, value in zip(history.step, history.mean, strict=True) if math.isfinite(value)]
        if points:
            plotext.plot(*map(list, zip(*points, strict=True)), label=name, marker=marker)
    last = max([0.0, *train.step, *validation.step])
    plotext.xticks(sorted({round(last * quarter / 4) for quarter in range(5)}))
    plotext.title("loss")
    plotext.xlabel("step")
    figure: str = plotext.uncolorize(plotext.build())
    return figure.rstrip()


def finite(value: Any) -> Any:
    """The value with null for what JSON has no number for."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _outcome(s: dict[str, Any], sign: str) -> str:
    if s.get("target"):
        return f"{error_text(s)}, validation {s['validation_rmse']:.4g}, training {s['train_rmse']:.4g}"
    test = f"test accuracy {s['test_accuracy']:.2%} {sign} {s['test_standard_error']:.2%}"
    return f"{test}, validation {s['validation_accuracy']:.2%}, training {s['train_accuracy']:.2%}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
