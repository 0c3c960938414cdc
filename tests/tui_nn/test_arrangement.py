import random

from textual.geometry import Region, Size

from tui_nn.arrangement import Arrangement
from tui_nn.placing import names
from tui_nn.screens.layouts import DASHBOARD, PLOTS

PANELS = ["loss", *PLOTS, "prediction", "gradient-norms", "weights", "hyperparameters", "figures"]


def dashboard(width: int = 80, height: int = 24) -> Arrangement:
    return Arrangement(DASHBOARD, PANELS, "loss", PLOTS, Size(width, height))


def seen(arrangement: Arrangement) -> list[str]:
    return list(arrangement.places(arrangement.size.region))


def test_pages_go_round():
    here = dashboard()
    first = seen(here)
    here.turn_page()
    second = seen(here)
    assert not set(first) & set(second)
    assert here.page_shown == 1
    here.turn_page()
    assert seen(here) == first


def test_each_panel_is_on_some_page_of_every_terminal():
    for size in ((60, 20), (80, 24), (100, 30), (120, 40), (160, 24), (200, 60)):
        here = dashboard(*size)
        found = {name for page in here.pages for name in names(page)}
        assert found >= {"loss", "prediction", "gradient-norms", "weights", "hyperparameters"}, size
        assert here.offers_plots or found >= set(PLOTS), size


def test_the_chosen_panel_is_maximized_and_comes_back():
    here = dashboard()
    before = here.places(here.size.region)
    here.choose(+1)
    here.choose(+1)
    assert here.chosen == list(before)[1]
    here.maximize()
    assert here.places(Region(0, 2, 80, 21)) == {here.chosen: Region(0, 2, 80, 21)}
    assert here.back()
    assert here.places(here.size.region) == before
    assert here.chosen == list(before)[1]
    assert here.back()
    assert here.chosen == ""
    assert not here.back()


def test_where_none_was_chosen_the_main_panel_is_maximized():
    here = dashboard()
    here.maximize()
    assert seen(here) == ["loss"]
    here.maximize()
    assert len(seen(here)) > 1


def test_in_the_large_one_goes_through_all_panels():
    here = dashboard(60, 20)
    here.maximize()
    found = []
    for _ in PANELS:
        found += seen(here)
        here.choose(+1)
    assert set(found) == set(PANELS)
    assert seen(here) == ["loss"]
    here.choose(-1)
    assert seen(here) == found[-1:]
    here.back()
    assert here.chosen == ""  # it has no room on this page


def test_to_choose_backwards_begins_with_the_last():
    here = dashboard()
    here.choose(-1)
    assert here.chosen == seen(here)[-1]


def test_the_second_plot_goes_round_and_keeps_its_place():
    here = dashboard()
    place = here.places(here.size.region)["accuracy"]
    here.chosen = "accuracy"
    for name in (*PLOTS[1:], PLOTS[0]):
        here.next_plot()
        assert here.second == here.chosen == name
        assert here.places(here.size.region)[name] == place
    here.chosen = "loss"
    here.next_plot()
    assert here.chosen == "loss"


def test_only_plots_that_are_there_are_offered():
    here = Arrangement(DASHBOARD, ["loss", "accuracy", "speed"], "loss", PLOTS, Size(80, 24))
    assert here.second == "accuracy"
    here.next_plot()
    assert here.second == "speed"
    here.next_plot()
    assert here.second == "accuracy"


def test_any_sequence_of_sizes_and_keys_leaves_something_sensible():
    draw = random.Random(3)
    here = dashboard()
    for _ in range(2000):
        match draw.randrange(7):
            case 0:
                here.turn_page()
            case 1:
                here.choose(draw.choice([-1, 1]))
            case 2:
                here.maximize(draw.choice(["", *PANELS]))
            case 3:
                here.next_plot()
            case 4:
                here.back()
            case _:
                here.size = Size(draw.randint(1, 320), draw.randint(1, 100))
        found = seen(here)
        assert found
        assert set(found) <= set(PANELS)
        assert len(found) == 1 or not here.maximized
        assert 0 <= here.page_shown < len(here.pages)


def test_back_at_a_size_all_is_as_it_was():
    here = dashboard()
    here.turn_page()
    here.next_plot()
    before = here.places(here.size.region)
    for size in ((120, 40), (1, 1), (60, 20), (200, 60)):
        here.size = Size(*size)
        assert seen(here)
    here.size = Size(80, 24)
    assert here.places(here.size.region) == before
