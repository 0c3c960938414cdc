from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from tui_nn.placing import ANY, Box, Wish, among, columns, divide, names, panel, place, rows
from tui_nn.screens.layouts import BOUNDARY, DASHBOARD, DRAW, DRAW_WIDE, LAYERS

WISHES = st.lists(st.builds(Wish, st.floats(0.1, 9), st.integers(0, 20), st.integers(20, 60)), min_size=1, max_size=6)


@given(st.integers(0, 300), WISHES)
def test_lengths_add_up_and_limits_hold_as_far_as_they_can(total: int, wishes: list[Wish]):
    sizes = divide(total, wishes)
    assert sum(sizes) == total
    assert min(sizes) >= 0
    if sum(wish.least for wish in wishes) <= total <= sum(wish.most for wish in wishes):
        assert all(wish.least <= size <= wish.most for size, wish in zip(sizes, wishes, strict=True))


def test_lengths_are_shares_where_no_limit_is_in_the_way():
    assert divide(100, [Wish(1, 0, ANY), Wish(3, 0, ANY)]) == [25, 75]
    assert divide(10, [Wish(1, 0, ANY)] * 3) == [3, 4, 3]
    # The first takes what it needs, the others share the rest; then one that has enough leaves the rest to the other.
    assert divide(37, [Wish(2, 8, ANY), Wish(2, 8, ANY), Wish(1, 16, 16)]) == [11, 10, 16]
    assert divide(40, [Wish(1, 0, 5), Wish(1, 0, ANY)]) == [5, 35]
    # More than all can fill, less than all need.
    assert divide(30, [Wish(1, 0, 5), Wish(1, 0, 9)]) == [5, 25]
    assert divide(10, [Wish(1, 8, ANY), Wish(1, 8, ANY)]) == [8, 2]


def trees() -> Any:
    leaves = st.builds(
        panel, st.text("abc", min_size=1), st.floats(0.1, 9), least=st.integers(0, 9), spare=st.booleans()
    )
    return st.recursive(
        leaves,
        lambda parts: st.builds(
            lambda make, some, spare: make(*some, spare=spare),
            st.sampled_from([rows, columns]),
            st.lists(parts, min_size=1, max_size=3),
            st.booleans(),
        ),
        max_leaves=8,
    )


def numbered(box: Box, start: int = 0) -> Box:
    """The tree with another name for each panel."""
    if box.name:
        return box._replace(name=f"{box.name}{start}")
    return box._replace(parts=tuple(numbered(part, 10 * start + place) for place, part in enumerate(box.parts, 1)))


@given(trees().map(numbered), st.integers(0, 200), st.integers(0, 70), st.integers(0, 30))
def test_panels_tile_the_region(box: Box, width: int, height: int, most: int):
    region = Region(3, 2, width, height)
    placed = place(box, region, dict.fromkeys(list(names(box))[::2], most))
    assert set(placed) <= set(names(box))
    assert sum(own.area for own in placed.values()) == region.area
    regions = [own for own in placed.values() if own.area]
    assert all(region.contains_region(own) for own in regions)
    assert not any(one.overlaps(other) for place, one in enumerate(regions) for other in regions[:place])


def test_what_is_spare_goes_first_and_the_last_of_it():
    tree = rows(
        panel("a", least=8), panel("b", least=8, spare=True), panel("c", least=8, spare=True), panel("d", least=8)
    )
    for height, seen in ((32, "abcd"), (31, "abd"), (24, "abd"), (23, "ad"), (9, "ad")):
        assert "".join(place(tree, Region(0, 0, 80, height), {})) == seen


def test_nobody_gets_rows_that_stay_empty_while_others_could_fill_them():
    tree = columns(rows(panel("plot"), panel("text", 5)), rows(panel("more"), columns(panel("two"), panel("one"))))
    placed = place(tree, Region(0, 0, 100, 40), {"text": 7, "one": 4, "two": 6})
    assert {name: own.height for name, own in placed.items()} == {"plot": 33, "text": 7, "more": 34, "two": 6, "one": 6}


def test_panels_that_are_not_there_leave_their_room_to_others():
    tree = columns(rows(panel("a"), panel("b")), rows(panel("c"), panel("d")))
    found = among(tree, {"b", "a", "x"})
    assert found is not None
    assert list(names(found)) == ["a", "b"]
    assert place(found, Region(0, 0, 60, 20), {})["b"].width == 60
    assert among(tree, {"x"}) is None


@pytest.mark.parametrize(
    "layouts",
    [DASHBOARD, BOUNDARY, LAYERS, DRAW, DRAW_WIDE],
    ids=["dashboard", "boundary", "layers", "draw", "wide"],
)
def test_on_every_terminal_each_panel_of_a_page_has_room_to_be_read(layouts: Any):
    enough = {"prediction": 16, "hyperparameters": 11, "gradient-norms": 9, "figures": 8}
    for width in range(60, 320, 7):
        for height in (20, 21, 22, 23, 24, 30, 35, 36, 37, 40, 60, 100):
            layout = next(item for item in layouts if width >= item.width and height >= item.height)
            for page in layout.pages:
                for name, own in place(page, Region(0, 0, width, height - 3), enough).items():
                    assert own.width >= (16 if name == "bars" else 25), (width, height, name)
                    assert own.height >= 5, (width, height, name)
                    if name == "prediction":  # a digit, and bars beside it
                        assert own.width >= 46, (width, height)
                        assert own.height >= 15, (width, height)
