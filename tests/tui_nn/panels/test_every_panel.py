import importlib
import math
import pkgutil
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.training import commands as c
from engine.training import events as e
from tui_nn import panels
from tui_nn.panels.panel import Panel
from tui_nn.plots import plain_text
from tui_nn.run_state import RunState
from tui_nn.themes import make_theme

for module in pkgutil.iter_modules(panels.__path__, f"{panels.__name__}."):
    importlib.import_module(module.name)


def leaves(kind: type[Panel]) -> list[type[Panel]]:
    """The kinds of panels that nothing else derives from."""
    return [leaf for child in kind.__subclasses__() for leaf in leaves(child)] or [kind]


KINDS = sorted(leaves(Panel), key=lambda kind: kind.__name__)

SIZES = [(0, 0), (1, 1), (2, 3), (5, 2), (12, 1), (30, 4), (60, 12), (200, 60)]
LAYERS = tuple(f"Linear({n})" for n in range(40, 0, -1))
Make = Callable[..., Any]


def digit(probability: float = 0.5) -> e.DigitPredicted:
    return e.DigitPredicted(1, 0, 1, 0, 28, 28, bytes(range(256)) * 3 + bytes(16), (probability, 0.25, 0.25))


def weights(run: RunState, value: float = 0.5) -> e.WeightsMeasured:
    assert run.started is not None
    return e.WeightsMeasured(
        1, tuple(e.Histogram(layer.name, -1.0, 1.0, (1, 0, 900), 3, value, value) for layer in run.started.layers)
    )


def surface(probability: int = 200, value: int = 90) -> list[e.AnyEvent]:
    """A boundary over a small grid with a right point and a wrong one, and a page of units."""
    grid = {"columns": 6, "rows": 4, "seconds": 0.01}
    labels, taken_for = (np.array(classes, np.uint16).tobytes() for classes in ([0, 1], [0, 0]))
    answers = np.arange(24, dtype=np.uint16) % 3
    points = np.array([[0.5, 0.5], [0.25, 0.75]], np.float32).tobytes()
    boundary = e.BoundaryMapped(
        step=1,
        x=(0.0, 1.0),
        y=(0.0, 1.0),
        answers=answers.tobytes(),
        probabilities=bytes([probability] * 24),
        split="train",
        points=points,
        labels=labels,
        taken_for=taken_for,
        **grid,
    )
    values = np.array([value, -value, 0] * 8).astype(np.int8).tobytes()
    about = {"step": 1, "layer": 0, "layer_count": 2, "label": "Linear(8), Tanh", "first": 0, "unit_count": 8}
    return [boundary, e.UnitsMapped(values=values * 2, bounds=(1.0, 0.0), **about, **grid)]


def drawn(probability: float = 0.5, count: int = 3) -> e.DrawingPredicted:
    """A number of so many digits."""
    chances = (probability, *[(1 - probability) / 9] * 9)
    digits = [
        e.DrawnDigit(0, chances, (n / 9, 0.1, (n + 1) / 9, 0.9), bytes(range(256)) * 3 + bytes(16))
        for n in range(count)
    ]
    return e.DrawingPredicted(1, tuple(digits), 4)


def look(value: float = 0.25, share: int = 90) -> e.LayerInspected:
    """A look into the first of 40 layers."""
    tally = e.Tally(-1.0, 1.0, (1, 0, 900), 2, 3, 4, 5, value, value)
    values = np.array([share, -share, 0, 0] * 24).astype(np.int8).tobytes()
    pictures = e.Pictures(8, 0, 2, 8, 6, 8, 0.0 if math.isnan(value) else 1.0, values)
    units = tuple(e.UnitFigures(str(2 * n), 8, n % 9, n / 40) for n in range(40))
    first = msgspec.structs.replace(pictures, count=1, shown=1, values=values[:48])
    about = ("0", "Linear(8), ReLU", tally, tally, 250, units, (1, 2), "pixels", 0, 0.01)
    return e.LayerInspected(1, 0, 40, *about, tally, pictures, pictures, first)


