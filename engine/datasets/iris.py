"""Fisher's irises."""

from engine.datasets.base import Dataset, datasets
from engine.datasets.tables import Seed, embedded_table

TEST_SHARE = 1 / 3
VALIDATION_SHARE = 0.1


@datasets.register("iris")
def load(seed: Seed = 0) -> Dataset:
    """150 real irises of three species, measured in cm; a third is kept to test, another one for each seed."""
    return embedded_table(
        "iris",
        test_share=TEST_SHARE,
        validation_share=VALIDATION_SHARE,
        seed=seed,
        provenance="R. A. Fisher 1936, measured by E. Anderson; by way of scikit-learn, BSD 3-Clause",
    )
