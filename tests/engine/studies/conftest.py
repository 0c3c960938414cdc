from collections.abc import Callable
from typing import Any

import pytest

from engine.studies.study import Plan, make_plan

Content = dict[str, Any]


@pytest.fixture
def content(tiny: str) -> Callable[..., Content]:
    """content(**changes): what a small study's file holds; a change to None leaves the key out."""

    def make(**changes: Any) -> Content:
        usual = {
            "description": "learning rates on a few rows",
            "curve": "validation_accuracy",
            "columns": ["validation_accuracy", "train_loss", "reached"],
            "target": 0.9,
            "sentence": "fastest",
            "seeds": 2,
            "settings": {
                "dataset": tiny, "model": "Flatten, Linear(8), ReLU, Linear(3)", "optimizer": "sgd",
                "batch_size": 20, "epochs": 3, "threads": 1,
            },
            "vary": {"lr": [0.01, 0.5]},
        }  # fmt: skip
        return {key: value for key, value in {**usual, **changes}.items() if value is not None}

    return make


@pytest.fixture
def plan(content: Callable[..., Content]) -> Callable[..., Plan]:
    return lambda **changes: make_plan("small", content(**changes))
