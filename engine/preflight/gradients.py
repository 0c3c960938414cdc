"""The gradients of the very network, against their definition."""

from engine.gradient_check import ACCEPTABLE, GOOD, GradientRow, gradient_rows
from engine.preflight.check import Result, Trial, checks
from engine.training.config import GRADIENT

BATCH, COORDINATES = 4, 6
"""Few: `tui-nn gradcheck` is thorough, this is to be quick for a large network as well."""


@checks.register("gradients")
def check_gradients(name: str, trial: Trial) -> Result:
    """Centred differences in float64; the error is relative, the worst of some coordinates of each tensor."""
    config = trial.config
    if config.strategy != GRADIENT:
        return Result(name, None, f"{config.strategy} takes no gradient")
    rows: list[GradientRow] = []
    shape = trial.dataset.input_shape
    for row in gradient_rows(config.model, shape, config.loss, batch=BATCH, coordinates=COORDINATES):
        rows.append(row)
        trial.breathe()
    worst = max(rows, key=lambda row: (row.verdict == "wrong", row.error))
    found = f"largest relative error {worst.error:.0e} of {len(rows)} tensors, in {worst.subject} {worst.tensor}"
    expected = f"below {GOOD:.0e}, or {ACCEPTABLE:.0e} with kinks such as ReLU's"
    wrong = worst.verdict == "wrong"
    advice = f"the backward pass of {worst.subject} or of a layer behind it is wrong: tui-nn gradcheck" if wrong else ""
    return Result(name, not wrong, found, expected, advice, {"error": worst.error, "tensors": float(len(rows))})
