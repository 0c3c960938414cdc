"""What `tui-nn study --json` prints."""

from typing import Any

import msgspec

from engine.studies.figures import Spread
from engine.studies.result import Result, Row
from engine.studies.sentences import write_sentence


def summary(result: Result) -> dict[str, Any]:
    """The result in plain values; what no run has is NaN, which becomes null."""
    plan, study = result.plan, result.plan.study
    return {
        "study": plan.name,
        "description": study.description,
        "settings": study.settings,
        "vary": list(study.vary),
        "seeds": study.seeds,
        "rows": [_row(result, row) for row in result.rows],
        "curve": study.curve,
        "x": result.x_name,
        "curves": [_curve(row) for row in result.rows],
        "target": study.target,
        "published": msgspec.to_builtins(study.published),
        "sentence": write_sentence(result),
        "seconds": round(result.seconds, 3),
        "complete": not result.interrupted,
    }


def _row(result: Result, row: Row) -> dict[str, Any]:
    return {
        "label": row.label,
        "settings": row.case.own,
        "seeds": [outcome.seed for outcome in row.outcomes],
        "figures": {name: _spread(row.figure(name)) for name in result.plan.study.columns},
        "diverged": [{"seed": o.seed, "step": o.diverged} for o in row.outcomes if o.diverged is not None],
        "published": row.published,
    }


def _curve(row: Row) -> dict[str, Any]:
    points = row.curve
    return {
        "label": row.label,
        "x": [x for x, _ in points],
        "mean": [spread.mean for _, spread in points],
        "deviation": [spread.deviation for _, spread in points],
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {"mean": spread.mean, "deviation": spread.deviation, "values": list(spread.values)}
