"""The dashboard on data that has no pictures, and on searches that have no gradients."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.training.config import read_preset

OpenApp = Callable[..., Any]


@pytest.mark.parametrize("preset", ["spiral", "student", "iris", "spiral-hill-climbing"])
async def test_a_sample_is_shown_by_its_features(open_app: OpenApp, preset: str):
    settings = read_preset(preset)[1] | {"epochs": 1_000_000}
    async with open_app(**settings) as ui:
        await ui.until(lambda: ui.run.prediction and ui.text("#prediction").strip(), "a prediction on the screen")
        about = ui.run.started
        await ui.press("n")
        await ui.until(lambda: ui.run.prediction.index == 1, "the next sample")
        text = ui.text("#prediction")
        for name in (*about.feature_names, *about.class_names):
            assert name in text
        assert ui.widget("#prediction").title == f"Test sample 2 of {about.test_count}"
        await ui.press("d")
        await ui.until(lambda: ui.run.prediction.index != 1, "a random sample")
        await ui.until(lambda: ui.text("#weights").strip(), "weights")


async def test_a_search_is_steered_and_restarted_from_the_dashboard(open_app: OpenApp):
    settings = read_preset("spiral-hill-climbing")[1] | {"epochs": 1_000_000}
    async with open_app(**settings) as ui:
        await ui.until(lambda: "takes no gradient" in ui.text("#gradient-norms"), "the panel without gradients")
        assert "hill_climbing" in ui.text("#status")
        await ui.press("right")
        await ui.until(lambda: ui.run.hyperparameters["scale"].value == 0.1, "a larger scale")
        await ui.press("space")
        await ui.until(lambda: ui.run.phase == "paused", "a pause")
        step = ui.run.step
        await ui.press("s")
        await ui.until(lambda: ui.run.step == step + 1, "one try")
        loss = ui.run.train_loss.mean
        assert (loss[1:] <= loss[:-1] * (1 + 1e-12)).all()  # a mean of equal numbers may be rounded up
        await ui.press("r")
        await ui.until(lambda: ui.run.phase == "running" and ui.run.step > 0, "another attempt")
        assert ui.run.hyperparameters["scale"].value == 0.1
