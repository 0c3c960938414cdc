import pytest

from benchmarks.__main__ import benchmarks, run


def test_a_benchmark_is_a_file_that_defines_main_and_helpers_are_none():
    known = benchmarks()
    assert "interface" in known
    assert not {"terminal", "figures", "machine", "runs", "process", "workloads", "kept_speed"} & known.keys()
    assert all(about.endswith(".") for about in known.values())


def test_without_a_name_each_benchmark_gets_a_line(capsys: pytest.CaptureFixture[str]):
    assert run([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[-len(benchmarks()) :]] == list(benchmarks())


@pytest.mark.parametrize("name", ["speed", "terminal", "__init__", "../cli"])
def test_an_unknown_name_is_one_line_and_status_2(name: str, capsys: pytest.CaptureFixture[str]):
    assert run([name]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"benchmarks: unknown benchmark {name!r}; known: ")
    assert error.count("\n") == 1


def test_options_go_to_the_benchmark(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as exit:
        run(["interface", "--sizes", "80"])
    assert exit.value.code == 2
    assert "--sizes" in capsys.readouterr().err
