import pytest

from benchmarks.figures import latency, percentile, spread, table
from benchmarks.machine import describe_machine, machine_line


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7], 0.95, 7),
        (range(1, 101), 0.95, 95),
        (range(100, 0, -1), 0.5, 50),
        (range(1, 21), 0.95, 19),
        ([1, 2, 3, 4], 0.95, 4),
        ([1, 2, 3, 4], 1.0, 4),
        ([1, 2, 3, 4], 0.0, 1),
    ],
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(values, share, expected):
    assert percentile(list(values), share) == expected


def test_latency_and_spread():
    assert latency([30.0, 10.0, 20.0, 100.0]) == (25.0, 100.0, 100.0, 4)
    assert spread([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)


def test_a_table_aligns_names_left_and_figures_right():
    assert table([["name", "ms"], ["a", "1"], ["longer", "1000"]]) == "name      ms\na          1\nlonger  1000"


def test_a_busy_machine_is_named_beside_its_figures():
    machine = describe_machine(("numpy", "no-such-package"))
    assert machine["cores"] >= 1
    assert machine["versions"]["no-such-package"] == "absent"
    quiet, busy = (machine_line({**machine, "load": load}) for load in (0.0, 99.0))
    assert "BUSY" not in quiet
    assert "BUSY" in busy
