import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import peers
from benchmarks.peers import LIMIT, MODULES, OURS, PEAK, PEAK_WORKLOADS, Entries, Entry, figures, judge, measure, report
from benchmarks.process import Process
from benchmarks.workloads import PEAK_FLOPS, WORKLOADS

FAKE = r"""
import json, sys
name, log = sys.argv[1:]
print(json.dumps({"error": "ModuleNotFoundError: No module named 'absent'"} if name == "absent" else {"result": None}))
sys.stdout.flush()
runs = 0
for line in sys.stdin:
    order = json.loads(line)
    if order["call"] == "choose":
        answer = {"variant": "quick", "tried": {"quick": 1.0, "slow": "ValueError: no"}, "first_call_s": 2.0}
    elif order["call"] == "prepare":
        assert order["arguments"] == {"workload": "lenet-32", "variant": "quick"}
        answer = {"first_call_s": 0.5}
    else:
        runs += 1
        with open(log, "a") as file:
            file.write(name + "\n")
        if name == "failing" and runs == 2:
            sys.exit("out of memory")
        answer = {"ms": float(len(name) * runs), "peak_mb": 100.0 + runs}
    print(json.dumps({"result": answer}), flush=True)
"""


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(peers, "PAUSE_S", 0.0)


def entry(*ms: float, peak_mb: tuple[float, ...] = (200.0, 200.0)) -> Entry:
    return Entry("quick", {"quick": 1.0}, 2.0, 0.5, list(ms), list(peak_mb))


def all_ahead() -> dict[str, Any]:
    return {
        name: figures(
            workload,
            {
                OURS: entry(1.0, 1.0, 1.0, peak_mb=(150, 150.5)),
                LIMIT: entry(2.0, 3.0, 4.0),
                "torch.compile": "no compiler",
                "JAX jit": entry(8.0, 1.5, 1.5),
                **({PEAK: entry(*[PEAK_FLOPS / workload.flops] * 3)} if name in PEAK_WORKLOADS else {}),
            },
        )
        for name, workload in WORKLOADS.items()
    }


def test_contestants_take_turns_and_each_round_begins_with_another(tmp_path: Path):
    log = tmp_path / "log"
    names = ["ours", "failing", "absent", "third"]

    def start(name: str) -> Process:
        return Process([sys.executable, "-c", FAKE, name, str(log)], {}, 20)

    entries = measure("lenet-32", names, start, rounds=4)
    ours, third = entries["ours"], entries["third"]
    assert isinstance(ours, Entry)
    assert isinstance(third, Entry)
    assert (ours.variant, ours.cold_s, ours.warm_s) == ("quick", 2.0, 0.5)
    assert ours.ms == [4, 8, 12, 16]
    assert ours.peak_mb == [101, 102, 103, 104]
    assert third.ms == [5, 10, 15, 20]
    assert entries["absent"] == "ModuleNotFoundError: No module named 'absent'"
    assert entries["failing"] == "ended with status 1: out of memory"
    turns = "ours failing third, failing third ours, third ours, third ours".replace(",", "").split()
    assert log.read_text().split() == turns


def test_the_ratio_is_that_of_the_best_peers_rounds_to_ours():
    ours, slow, best = entry(1.0, 2.0, 4.0), entry(9.0, 1.0, 9.0), entry(3.0, 3.0, 3.0)
    entries: Entries = {OURS: ours, LIMIT: slow, "torch.compile": "no compiler", "JAX jit": best}
    shown = figures(WORKLOADS["lenet-32"], entries)
    assert shown["best_peer"] == "JAX jit"
    assert shown["ratio"] == {"median": 1.5, "low": 0.75, "high": 3.0}
    assert shown["contestants"]["torch.compile"] == {"absent": "no compiler"}
    assert shown["share"] is None


def test_the_share_of_the_peak_is_by_round():
    workload = WORKLOADS["keras-cnn-128"]
    ours = entry(*[workload.flops / 1e6 / rate for rate in (50.0, 60.0, 90.0)])
    peak = entry(*[PEAK_FLOPS / 1e6 / rate for rate in (100.0, 80.0, 100.0)])
    shown = figures(workload, {OURS: ours, PEAK: peak})
    assert shown["gflops"]["median"] == pytest.approx(60)
    assert shown["share"] == pytest.approx({"median": 0.75, "low": 0.5, "high": 0.9})


def test_all_targets_hold():
    verdicts = judge(all_ahead())
    assert [verdict.holds for verdict in verdicts] == [True] * 6
    assert verdicts[1].text == "geometric mean of the ratios 1.50 over 8 of 8 workloads, at least 1.5"


def test_what_misses_a_target_is_named():
    workloads = all_ahead()
    workloads["lenet-32"]["ratio"]["median"] = 0.9
    workloads["keras-cnn-128"]["share"]["median"] = 0.5
    workloads["cnn-128"]["contestants"][OURS] |= {"peak_mb": 300.0, "grown_mb": 12.0}
    missed = [verdict.text for verdict in judge(workloads) if verdict.holds is False]
    assert missed == [
        "ours beside the best peer: behind on lenet-32 0.90, over 8 of 8 workloads",
        "geometric mean of the ratios 1.41 over 8 of 8 workloads, at least 1.5",
        "keras-cnn-128: 50% of the machine's sgemm, at least 60%",
        "memory beside PyTorch: more on cnn-128",
        "memory over the rounds: grows on cnn-128 12.0 MB",
    ]


def test_without_ours_or_without_peers_nothing_is_said_to_hold():
    absent: Entries = dict.fromkeys(MODULES, "not installed")
    nobody = {"lenet-32": figures(WORKLOADS["lenet-32"], absent)}
    assert [verdict.holds for verdict in judge(nobody)] == [False, None, None, None, None]
    alone = {"lenet-32": figures(WORKLOADS["lenet-32"], {**absent, OURS: entry(1.0)})}
    assert {verdict.holds for verdict in judge(alone)} == {None}


def test_the_report_has_a_row_for_each_workload_and_tells_who_is_absent():
    workloads = all_ahead()
    workloads["lenet-32"]["contestants"]["JAX jit"]["tried"] = {"quick": 1.0, "odd": "ValueError: no"}
    machine = {"cores": 2, "processor": "P", "system": "S", "python": "3", "versions": {}, "load": 0.0}
    targets = [verdict._asdict() for verdict in judge(workloads)]
    result = {"machine": machine, "threads": 2, "workloads": workloads, "targets": targets}
    lines = report(json.loads(json.dumps(result))).splitlines()
    times, costs, variants = (line.split() for line in lines if line.startswith("lenet-32 "))
    assert times[1:6] == ["1.00", "(1.00-1.00)", "3.00", "(2.00-4.00)", "absent"]
    assert times[-2:] == ["1.50", "(1.50-8.00)"]
    assert costs[1:8] == ["2.0", "0.5", "150", "2.0", "0.5", "200", "absent"]
    assert variants[1:] == ["quick", "quick", "absent", "quick"]
    assert "absent: torch.compile on cnn-128: no compiler" in lines
    assert "absent: JAX jit's variant 'odd' on lenet-32: ValueError: no" in lines
    assert sum(line.startswith("holds ") for line in lines) == 6


def test_a_bad_option_is_named(capsys: pytest.CaptureFixture[str]):
    for arguments, word in ((["--workloads", "lenett"], "did you mean"), (["--threads", "999"], "processor cores")):
        with pytest.raises(SystemExit):
            peers.main(arguments)
        assert word in capsys.readouterr().err
