import sys

import pytest

from benchmarks.process import Absent, Process, contestant

FAKE = r"""
import json, sys
print(json.dumps({"result": None}), flush=True)
for line in sys.stdin:
    order = json.loads(line)
    match order["call"]:
        case "echo":
            print(json.dumps({"result": order["arguments"]}), flush=True)
        case "fail":
            print(json.dumps({"error": "ValueError: no"}), flush=True)
        case "die":
            print("a line\nout of luck\n", file=sys.stderr)
            sys.exit(3)
        case "hang":
            import time
            time.sleep(60)
"""


def start(program: str = FAKE, timeout_s: float = 20) -> Process:
    return Process([sys.executable, "-c", program], {}, timeout_s)


def test_an_order_is_answered_and_a_refused_one_leaves_the_contestant_alive():
    with start() as process:
        assert process.call("echo", a=1, b=["x"]) == {"a": 1, "b": ["x"]}
        with pytest.raises(Absent, match="ValueError: no"):
            process.call("fail")
        assert process.call("echo") == {}


def test_one_that_dies_is_absent_with_its_last_words():
    with start() as process:
        with pytest.raises(Absent, match=r"ended with status 3: out of luck"):
            process.call("die")
        with pytest.raises(Absent, match=r"ended with status 3"):
            process.call("echo")


def test_one_that_does_not_answer_is_not_waited_for_for_ever():
    with start(timeout_s=0.5) as process, pytest.raises(Absent, match=r"no answer within 0\.5 s"):
        process.call("hang")


def test_one_that_cannot_be_imported_is_absent_from_the_start():
    with pytest.raises(Absent, match=r"No module named 'benchmarks.contestants.nobody'"), contestant("nobody", 1):
        pass


def test_one_that_ends_before_it_speaks():
    with pytest.raises(Absent, match="ended with status 1: nothing said"), start("raise SystemExit(1)"):
        pass
