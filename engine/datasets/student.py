"""Invented students."""

from engine.datasets.base import Dataset, datasets
from engine.datasets.tables import Seed, embedded_table

TEST_SHARE = 0.2
VALIDATION_SHARE = 0.25


@datasets.register("student")
def load(seed: Seed = 0) -> Dataset:
    """1,000 invented students: score before the course and hours of study a week, pass or fail."""
    return embedded_table(
        "student",
        test_share=TEST_SHARE,
        validation_share=VALIDATION_SHARE,
        seed=seed,
        provenance="computed by data/make_student.py: pass where 0.6 score + 12 sqrt(hours) + N(0, 3^2) >= 60",
    )