def other_looks() -> list[e.LayerInspected]:
    """What has no gradients yet, no pictures, or a matrix of weights."""
    event = look()
    one = msgspec.structs.replace(event.pictures, count=1, shown=1)
    return [
        msgspec.structs.replace(event, gradients=None, kind="", pictures=None, maps=None, sample=None),
        msgspec.structs.replace(event, kind="matrix", pictures=one, maps=one),
        msgspec.structs.replace(event, kind="filters", sample=None, units=()),
    ]


def wrong(probability: float = 0.75, classes: int = 3) -> list[e.AnyEvent]:
    """A measurement of errors with samples of each kind."""
    matrix = np.arange(classes * classes, dtype=np.uint32).tobytes()
    bins = (e.ReliabilityBin(math.nan, math.nan, 0), e.ReliabilityBin(probability, 0.5, 40))
    measured = e.ErrorsMeasured(
        1, "test", 40, matrix, (probability,) * classes, (0.1,) * classes, bins, probability, 24, 0.01
    )
    sample = e.Mistake(4, 1, 0, probability, 0.25)
    picked = [
        e.SamplesPicked(1, "test", which, 1, 0, 5, 0, (sample, sample), 6, 4, bytes(range(48)), (), 0.01)
        for which in ("mistakes", "cell", "suspects")
    ]
    return [measured, *picked]


def explained(probability: float = 0.75, share: int = 90, templates: bool = True) -> list[e.AnyEvent]:
    """A digit that was changed, and what is inside it."""
    part = look(0.25, share).pictures
    path = tuple(e.PathPoint(step, step / 9, step % 3, probability) for step in range(30))
    tracks = tuple(e.Track(kind, amounts, (0, 1) * 8 + (2,)) for kind, amounts in c.AMOUNTS.items())
    values = np.full(28 * 28, share).astype(np.int8).tobytes()
    maps = tuple(e.LayerMaps(f"{n} Linear(8)", 8, part if n else None) for n in range(3))
    about = (bytes(range(256)) * 3 + bytes(16), values, 1.0, values, 1.0, path, "pixels" if templates else "matrix")
    shown = part if templates else None
    return [
        e.DigitVaried(1, c.Variation(2.0), digit(probability), tracks, 0.01),
        e.DigitExplained(1, 0, 1, 0, c.Variation(2.0), 28, 28, *about, shown, maps, 0, 3, 0.01),
    ]


def nothing(make_started: Make, make_steps: Make) -> RunState:
    return RunState()


def begun(make_started: Make, make_steps: Make) -> RunState:
    run = RunState()
    run.apply(make_started())
    return run


def one_step(make_started: Make, make_steps: Make) -> RunState:
    run = begun(make_started, make_steps)
    others = e.Evaluated(1, 0.0, "validation", 2.0, 0.1, 400), *surface(), drawn(0.5, 1), look(), *wrong(), *explained()
    for event in (make_steps(1), digit(), weights(run), *others):
        run.apply(event)
    return run


def not_a_number(make_started: Make, make_steps: Make) -> RunState:
    run = one_step(make_started, make_steps)
    bad = make_steps(11, math.nan, norms=(math.nan, math.inf), accuracy=math.nan, learning_rate=math.nan)
    for event in (
        bad,
        digit(math.nan),
        weights(run, math.nan),
        *surface(0, -128),
        drawn(math.nan),
        look(math.nan, -128),
        *wrong(math.nan),
        *explained(math.nan, -128),
        e.RunPaused(11, "the loss is not finite"),
    ):
        run.apply(event)
    return run


def many_layers(make_started: Make, make_steps: Make) -> RunState:
    run = RunState()
    run.apply(make_started(*LAYERS))
    for step in range(1, 200):
        run.apply(make_steps(step, 1 / step, norms=tuple((1 + step % 3) * 0.9**n for n in range(len(LAYERS)))))
    run.apply(weights(run))
    run.apply(digit())
    for event in (*surface(), drawn(0.9, 9), *other_looks(), look(), *wrong(), *explained(templates=False)):
        run.apply(event)
    return run


