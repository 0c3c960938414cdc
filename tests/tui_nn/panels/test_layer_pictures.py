from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.training.commands import PicturesWish
from engine.training.events import Pictures, UnitFigures
from engine.training.pictures import pictures
from tui_nn.panels.layer_pictures import ActivationMapsPanel, WeightPicturesPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]


def of(grids: np.ndarray, first: int = 0, count: int = 100, side: int = 28) -> Pictures:
    event = pictures(grids, PicturesWish(side, side, first, min(count, 65_000 // side**2)))
    assert event is not None
    return event


@pytest.mark.parametrize("size", [(58, 12), (98, 30), (38, 17), (24, 8), (398, 118)])
@pytest.mark.parametrize(("count", "side"), [(6, 5), (96, 5), (128, 28), (3, 28), (1000, 3)])
@pytest.mark.parametrize("kind", [WeightPicturesPanel, ActivationMapsPanel])
def test_turning_shows_every_picture_once(
    kind: Any,
    count: int,
    side: int,
    size: tuple[int, int],
    run: RunState,
    make_look: Make,
    make_panel: Make,
    monkeypatch,
):
    grids = np.random.default_rng(1).normal(size=(count, side, side))
    panel = make_panel(kind)
    monkeypatch.setattr(kind, "room", size)
    name = "pictures" if kind is WeightPicturesPanel else "maps"
    run.apply(make_look(**{name: of(grids)}, units=(UnitFigures("0", count),)))
    panel._run = run
    seen: list[int] = []
    for _ in range(2000):
        wish = panel.wish()
        assert wish.columns * wish.rows * wish.count <= 65_536
        event = pictures(grids, wish)
        run.apply(make_look(**{name: event}, units=(UnitFigures("0", count),)))
        assert panel.wish() == wish  # the answer changes nothing of what is wished for
        rows = panel.draw(run, *size)
        assert 0 < len(rows) <= size[1]
        shown = range(event.first, event.first + event.shown)
        labels = {span.text for row in rows for span in row}
        assert all(str(unit + 1)[: wish.columns] in labels for unit in shown)
        seen += shown
        if not panel.turn(+1) or panel.first == 0:
            break
    assert seen == list(range(count))


def test_a_unit_that_is_dead_is_called_so_and_channels_are_numbered(run: RunState, make_look: Make, make_panel: Make):
    grids = np.ones((6, 5, 5))
    about = {"pictures": of(grids), "kind": "filters", "units": (UnitFigures("0", 3, dead=1),), "dead": (1,)}
    run.apply(make_look(**about))
    rows = make_panel(WeightPicturesPanel).draw(run, 80, 20)
    heads = " ".join(
        "".join(span.text for span in row) for row in rows if any("." in span.text for span in row)
    ).split()
    assert heads == ["1.1", "1.2", "2.1", "dead", "2.2", "dead", "3.1", "3.2"]


def test_a_matrix_has_the_whole_panel(run: RunState, make_look: Make, make_panel: Make, monkeypatch):
    monkeypatch.setattr(WeightPicturesPanel, "room", (58, 12))
    panel = make_panel(WeightPicturesPanel)
    run.apply(make_look(kind="matrix", pictures=of(np.ones((1, 10, 64)))))
    panel._run = run
    wish = panel.wish()
    assert (wish.columns, wish.rows, wish.count) == (58, 22, 1)
    assert len(panel.draw(run, 58, 12)) == 12
    assert "inputs across, outputs down" in panel.subtitle
    monkeypatch.setattr(WeightPicturesPanel, "room", (498, 148))
    wish = panel.wish()
    assert pictures(np.ones((1, 900, 900)), wish) is not None


def test_a_layer_without_pictures_says_so(run: RunState, make_look: Make, make_panel: Make, draw_text: Make):
    run.apply(make_look(kind="", pictures=None))
    assert "no pictures" in draw_text(make_panel(WeightPicturesPanel), run)


def test_the_sample_stands_before_what_the_layer_makes_of_it(
    run: RunState, make_look: Make, make_panel: Make, draw_text: Make
):
    run.apply(make_look())
    panel = make_panel(ActivationMapsPanel)
    assert draw_text(panel, run, 58, 12).splitlines()[0].split()[:2] == ["sample", "1"]
    assert panel.title == "Test sample 1 in 0 Linear(8)"
    whole = msgspec.structs.replace(make_look().maps, count=1, shown=1)
    run.apply(make_look(maps=whole))
    assert "all 8 units" in draw_text(panel, run, 58, 12)
