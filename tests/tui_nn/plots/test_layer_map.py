import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.plots import layer_map, plain_text
from tui_nn.plots.layer_map import COLD_TO_HOT, by_column, decades
from tui_nn.themes import make_theme

COUNTS = st.lists(st.integers(1, 9), max_size=60).map(np.cumsum)


@given(COUNTS, st.integers(1, 30), st.randoms())
def test_each_column_has_the_greatest_of_its_steps(steps: np.ndarray, cells: int, random) -> None:
    last = 10 * max(len(steps), 1)
    values = np.array([[random.random()] for _ in steps]).reshape(-1, 1)
    # What each step was: a point stands for all since the point before it.
    by_step = np.repeat(values[:, 0], np.diff([0, *steps])) if len(steps) else np.zeros(0)
    found = by_column(steps.astype(float), values, cells, (0.0, float(last)))
    ends = np.linspace(0, last, cells + 1)
    for column, shown in enumerate(found):
        # Steps first .. last of the column, the ones that its ends cut among them.
        first, end = int(np.floor(ends[column])), int(np.ceil(ends[column + 1]))
        covered = by_step[first:end]
        assert shown[0] >= covered.max() - 1e-12
        assert shown[0] in values
    assert len(found) == np.count_nonzero(ends[:-1] < (steps[-1] if len(steps) else 0))


@given(
    COUNTS,
    st.integers(0, 8),
    st.integers(-1, 60),
    st.integers(-1, 20),
    st.sampled_from(["braille", "ascii"]),
    st.booleans(),
)
def test_any_size(steps: np.ndarray, layers: int, width: int, height: int, glyphs, shaded: bool) -> None:
    values = np.full((len(steps), layers), 0.5)
    rows = layer_map(
        steps.astype(float),
        values,
        [f"{n} Linear" for n in range(layers)],
        width,
        height,
        x_range=(0.0, 600.0),
        limits=(0.01, 1.0),
        label_width=8,
        glyphs=glyphs,
        shaded=shaded,
    )
    assert len(rows) <= max(height, 0)
    roles = {role for row in rows for span in row for role in span.role.split(" on ") if role}
    assert {f"role-{role}" for role in roles} <= set(make_theme("dark").variables)
    assert glyphs != "ascii" or plain_text(rows).isascii()


def test_a_row_for_each_layer_from_cold_to_hot_and_blank_where_there_is_no_step_yet() -> None:
    steps = np.arange(10.0, 60, 10)
    values = 10.0 ** np.array([[-4, 0]] * 5)
    rows = layer_map(
        steps, values, ["1 Linear", "3 Linear"], 31, 3, x_range=(0.0, 100.0), limits=(1e-4, 1.0), label_width=10
    )
    for row, name, role in zip(rows, ("1 Linear", "3 Linear"), (COLD_TO_HOT[0], COLD_TO_HOT[-1]), strict=False):
        assert row[0].text.strip() == name
        assert row[1].role == f"{role} on {role}"
        assert len(row[1].text) == 10
        assert (row[2].text, row[2].role) == (" " * 10, "")
    assert "0" in rows[2][-1].text or "50" in plain_text(rows[2:])


def test_limits_are_whole_decades() -> None:
    assert decades(np.array([[0.003, 0.2]])) == (0.001, 1.0)
    assert decades(np.array([[1.0, 1.0]])) == (0.1, 10.0)
    low, high = decades(np.zeros((0, 3)))
    assert low < high
