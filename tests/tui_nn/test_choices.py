from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.errors import UserError
from engine.training import commands as c
from engine.training import events as e
from engine.training.config import make_config
from tui_nn.choices import Choice, Prompt, choices
from tui_nn.run_state import RunState

Make = Callable[..., Any]


def offered(make_started: Make, **changes: Any) -> dict[str, Choice]:
    layers = (
        e.LayerInfo("1", "Linear(8)", (784,), (8,), 100, "ReLU"),
        e.LayerInfo("3", "Linear(3)", (8,), (3,), 27, "", frozen=True),
    )
    run = RunState()
    run.apply(make_started(**{"layers": layers, "input_shape": (1, 28, 28), **changes}))
    return {choice.text: choice for choice in choices(run)}


def test_before_a_run_begins_there_is_nothing_to_change():
    assert choices(RunState()) == []


def test_every_alternative_is_offered_but_what_is_so_already(make_started: Make):
    found = offered(make_started)
    commands = [choice.does for choice in found.values() if not isinstance(choice.does, Prompt)]
    for name in ("LeakyReLU", "Sigmoid", "Tanh"):
        assert c.SetActivation("1 Linear(8)", name) in commands
    assert c.SetActivation("1 Linear(8)", "ReLU") not in commands
    assert not [command for command in commands if isinstance(command, c.SetActivation) and command.layer[0] == "3"]
    assert {item.optimizer for item in commands if isinstance(item, c.SetOptimizer)} == {
        "adam", "adamw", "momentum", "nesterov", "rmsprop",
    }  # fmt: skip
    assert {item.schedule for item in commands if isinstance(item, c.SetSchedule)} == {
        "cosine", "exponential", "step", "warmup",
    }  # fmt: skip
    assert {item.augmentation for item in commands if isinstance(item, c.SetAugmentation)} == {"affine", "elastic"}
    assert found["Freeze 1 Linear(8): its weights stay as they are"].does == c.Freeze("1 Linear(8)", True)
    assert found["Let 3 Linear(3) learn again"].does == c.Freeze("3 Linear(3)", False)
    assert c.Reinitialize("1 Linear(8)", "auto") in commands
    assert c.Reinitialize("", "auto") in commands


LAYER = "1 Linear(8)"
TYPED = [
    ("Optimizer: type one  (now sgd)", c.SetOptimizer("adam(beta2=0.9)"), "adm", "did you mean"),
    ("Schedule: type one  (now constant)", c.SetSchedule("warmup(9), cosine"), "cos(", "cannot read"),
    ("Augmentation: type one  (now none)", c.SetAugmentation("affine(shift=1)"), "a.b", "cannot read"),
    (f"Activation of {LAYER}: type one  (now ReLU)", c.SetActivation(LAYER, "LeakyReLU(0.1)"), "Softmax", "unknown"),
    (f"Draw the weights of {LAYER} anew: type an initializer", c.Reinitialize(LAYER, "normal(1)"), "hee", "unknown"),
    ("Draw all weights anew: type an initializer", c.Reinitialize("", "auto"), "normal(-1)", "deviation -1"),
]


@pytest.mark.parametrize(("text", "command", "wrong", "words"), TYPED, ids=[text for text, *_ in TYPED])
def test_a_text_may_be_typed(make_started: Make, text: str, command: Any, wrong: str, words: str):
    prompt = offered(make_started)[text].does
    assert isinstance(prompt, Prompt)
    typed = msgspec.structs.astuple(command)[-1]
    prompt.check(typed)
    assert prompt.make(typed) == command
    with pytest.raises(UserError, match=words):
        prompt.check(wrong)


def test_what_a_run_has_not_is_not_offered(make_started: Make):
    config = msgspec.structs.replace(make_config({}), strategy="hill_climbing")
    found = " ".join(offered(make_started, config=config))
    assert "Optimizer" not in found
    assert "Augmentation" not in found
    assert "Schedule: cosine" in found
    assert "Augmentation" not in " ".join(offered(make_started, input_shape=(4,)))
