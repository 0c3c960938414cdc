from pathlib import Path

import pytest

from engine import machine


@pytest.mark.parametrize(
    ("text", "cores"),
    [("max 100000", None), ("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("", None)],
)
def test_a_container_has_the_cores_of_its_quota(tmp_path: Path, text: str, cores: int | None):
    file = tmp_path / "cpu.max"
    file.write_text(text)
    assert machine._quota(file) == cores


def test_without_such_a_file_there_is_no_quota(tmp_path: Path):
    assert machine._quota(tmp_path / "cpu.max") is None


def test_there_is_a_core():
    assert machine.available_threads() >= 1
