"""For every action, what its key must bring to the screen, and what must be there before it is pressed."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from benchmarks import view as v
from benchmarks.terminal import View

WAIT = ""
"""In place of a key: the screen gets there by itself."""

Ready = Callable[[View], str | None]
"""The action or key that brings the screen nearer to where the press makes sense; None when it is there."""

LIVELY = 200
"""Steps after which a restart shows."""

YOUNG = 8_000
"""Steps after which the run may have learned all by heart and get a verdict, whose remedy a key would then apply."""


class Press(NamedTuple):
    """`answered(before, now)` holds once the screen shows what the key has done, and never for the screen before."""

    answered: Callable[[View, View], bool]
    ready: Ready
    applies: Callable[[View], bool] = lambda view: True
    """Whether the key has anything to show on a terminal of this size."""


def training(view: View) -> str | None:
    """Training at full speed, all panels of a page in view, none chosen, and nothing over them."""
    if v.overlay(view):
        return "escape"
    if v.drawing(view):
        return "draw.open"
    if v.pictures(view):
        return WAIT
    if v.frame(view) not in ("╭", ""):
        return "view.glyphs"
    if v.maximized(view):
        return "view.zoom"
    if v.chosen(view):
        return "escape"
    if v.pace(view) == "slowed":
        return "training.speed"
    return {"training": None, "paused": "training.pause", "done": "training.restart"}.get(v.state(view), WAIT)


def missing(actions: set[str]) -> list[str]:
    """What keeps table and actions from being the same set, in words; empty when they are."""
    covered = KEYS.keys() | EXITS.keys()
    return [f"no predicate for action {id}" for id in sorted(actions - covered)] + [
        f"a predicate for {id}, which is no action" for id in sorted(covered - actions)
    ]


def _paused(view: View) -> str | None:
    nearer = training(view)
    if nearer is None:
        return "training.pause"
    return None if nearer == "training.pause" else nearer


def _lively(view: View) -> str | None:
    return training(view) or (WAIT if v.step(view) < LIVELY else None)


def _changed(view: View) -> str | None:
    return training(view) or (None if v.shows(view, " changed from ") else "hyperparameter.raise")


def _first_page(view: View) -> str | None:
    return training(view) or (None if v.shows(view, "─ Loss ─") else "view.page")


def _with_cursor(view: View) -> str | None:
    return _first_page(view) or (None if v.cursor(view) else "plot.earlier")


def _zoomed(view: View) -> str | None:
    return _first_page(view) or (None if v.zoomed(view) else "plot.closer")


def _whole(view: View) -> str | None:
    return _first_page(view) or ("plot.whole" if v.zoomed(view) else None)


def _second_page(view: View) -> str | None:
    return training(view) or (None if v.digit(view) else "view.page")


def _no_notice(view: View) -> str | None:
    return training(view) or (WAIT if v.shows(view, "has no plane to show") else None)


def _healthy(text: str) -> Ready:
    """Without a verdict, and until that is not on the screen."""

    def ready(view: View) -> str | None:
        unready = training(view)
        if unready is None and (v.ill(view) or v.step(view) > YOUNG):
            return "training.restart"
        return unready or (WAIT if v.shows(view, text) else None)

    return ready


def _no_shell(view: View) -> str | None:
    return training(view) or (WAIT if v.shows(view, "no shell to go back to") else None)


def _at_rate(direction: str) -> Ready:
    """The pointer at the learning rate, with a value from which a step in the direction is allowed and back again."""

    def ready(view: View) -> str | None:
        name, value = v.hyperparameter(view)
        if training(view) is not None or not name:
            return training(view)
        if name != "learning rate":
            return "hyperparameter.previous"
        raised = float(value.partition(",")[0]) > 0.0015
        if direction == "raise":
            return "hyperparameter.lower" if raised else None
        return None if raised else "hyperparameter.raise"

    return ready


def _no_picture(view: View) -> str | None:
    """Names have seconds: the next picture needs a new one."""
    this_second = f"{datetime.now():%Y%m%d-%H%M%S}"
    return "escape" if v.overlay(view) else WAIT if this_second in v.pictures(view) else None


def _changes(read: Callable[[View], str]) -> Callable[[View, View], bool]:
    return lambda before, now: bool(read(now)) and read(now) != read(before)


def _canvas(view: View) -> str | None:
    if v.overlay(view):
        return "escape"
    return None if v.drawing(view) else training(view) or "draw.open"


def _errors(view: View) -> str | None:
    """On the screen of errors, with something measured."""
    if v.shows(view, "─ Confusion"):
        return None if v.split(view) else WAIT
    return training(view) or "errors.open"


def _mistakes(view: View) -> str | None:
    """There, with the worst mistakes of the test split."""
    if unready := _errors(view):
        return unready
    if v.split(view) != "test":
        return "errors.split"
    if v.cell(view):
        return "escape"
    return None if v.mistake(view) else WAIT


def _sliders(view: View) -> str | None:
    """On the screen that looks inside a digit."""
    if v.shows(view, "─ Shift, turn, noise ─"):
        return None if v.sliders(view) else WAIT
    return training(view) or "inside.open"


def _slider(changed: bool) -> Ready:
    """There, with a slider that was moved, or with none."""

    def ready(view: View) -> str | None:
        moved = any(not part.endswith(" 0") for part in v.sliders(view))
        return _sliders(view) or (None if moved == changed else "inside.more" if changed else "inside.reset")

    return ready


def _drawn(view: View) -> str | None:
    """On the canvas, with something that is read."""
    return _canvas(view) or (None if v.read(view) else WAIT if "down" in v.tool(view) else "draw.pen")


def _within(direction: str) -> Ready:
    """On the canvas, the pen shown and where it can still move in the direction."""

    def ready(view: View) -> str | None:
        place = re.search(r" (\d+),(\d+) ", v.tool(view))
        if _canvas(view) is not None or place is None:
            return _canvas(view) or "draw.pen"
        x, y = map(int, place.groups())
        other = {"left": (x > 4, "right"), "right": (x < 24, "left"), "up": (y > 4, "down"), "down": (y < 24, "up")}
        free, back = other[direction]
        return None if free else f"draw.{back}"

    return ready


def _size(least: int, most: int, nearer: str) -> Ready:
    """On the canvas, with a brush of a size in between."""
    return lambda view: _canvas(view) or (None if least <= int(v.tool(view).split("size ")[1][0]) <= most else nearer)


KEYS = {
    "training.pause": Press(lambda before, now: v.state(now) == "paused", training),
    "training.step": Press(lambda before, now: v.step(now) == v.step(before) + 1, _paused),
    "training.epoch": Press(lambda before, now: v.state(now) == "paused" and v.epoch(now).endswith(".0"), training),
    "training.speed": Press(_changes(v.pace), training),
    "training.restart": Press(lambda before, now: 0 <= v.step(now) < v.step(before) / 2, _lively),
    "training.undo": Press(_changes(v.went_back), _changed),
    "training.rewind": Press(_changes(v.went_back), _with_cursor),
    "training.new": Press(lambda before, now: v.shows(now, "─ New run"), training),
    "training.preflight": Press(lambda before, now: v.shows(now, "─ Pre-flight"), training),
    "training.stop": Press(lambda before, now: v.state(now) == "done", training),
    "training.save": Press(_changes(v.saved), training),
    "hyperparameter.previous": Press(_changes(lambda view: v.hyperparameter(view)[0]), training),
    "hyperparameter.next": Press(_changes(lambda view: v.hyperparameter(view)[0]), training),
    "hyperparameter.raise": Press(_changes(lambda view: v.hyperparameter(view)[1]), _at_rate("raise")),
    "hyperparameter.lower": Press(_changes(lambda view: v.hyperparameter(view)[1]), _at_rate("lower")),
    "hyperparameter.type": Press(lambda before, now: v.shows(now, "escape leaves it"), training),
    "health.remedy": Press(
        lambda before, now: v.shows(now, "no verdict to be remedied"), _healthy("no verdict to be remedied")
    ),
    "health.next": Press(lambda before, now: v.shows(now, "no verdict to choose"), _healthy("no verdict to choose")),
    "digit.next": Press(_changes(v.digit), _second_page),
    "digit.previous": Press(_changes(v.digit), _second_page),
    "digit.random": Press(_changes(v.digit), _second_page),
    "digit.mistake": Press(_changes(v.digit), _second_page),
    "draw.open": Press(lambda before, now: v.drawing(now) and not v.drawing(before), training),
    "draw.pen": Press(lambda before, now: ("down" in v.tool(before)) != ("down" in v.tool(now)), _canvas),
    "draw.left": Press(_changes(v.tool), _within("left")),
    "draw.right": Press(_changes(v.tool), _within("right")),
    "draw.up": Press(_changes(v.tool), _within("up")),
    "draw.down": Press(_changes(v.tool), _within("down")),
    "draw.erase": Press(lambda before, now: ("eraser" in v.tool(before)) != ("eraser" in v.tool(now)), _canvas),
    "draw.thicker": Press(_changes(v.tool), _size(1, 4, "draw.thinner")),
    "draw.thinner": Press(_changes(v.tool), _size(2, 5, "draw.thicker")),
    "draw.wide": Press(lambda before, now: v.shows(now, "Draw a number") != v.shows(before, "Draw a number"), _canvas),
    "draw.label": Press(lambda before, now: v.shows(now, "What is it really?"), _drawn),
    "draw.save": Press(_changes(v.saved_drawing), _drawn),
    "draw.load": Press(lambda before, now: v.shows(now, "backspace goes up"), _canvas),
    "draw.clear": Press(lambda before, now: bool(v.read(before)) and not v.read(now), _drawn),
    "draw.undo": Press(lambda before, now: bool(v.read(before)) and not v.read(now), _drawn),
    "boundary.open": Press(lambda before, now: v.shows(now, "has no plane to show"), _no_notice),
    "boundary.points": Press(_changes(v.surface), training, applies=lambda view: False),
    "boundary.units": Press(_changes(v.surface), training, applies=lambda view: False),
    "boundary.back": Press(_changes(v.surface), training, applies=lambda view: False),
    "layers.open": Press(lambda before, now: v.shows(now, "─ Layers ─"), training),
    "layers.before": Press(_changes(v.layer), training, applies=lambda view: False),
    "errors.open": Press(lambda before, now: v.shows(now, "─ Confusion"), training),
    "errors.left": Press(_changes(v.cell), _errors),
    "errors.down": Press(_changes(v.cell), _errors),
    "errors.up": Press(_changes(v.cell), _errors),
    "errors.right": Press(_changes(v.cell), _errors),
    "errors.split": Press(_changes(v.split), _errors),
    "errors.inside": Press(lambda before, now: v.shows(now, "─ Shift, turn, noise ─"), _mistakes),
    "inside.open": Press(lambda before, now: v.shows(now, "─ Shift, turn, noise ─"), training),
    "inside.previous": Press(_changes(lambda view: "".join(v.sliders(view))), _sliders),
    "inside.next": Press(_changes(lambda view: "".join(v.sliders(view))), _sliders),
    "inside.more": Press(_changes(lambda view: "".join(v.sliders(view))), _slider(changed=False)),
    "inside.less": Press(_changes(lambda view: "".join(v.sliders(view))), _slider(changed=True)),
    "inside.reset": Press(
        lambda before, now: bool(v.sliders(now)) and all(part.endswith(" 0") for part in v.sliders(now)),
        _slider(changed=True),
    ),
    "plot.earlier": Press(_changes(v.cursor), _first_page),
    "plot.later": Press(_changes(v.cursor), _with_cursor),
    "plot.uncursor": Press(lambda before, now: bool(v.cursor(before)) and not v.cursor(now), _with_cursor),
    "plot.closer": Press(lambda before, now: v.zoomed(now) and not v.zoomed(before), _whole),
    # All of the run at once only where it has not grown meanwhile.
    "plot.wider": Press(
        lambda before, now: v.zoomed(before) and (not v.zoomed(now) or v.steps_shown(now) > v.steps_shown(before)),
        _zoomed,
    ),
    "plot.whole": Press(lambda before, now: v.zoomed(before) and not v.zoomed(now), _zoomed),
    "plot.smooth": Press(lambda before, now: v.smoothing(now) != v.smoothing(before), _first_page),
    "plot.before": Press(lambda before, now: v.run_before(now) != v.run_before(before), _first_page),
    "view.next": Press(_changes(v.chosen), training),
    "view.previous": Press(_changes(v.chosen), training),
    "view.zoom": Press(lambda before, now: v.maximized(now) and not v.maximized(before), training),
    "view.plot": Press(_changes(v.second_plot), _first_page, applies=lambda view: bool(v.second_plot(view))),
    "view.page": Press(
        _changes(lambda view: "─ Loss ─" if v.shows(view, "─ Loss ─") else v.digit(view) and "Test digit"),
        training,
        applies=lambda view: not (v.shows(view, "─ Loss ─") and v.digit(view)),
    ),
    "view.scale": Press(
        lambda before, now: v.shows(now, "log scale") != v.shows(before, "log scale") and v.shows(now, "─ Loss ─"),
        _first_page,
    ),
    "view.layer": Press(_changes(v.first_layer), _second_page, applies=lambda view: v.shows(view, "w: next")),
    "view.theme": Press(_changes(v.theme), training),
    "view.glyphs": Press(_changes(v.frame), training),
    "view.help": Press(lambda before, now: v.shows(now, "─ Help"), training),
    "view.log": Press(lambda before, now: v.shows(now, "─ Log"), training),
    "app.suspend": Press(lambda before, now: v.shows(now, "no shell to go back to"), _no_shell),
    "app.palette": Press(lambda before, now: v.shows(now, "Search for commands"), training),
    # The last one: its notice lies over the panels for seconds.
    "view.screenshot": Press(lambda before, now: bool(v.pictures(now) - v.pictures(before)), _no_picture),
}
"""In the order in which they are pressed."""

EXITS = {"app.quit": 0, "app.interrupt": 130}
"""Actions that end the program, with its exit status: their time is that to the end of the process."""
