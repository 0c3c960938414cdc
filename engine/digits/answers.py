"""What a network says of pictures in MNIST's form."""

from collections.abc import Callable
from typing import NamedTuple

from engine.arrays import Array


class Answers(NamedTuple):
    """Probabilities (count, 10), and the largest output for each picture, (count,).

    Of what is no digit that output is small, even where one class gets all the probability (Hendrycks et al. 2022,
    "Scaling out-of-distribution detection for real-world settings").
    """

    probabilities: Array
    strengths: Array


Classify = Callable[[Array], Answers]
"""Pictures (count, 28, 28) to what the network says of them."""
