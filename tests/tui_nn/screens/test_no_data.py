from collections.abc import Callable
from typing import Any

import pytest

from tui_nn.screens.no_data import NoDataScreen

OpenApp = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("data_folder")


async def complains(ui: Any) -> None:
    """Wait until the page is there, with all that it has to say."""
    await ui.until(lambda: isinstance(ui.app.screen, NoDataScreen) and "HTTP 404" in words(ui))


def words(ui: Any) -> str:
    return " ".join(ui.screen_text().replace("│", " ").replace("\n", " ").split())


async def test_the_dashboard_tells_a_download_and_then_trains(open_app: OpenApp, mirrors: Any, mnist_from: Any):
    mnist_from(mirrors.add("stalls", mirrors.stall(400_000)))
    async with open_app(wait=False, dataset="mnist") as ui:
        await ui.until(lambda: "of 0.8 MB" in ui.text("#status"))
        await ui.until(lambda: "downloading mnist: 0." in ui.text("#status") and "127.0.0.1" in ui.text("#status"))
        assert "preparing" in ui.text("#status")
        mirrors.released.set()
        await ui.until(lambda: ui.run.started and ui.run.step > 0)
        assert ui.run.started.dataset == "mnist"


@pytest.mark.parametrize("size", [(60, 20), (120, 40)], ids=str)
async def test_without_a_network_it_says_all_and_goes_on_with_the_embedded_digits(
    open_app: OpenApp, mirrors: Any, mnist_from: Any, size: tuple[int, int]
):
    mnist_from(mirrors.add("absent", mirrors.refuse))
    async with open_app(wait=False, size=size, dataset="mnist") as ui:
        await complains(ui)
        await ui.until(lambda: "enter: go on with mnist-5k" in words(ui) and "t10k-labels-idx1-ubyte.gz" in words(ui))
        assert ui.run.phase == "failed"
        await ui.press("enter")
        await ui.until(lambda: ui.run.phase == "running" and ui.run.step > 0)
        assert ui.run.started.config.dataset == "mnist-5k"
        assert ui.app.screen is ui.app.dashboard


async def test_it_can_be_tried_again_until_it_works(open_app: OpenApp, mirrors: Any, mnist_from: Any):
    answers = iter([mirrors.refuse] * 2)
    mnist_from(mirrors.add("mends", lambda *a: next(answers, mirrors.give)(*a)))
    async with open_app(wait=False, dataset="mnist") as ui:
        await complains(ui)
        await ui.press("r")
        await ui.until(lambda: len(mirrors.asked) == 2)
        await complains(ui)
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard and "failed" in ui.text("#status"))
        await ui.press("r")
        await ui.until(lambda: ui.run.phase == "running")
        assert ui.run.started.config.dataset == "mnist"


@pytest.mark.parametrize(("key", "status"), [("q", 0), ("ctrl+c", 130)])
async def test_one_may_leave(open_app: OpenApp, mirrors: Any, mnist_from: Any, key: str, status: int):
    mnist_from(mirrors.add("absent", mirrors.refuse))
    async with open_app(wait=False, dataset="mnist") as ui:
        await complains(ui)
        await ui.press(key)
        await ui.until(lambda: ui.app.return_code is not None)
    assert ui.app.return_code == status
    assert "HTTP 404" in ui.run.failure.message


@pytest.mark.parametrize(("key", "status"), [("q", 0), ("ctrl+c", 130)])
async def test_one_may_leave_a_download_whose_server_is_silent(
    open_app: OpenApp, mirrors: Any, mnist_from: Any, key: str, status: int
):
    mnist_from(mirrors.add("stalls", mirrors.stall(300)))
    async with open_app(wait=False, dataset="mnist") as ui:
        await ui.until(lambda: "downloading mnist" in ui.text("#status"))
        await ui.press(key)
        await ui.until(lambda: ui.app.return_code is not None)
    assert not mirrors.released.is_set()
    assert ui.app.return_code == status


async def test_one_may_stop_a_download_and_stay(open_app: OpenApp, mirrors: Any, mnist_from: Any):
    mnist_from(mirrors.add("stalls", mirrors.stall(300)))
    async with open_app(wait=False, dataset="mnist") as ui:
        await ui.until(lambda: "downloading mnist" in ui.text("#status"))
        await ui.press("x")
        await ui.until(lambda: ui.run.phase == "failed" and "what came is kept" in ui.text("#status"))
        await ui.press("q")
        await ui.until(lambda: ui.app.return_code == 0)
