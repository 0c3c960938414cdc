"""What the figures of a study say, in a sentence that holds whatever they are."""

from collections.abc import Callable, Iterable, Sequence
from math import floor, isfinite
from typing import TYPE_CHECKING, Literal, NamedTuple

from engine.expressions import parse_calls
from engine.layers import layers
from engine.studies.figures import Figure

if TYPE_CHECKING:
    from engine.studies.result import Result, Row

Needs = Literal["", "target", "gradient"]


class Sentence(NamedTuple):
    """A writer, and what it needs of a study: a target, or the gradient before training instead of trainings."""

    write: "Callable[[Result], str]"
    needs: Needs


sentences: dict[str, Sentence] = {}


def sentence(name: str, needs: Needs = "") -> "Callable[[Callable[[Result], str]], Callable[[Result], str]]":
    """Decorator: file a writer under the name that studies call it by."""

    def add(write: "Callable[[Result], str]") -> "Callable[[Result], str]":
        sentences[name] = Sentence(write, needs)
        return write

    return add


def write_sentence(result: "Result") -> str:
    """The study's own sentence; what diverged is said with it."""
    rows = result.rows
    if not rows:
        return "No run was finished."
    if all(len(row.diverged) == len(row.outcomes) for row in rows):
        return f"Every run diverged: {at_steps([step for row in rows for step in row.diverged])}."
    said = sentences[result.plan.study.sentence].write(result)
    wild = [row for row in rows if row.diverged]
    return f"{said}; {_diverged(wild)}." if wild else f"{said}."


@sentence("fastest", needs="target")
def fastest(result: "Result") -> str:
    """Who reaches the target first, and how far the others are behind. A row counts that reached it in every run."""
    study, figure = result.plan.study, result.figure
    assert study.target is not None
    goal = f"{100 * study.target:g} % {figure.label}" if figure.percent else f"{figure.label} {study.target:g}"
    rows = _sound(result)
    done = [row for row in rows if len(row.figure("reached").values) == len(row.outcomes)]
    never = [row for row in rows if not row.figure("reached").values]
    some = [row for row in rows if row not in done and row not in never]
    several = max(len(row.outcomes) for row in result.rows) > 1
    if not done:
        every = " in every run" if some else ""
        within = _count(_horizon(rows or result.rows), study.by)
        return f"None reaches {goal}{every} within {within}{_nearest(rows, figure)}"
    means = {row.label: row.figure("reached").mean for row in done}
    least, most = min(means.values()), max(means.values())
    first = [row for row in done if means[row.label] == least]
    on_average = " on average" if several else ""
    parts = [f"{_names(first)} {_verb(first, 'reaches', 'reach')} {goal} after {_count(least, study.by)}{on_average}"]
    if never:
        horizon = _horizon(never)
        behind = f": a factor of at least {_down(horizon / least)}" if 0 < least < horizon else ""
        parts.append(f"{_names(never)} {_verb(never, 'has', 'have')} not after {horizon:g}{behind}")
    elif most > least:
        last = [row for row in done if means[row.label] == most]
        behind = f": a factor of {most / least:.2g}" if least > 0 else ""
        parts.append(f"{_names(last)} after {_whole(most)}{behind}")
    if some:
        parts.append(f"{_names(some)} not in every run")
    return ", ".join(parts)


@sentence("best")
def best(result: "Result") -> str:
    """Which row ends best in what the curves show, which worst, and whether the second is nearer than the spread."""
    name, figure = result.plan.study.curve, result.figure
    ranked = _ranked([row for row in _sound(result) if row.figure(name).values], name, figure.better == "higher")
    if not ranked:
        return f"No run without divergence has a {figure.label}"
    top, worst = ranked[0], ranked[-1]
    high, low = top.figure(name).mean, worst.figure(name).mean
    if len(ranked) == 1 or high == low:
        return f"{_names(ranked)} {_verb(ranked, 'ends', 'end')} at {figure.text(high)} {figure.label}"
    apart = f"{100 * abs(high - low):.1f} points apart" if figure.percent else f"{abs(high - low):.3g} apart"
    said = f"{top.case.name} ends best, at {figure.text(high)} {figure.label}, {worst.case.name} worst, "
    said += f"at {figure.text(low)}: {apart}"
    follower = ranked[1].figure(name)
    deviation = max((d for d in (top.figure(name).deviation, follower.deviation) if isfinite(d)), default=0.0)
    if abs(high - follower.mean) <= deviation:
        said += f"; {ranked[1].case.name} ({figure.text(follower.mean)}) is within a standard deviation of the best"
    return said


