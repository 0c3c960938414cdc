import msgspec
import numpy as np

from engine.health.verdict import Verdict


def test_figures_of_numpy_can_be_written_down():
    verdict = Verdict("overfit", "amber", "", 10, np.float64(0.5), np.float32(0.25), "more data")
    assert msgspec.to_builtins(verdict)["value"] == 0.5
    assert msgspec.to_builtins(verdict)["threshold"] == 0.25
