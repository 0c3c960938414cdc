"""`tui-nn preflight`: the checks before a run, as lines or as JSON."""

import json as json_format
import sys
from collections.abc import Iterator

import msgspec
from threadpoolctl import threadpool_limits

from engine import datasets
from engine.datasets.splits import with_few_samples
from engine.preflight import Result, preflight
from engine.training.config import Config
from tui_nn.datasets import Report
from tui_nn.exit_status import DONE, FAILED
from tui_nn.glyphs import takes_unicode
from tui_nn.report import finite

SIGNS = {"good": "✓", "amber": "!", "red": "✗", "none": "-"}
ASCII_SIGNS = SIGNS | {"good": "+", "red": "x"}


def print_preflight(config: Config, *, json: bool) -> int:
    """A line each as it ends, to stderr where JSON is wanted; returns the exit status. Raises UserError."""
    out = sys.stderr if json else sys.stdout
    signs = SIGNS if takes_unicode(out) else ASCII_SIGNS
    try:
        with Report(config.dataset) as report:
            datasets.fetch(config.dataset, report.take)
    except datasets.MissingData as error:
        print(f"tui-nn: {error}", file=sys.stderr)
        return FAILED
    dataset = with_few_samples(datasets.load(config.dataset), config.samples)
    results = []
    with threadpool_limits(1):
        for result in preflight(config, dataset):
            results.append(result)
            for line in _lines(result, signs[result.level]):
                print(line, file=out, flush=True)
    failed = [result.name for result in results if result.passed is False]
    if json:
        settings = {"dataset": config.dataset, "model": config.model, "passed": not failed}
        print(json_format.dumps(finite(settings | {"checks": msgspec.to_builtins(results)})))
    else:
        outcome = f"failed: {', '.join(failed)}" if failed else "none failed"
        cautions = [result.name for result in results if result.level == "amber"]
        caution = f"; to look at: {', '.join(cautions)}" if cautions else ""
        print(f"\n{len(results)} checks, {outcome}{caution}")
    return FAILED if failed else DONE


def _lines(result: Result, sign: str) -> Iterator[str]:
    expected = f"   (expected: {result.expected})" if result.expected else ""
    yield f"{sign} {result.name:<14}  {result.found}{expected}"
    if result.advice:
        yield f"  {'':<14}  {result.advice}"