@sentence("gap")
def gap(result: "Result") -> str:
    """Where validation loss less training loss is largest and smallest, and which row ends best."""
    rows = _ranked([row for row in _sound(result) if row.figure("gap").values], "gap", False)
    if not rows:
        return "No run without divergence has a gap between training and validation loss"
    what = "The gap between training and validation loss is"
    least, most = rows[0].figure("gap").mean, rows[-1].figure("gap").mean
    if least == most:
        return f"{what} {least:.3g} with {_names(rows)}"
    said = f"{what} largest with {rows[-1].case.name} ({most:.3g}) and smallest with {rows[0].case.name} ({least:.3g})"
    return f"{said}; {best(result)}"


@sentence("vanishing", needs="gradient")
def vanishing(result: "Result") -> str:
    """What each layer further back divides the gradient by, ratio^(1 / (layers - 1)), by activation; the published."""
    factors: dict[str, list[float]] = {}
    for row in result.rows:
        ratio, layers_count = row.figure("ratio"), len(row.curve)
        if ratio.values and ratio.mean > 0 and layers_count > 1:
            factors.setdefault(_activation(row), []).append(ratio.mean ** (1 / (layers_count - 1)))
    if not factors:
        return "No gradient reaches the first layer"
    parts = [f"{_span(values)} with {activation}" for activation, values in factors.items()]
    said = f"Each layer further back divides the gradient by {', by '.join(parts)}"
    compared = [row for row in result.rows if row.published is not None and row.figure("ratio").values]
    if compared and (published := result.plan.study.published):
        ours = ", ".join(f"{row.figure('ratio').mean:.3g}" for row in compared)
        theirs = ", ".join(f"{row.published:.3g}" for row in compared)
        ratios = [row.figure("ratio").values for row in compared]
        within = sum(
            min(v) <= row.published <= max(v) for v, row in zip(ratios, compared, strict=True) if row.published
        )
        said += f"; last layer over first is {ours} for {_names(compared)}, published {theirs} ({published.source}), "
        said += f"of which {within} of {len(compared)} lie within the range over our seeds"
    return said


def _sound(result: "Result") -> "list[Row]":
    """The rows of which no run diverged: a mean over those left would flatter."""
    return [row for row in result.rows if not row.diverged]


def _ranked(rows: "Sequence[Row]", name: str, descending: bool) -> "list[Row]":
    return sorted(rows, key=lambda row: row.figure(name).mean, reverse=descending)


def _diverged(rows: "Sequence[Row]") -> str:
    parts = []
    for row in rows:
        count = f" in {len(row.diverged)} of {len(row.outcomes)} runs" if len(row.outcomes) > 1 else ""
        parts.append(f"{row.case.name} diverged{count}, {at_steps(row.diverged)}")
    return "; ".join(parts)


def at_steps(steps: Sequence[int]) -> str:
    """At which step, or between which."""
    return f"at step {steps[0]}" if len(set(steps)) == 1 else f"at steps {min(steps)} to {max(steps)}"


def _nearest(rows: "Sequence[Row]", figure: Figure) -> str:
    """What came nearest to a target that none reached in every run: the best value that any run had."""
    sign = -1 if figure.better == "lower" else 1
    values = [(sign * value, row) for row in rows for outcome in row.outcomes for value in outcome.y if isfinite(value)]
    if not values:
        return ""
    value, row = max(values, key=lambda pair: pair[0])
    return f"; the best that a run had is {figure.text(sign * value)}, with {row.case.name}"


def _horizon(rows: "Iterable[Row]") -> float:
    """How far every run of the rows came."""
    return min((max(outcome.x, default=0.0) for row in rows for outcome in row.outcomes), default=0.0)


def _activation(row: "Row") -> str:
    names = [
        call.name for call in parse_calls(row.case.config.model, "model") if getattr(layers[call.name], "suits", None)
    ]
    return " and ".join(dict.fromkeys(names)) or "no activation"


def _names(rows: "Sequence[Row]") -> str:
    *most, last = [row.case.name for row in rows]
    return f"{', '.join(most)} and {last}" if most else last


def _verb(rows: "Sequence[Row]", one: str, many: str) -> str:
    return one if len(rows) == 1 else many


def _count(number: float, noun: str) -> str:
    return f"{_whole(number)} {noun}" if number == 1 else f"{_whole(number)} {noun}s"


def _whole(number: float) -> str:
    return f"{number:.0f}" if number == floor(number) else f"{number:.1f}"


def _down(factor: float) -> str:
    """Rounded down: "at least" must stay true."""
    return f"{floor(factor * 10) / 10:g}"


def _span(values: Sequence[float]) -> str:
    low, high = f"{min(values):.2g}", f"{max(values):.2g}"
    return low if low == high else f"{low} to {high}"
