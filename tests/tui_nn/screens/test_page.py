from textual.widgets import Input

from tests.tui_nn.conftest import OpenApp
from tui_nn.screens.value import ValueScreen


def around(rows: list[str], box: tuple[int, int, int, int]) -> list[str]:
    """The rows with a box of them left out."""
    left, top, right, bottom = box
    return [row[:left] + row[right:] if top <= y < bottom else row for y, row in enumerate(rows)]


async def test_what_lies_under_a_page_stands_as_it_was(open_recording: OpenApp):
    async with open_recording((120, 40)) as ui:
        before = ui.screen_text().splitlines()
        for size in ((120, 40), (100, 38), (120, 40)):
            await ui.press("enter")
            await ui.until(lambda: isinstance(ui.app.screen, ValueScreen) and ui.app.screen.query(Input))
            await ui.pilot.resize_terminal(*size)
            await ui.until(lambda size=size: ui.app.screen.size == size)
            await ui.settle()
            box = ui.app.screen.query_one("Vertical").region
            edges = (box.x, box.y, box.right, box.bottom)
            shown = ui.screen_text().splitlines()
            await ui.press("escape")
            await ui.until(lambda: ui.app.screen is ui.app.dashboard)
            await ui.settle()
            below = ui.screen_text().splitlines()
            assert around(shown, edges) == around(below, edges)
            assert shown != below
        assert below == before
