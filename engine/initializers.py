"""Where training starts: the distributions from which weights are drawn."""

from collections.abc import Callable
from math import sqrt
from typing import Annotated

import numpy as np
from msgspec import Meta

from engine.arrays import Array
from engine.expressions import make_one
from engine.parameters import Parameter
from engine.registry import Registry

Initializer = Callable[[np.random.Generator, Parameter], Array | None]
"""Draws an array of the parameter's shape, or leaves it at its `fill`: None."""

initializers: Registry[Callable[..., Initializer]] = Registry("initializer", __name__)


def initializer(text: str) -> Initializer:
    """The initializer that a text names: "he", "xavier_uniform", "normal(0.01)". Raises UserError for any other."""
    return make_one(text, initializers)


def initialize(parameter: Parameter, draw: Initializer, random: np.random.Generator) -> None:
    """Fill a parameter with its starting values: what is not drawn, such as most biases, starts at its `fill`."""
    drawn = draw(random, parameter)
    parameter.value[...] = parameter.fill if drawn is None else drawn


@initializers.register("he")
@initializers.register("he_normal")
def he_normal() -> Initializer:
    """w ~ N(0, 2 / fan_in).   He et al. 2015, arXiv 1502.01852, eq. 10: keeps the variance through ReLU."""
    return _normal(lambda p: sqrt(2 / p.fan_in))


@initializers.register("he_uniform")
def he_uniform() -> Initializer:
    """w ~ U(-a, a), a = sqrt(6 / fan_in): the variance of he_normal."""
    return _uniform(lambda p: sqrt(6 / p.fan_in))


@initializers.register("xavier")
@initializers.register("xavier_normal")
def xavier_normal() -> Initializer:
    """w ~ N(0, 2 / (fan_in + fan_out)).   Glorot and Bengio 2010, eq. 12."""
    return _normal(lambda p: sqrt(2 / (p.fan_in + p.fan_out)))


@initializers.register("xavier_uniform")
def xavier_uniform() -> Initializer:
    """w ~ U(-a, a), a = sqrt(6 / (fan_in + fan_out)).   Glorot and Bengio 2010, eq. 16."""
    return _uniform(lambda p: sqrt(6 / (p.fan_in + p.fan_out)))


@initializers.register("lecun")
@initializers.register("lecun_normal")
def lecun_normal() -> Initializer:
    """w ~ N(0, 1 / fan_in).   LeCun et al. 1998, "Efficient BackProp", section 4.6."""
    return _normal(lambda p: sqrt(1 / p.fan_in))


@initializers.register("nielsen")
def nielsen() -> Initializer:
    """w ~ N(0, 1 / fan_in), b ~ N(0, 1).   Nielsen 2015, "Neural Networks and Deep Learning", chapter 3 (network2)."""
    weights = lecun_normal()
    return lambda random, p: random.normal(0.0, 1.0, p.shape) if p.name == "bias" else weights(random, p)


@initializers.register("normal")
def normal(deviation: Annotated[float, Meta(gt=0)] = 0.01) -> Initializer:
    """w ~ N(0, deviation^2), whatever the layer's size: too small or too large, it shows what the others are for."""
    return _normal(lambda _: deviation)


@initializers.register("zeros")
def zeros() -> Initializer:
    """w = 0: all units of a layer stay alike, and hidden layers never learn."""
    return lambda _, parameter: np.zeros(parameter.shape) if parameter.fan_in else None


def _normal(deviation: Callable[[Parameter], float]) -> Initializer:
    return lambda random, p: random.normal(0.0, deviation(p), p.shape) if p.fan_in else None


def _uniform(bound: Callable[[Parameter], float]) -> Initializer:
    return lambda random, p: random.uniform(-bound(p), bound(p), p.shape) if p.fan_in else None
