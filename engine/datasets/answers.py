"""What the answers of a table are: classes with names, or numbers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import DataError, printable

MAX_CLASSES = 1000

FEW = 20
"""Classes that need not have two samples each on average: more of them are rather names, or numbers."""

LONGEST_NAME = 40
"""Characters of a class name that are shown."""


class Answers(NamedTuple):
    """The answers of the rows of a file: numbers, or places in `texts`; `where` names file and column for errors."""

    where: str
    values: NDArray[np.float64]
    texts: tuple[str, ...] = ()

    @property
    def fractional(self) -> bool:
        """Whether they are numbers with fractions, which no classes have."""
        return not self.texts and bool((self.values % 1 != 0).any())


def class_names(answers: Answers, remedy: str) -> tuple[str, ...]:
    """The classes there are, in the order of their numbers or letters.

    Raises DataError, which ends in the remedy, for a single class or for answers that are hardly classes.
    """
    names = (
        tuple(sorted(answers.texts))
        if answers.texts
        else tuple(number_name(v) for v in np.unique(answers.values).tolist())
    )
    if len(names) < 2:
        raise DataError(f"{answers.where} has {names[0]!r} in every row; expected two classes or more; {remedy}")
    if len(names) > MAX_CLASSES or (len(names) > FEW and 2 * len(names) > len(answers.values)):
        counts = f"{len(names):,} different values in {len(answers.values):,} rows"
        expected = f"at most {MAX_CLASSES:,} classes, of two rows or more each on average"
        raise DataError(f"{answers.where} has {counts}; expected {expected}; {remedy}")
    return names


def class_indices(answers: Answers, names: tuple[str, ...]) -> NDArray[np.int64]:
    """The class of each row. Raises DataError for one that is none of the names."""
    index = {name: place for place, name in enumerate(names)}
    values, places = np.unique(answers.values, return_inverse=True)
    own = [answers.texts[int(value)] if answers.texts else number_name(value) for value in values.tolist()]
    for name in own:
        if name not in index:
            known = ", ".join(names[:FEW]) + (", …" if len(names) > FEW else "")
            raise DataError(f"{answers.where} has {name!r}; expected one of {known}, as in training")
    return np.array([index[name] for name in own], np.int64)[places.reshape(-1)]


def shown(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names from a file, fit for a screen."""
    return tuple(printable(name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…") for name in names)


def number_name(value: float) -> str:
    """A class that is a number, by name: no two numbers share one."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
