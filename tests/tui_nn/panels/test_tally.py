from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.training.events import Tally
from tui_nn.panels.tally import ActivationTallyPanel, GradientTallyPanel, WeightTallyPanel
from tui_nn.run_state import RunState

Make = Callable[..., Any]
Draw = Callable[..., str]


@pytest.fixture
def looked(run: RunState, make_look: Make) -> RunState:
    for step in range(1, 6):
        run.apply(make_look(step=10 * step))
    return run


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (WeightTallyPanel, "below 0  above 0  NaN 0"),
        (GradientTallyPanel, "below 3  above 4  NaN 0"),
        (ActivationTallyPanel, "mean 0  deviation 0.5"),
    ],
)
def test_each_shows_its_own_numbers_and_what_no_column_shows(
    kind: Any, words: str, looked: RunState, make_panel: Make, draw_text: Draw
):
    text = draw_text(make_panel(kind), looked, 40, 14)
    assert words in text
    assert "step 10 to 50" in text


@pytest.mark.parametrize("width", [4, 8, 22, 39])
def test_a_column_of_the_histogram_is_a_bin(width: int, looked: RunState, make_panel: Make, draw_text: Draw):
    line = draw_text(make_panel(WeightTallyPanel, "ascii"), looked, width, 4).splitlines()[2]
    each = width // 4
    # Counts of 1, 2, 5 and 2, the highest as high as there is room: quarters of a row.
    bars = [line[place * each : (place + 1) * each] for place in range(4)]
    assert all(len(set(bar)) == 1 for bar in bars)
    assert bars[1] == bars[3] != bars[2]
    assert line[4 * each :].strip() == ""


def test_what_is_not_a_number_is_said_first_and_in_its_colour(
    looked: RunState, make_look: Make, make_panel: Make, roles_of: Make
):
    tally = Tally(-1.0, 1.0, (1, 2), not_a_number=7, infinite=2)
    looked.apply(make_look(step=60, weights=tally))
    rows = make_panel(WeightTallyPanel).draw(looked, 40, 14)
    assert roles_of(rows, "NaN 7") == {"bad"}
    assert roles_of(rows, "inf 2") == {"bad"}
    assert rows[1][0].text == "NaN 7"
    # And in the history: a question mark where there are no colours.
    assert "?" in "".join(
        span.text for row in make_panel(WeightTallyPanel, "ascii").draw(looked, 40, 14) for span in row
    )


def test_tails_are_a_warning_with_a_count(looked: RunState, make_panel: Make, roles_of: Make):
    rows = make_panel(GradientTallyPanel).draw(looked, 40, 14)
    assert roles_of(rows, "below 3") == {"warn"}
    assert roles_of(make_panel(WeightTallyPanel).draw(looked, 40, 14), "below 0") == {"muted"}


def test_the_history_has_a_column_for_each_snapshot_and_nothing_beyond(looked: RunState, make_panel: Make):
    rows = make_panel(WeightTallyPanel).draw(looked, 40, 16)
    history = [row for row in rows if any(" on " in span.role for span in row)]
    picture = [row for row in history if row[0].role == "muted" and len(row[0].text) == 7]
    assert picture
    for row in picture:
        coloured = sum(len(span.text) for span in row if " on " in span.role)
        assert coloured == 5
        assert row[-1].role == ""


def test_before_the_first_step_there_are_no_gradients(
    run: RunState, make_look: Make, make_panel: Make, draw_text: Draw
):
    run.apply(make_look(gradients=None))
    assert "none before the first step" in draw_text(make_panel(GradientTallyPanel), run)


def test_the_same_look_is_not_drawn_again(looked: RunState, make_panel: Make, make_steps: Make, make_look: Make):
    panel = make_panel(WeightTallyPanel)
    before = panel.source(looked)
    looked.apply(make_steps(10))
    assert panel.source(looked) is before
    looked.apply(make_look(step=70))
    assert panel.source(looked) is not before


def test_activations_say_behind_what_they_were_counted(run: RunState, make_look: Make, make_panel: Make):
    panel = make_panel(ActivationTallyPanel)
    for given, after in (
        ("Linear(8), ReLU", "ReLU"),
        ("Conv2d(6, 5, padding=2), ReLU, MaxPool2d(2)", "ReLU, MaxPool2d(2)"),
        ("BatchNorm2d, ReLU", "BatchNorm2d, ReLU"),
    ):
        run.apply(msgspec.structs.replace(make_look(), given=given))
        panel.draw(run, 60, 12)
        assert panel.subtitle == f"250 samples   after {after}"