def no_gradients(make_started: Make, make_steps: Make) -> RunState:
    run = one_step(make_started, make_steps)
    run.apply(other_looks()[0])
    return run


def matrix(make_started: Make, make_steps: Make) -> RunState:
    run = one_step(make_started, make_steps)
    run.apply(other_looks()[1])
    return run


def filters(make_started: Make, make_steps: Make) -> RunState:
    run = one_step(make_started, make_steps)
    run.apply(other_looks()[2])
    return run


def table(make_started: Make, make_steps: Make) -> RunState:
    names = tuple(f"a class with a long name {n}" for n in range(40))
    run = RunState()
    run.apply(make_started(class_names=names, feature_names=("a", "b"), input_shape=(2,)))
    measured, *picked = wrong(1.0, 40)
    run.apply(measured)
    for event in picked:
        run.apply(msgspec.structs.replace(event, height=0, width=0, pixels=b"", features=((1.0, 2.5),) * 2))
    return run


def pictures(make_started: Make, make_steps: Make) -> RunState:
    run = RunState()
    run.apply(make_started(input_shape=(1, 28, 28)))
    for event in (*wrong(), *explained()):
        run.apply(event)
    return run


def ended(make_started: Make, make_steps: Make) -> RunState:
    run = many_layers(make_started, make_steps)
    run.apply(e.RunEnded(200, "done", {"test_accuracy": 0.9, "test_standard_error": 0.01}))
    return run


def number(make_started: Make, make_steps: Make) -> RunState:
    run = RunState()
    run.apply(make_started(class_names=(), feature_names=("a", "b"), target="price"))
    run.apply(make_steps(1, accuracy=math.nan, rmse=3.5))
    run.apply(e.Evaluated(1, 0.0, "validation", 2.0, math.nan, 400, rmse=4.5))
    run.apply(e.DigitPredicted(1, 0, -1, -1, 0, 0, b"", (), (0.5, math.nan), 1.0, math.inf))
    run.apply(e.RunEnded(1, "done", {"target": "price", "test_rmse": 4.0, "test_r2": math.nan}))
    return run


def failed(make_started: Make, make_steps: Make) -> RunState:
    run = RunState()
    run.apply(e.RunFailed(0, "no such data"))
    return run


STATES = [
    nothing,
    begun,
    one_step,
    not_a_number,
    many_layers,
    no_gradients,
    matrix,
    filters,
    table,
    pictures,
    ended,
    number,
    failed,
]


def test_there_are_panels():
    assert len(KINDS) >= 7


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_any_run_in_any_room(kind: type[Panel], state: Make, make_panel: Make, make_started: Make, make_steps: Make):
    run = state(make_started, make_steps)
    for glyphs in ("braille", "block", "ascii"):
        panel = make_panel(kind, glyphs)
        for width, height in SIZES:
            rows = panel.draw(run, width, height)
            assert glyphs != "ascii" or plain_text(rows).isascii(), plain_text(rows)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_drawing_does_not_change_the_run_or_depend_on_what_was_drawn(
    kind: type[Panel], make_panel: Make, make_started: Make, make_steps: Make
):
    run = many_layers(make_started, make_steps)
    panel = make_panel(kind)
    first = panel.draw(run, 60, 12)
    panel.draw(nothing(make_started, make_steps), 20, 5)
    assert panel.draw(run, 60, 12) == first


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_all_that_is_shown_has_a_colour_by_its_meaning(
    kind: type[Panel], make_panel: Make, make_started: Make, make_steps: Make
):
    used = set()
    for state in STATES:
        rows = make_panel(kind).draw(state(make_started, make_steps), 60, 30)
        used |= {role for row in rows for span in row if span.text.strip() for role in span.role.split(" on ")}
    assert {f"role-{role}" for role in used if role} <= set(make_theme("dark").variables)
