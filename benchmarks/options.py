"""Types of options that several benchmarks have."""

import argparse
from collections.abc import Callable
from typing import TypeVar

from engine.errors import UserError
from engine.machine import available_threads

Value = TypeVar("Value")


def count(text: str) -> int:
    """A whole number from 1 on."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def threads(text: str) -> int:
    """As many as there are cores, at most."""
    if not 1 <= (number := int(text)) <= available_threads():
        raise argparse.ArgumentTypeError(f"{number}: there are {available_threads()} processor cores")
    return number


def mistakes(convert: Callable[[str], Value]) -> Callable[[str], Value]:
    """The same, with a UserError's own words for a mistake."""

    def converted(text: str) -> Value:
        try:
            return convert(text)
        except UserError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return converted
