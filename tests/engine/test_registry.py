import pytest

from engine.errors import UserError
from engine.layers import layers
from engine.losses import losses
from engine.optimizers import optimizers
from engine.registry import Registry


def test_items_are_found_by_name():
    registry: Registry[type] = Registry("thing", __name__)
    registry.register("b")(int)
    registry.register("a")(str)
    assert registry["b"] is int
    assert registry.names() == ["a", "b"]


def test_a_name_is_taken_once():
    registry: Registry[type] = Registry("thing", __name__)
    registry.register("a")(int)
    with pytest.raises(ValueError, match="thing 'a' is registered twice"):
        registry.register("a")(str)


def test_modules_of_the_package_are_discovered():
    registry: Registry[type] = Registry("module", "json")
    assert registry.names() == []
    assert {"Linear", "ReLU", "BatchNorm1d"} <= set(layers.names())
    assert {"cross_entropy", "bce", "mse"} <= set(losses.names())
    assert {"sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"} <= set(optimizers.names())


@pytest.mark.parametrize("typed", ["adm", "ADAM", "Adam"])
def test_an_unknown_name_comes_with_the_known_ones_and_the_nearest(typed: str):
    with pytest.raises(UserError) as caught:
        optimizers[typed]
    assert str(caught.value) == (
        f"unknown optimizer {typed!r}; known: adam, adamw, momentum, nesterov, rmsprop, sgd; did you mean 'adam'?"
    )


def test_a_name_like_none_comes_without_a_guess():
    with pytest.raises(UserError, match=r"sgd$"):
        optimizers["xyzzy"]
