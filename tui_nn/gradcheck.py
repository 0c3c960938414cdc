"""The table of gradient checks."""

from engine.errors import UserError
from engine.gradient_check import GradientRow, check_everything, check_model

VERDICTS = {"good": "good", "kinks": "good up to kinks", "wrong": "WRONG"}


def print_gradient_check(model: str | None, loss: str, input_shape: str) -> bool:
    """Check a model, or every layer and loss there is; returns whether all gradients are right."""
    rows = check_everything() if model is None else check_model(model, _shape(input_shape), loss)
    print("Analytic against numeric gradients in float64, each where the two differ most.\n")
    width = max(len(row.subject) for row in rows)
    print(_line("part".ljust(width), "tensor", "shape", "analytic", "numeric", "error", ""))
    for row in rows:
        print(_figures(row, width))
    wrong = sum(row.verdict == "wrong" for row in rows)
    print(f"\n{len(rows)} gradients, {f'{wrong} wrong' if wrong else 'all right'}")
    return not wrong


def _figures(row: GradientRow, width: int) -> str:
    shape = "x".join(map(str, row.shape))
    verdict = VERDICTS[row.verdict]
    part = row.subject.ljust(width)
    return _line(part, row.tensor, shape, f"{row.analytic:.3e}", f"{row.numeric:.3e}", f"{row.error:.0e}", verdict)


def _line(part: str, tensor: str, shape: str, analytic: str, numeric: str, error: str, verdict: str) -> str:
    return f"{part} {tensor:<6} {shape:<9} {analytic:>10} {numeric:>10} {error:>6}  {verdict}".rstrip()


def _shape(text: str) -> tuple[int, ...]:
    try:
        shape = tuple(int(part) for part in text.replace("x", ",").split(","))
    except ValueError:
        shape = ()
    if not shape or min(shape) < 1:
        raise UserError(f"--input-shape {text}: must be whole numbers above 0, such as 1,28,28")
    return shape
