import json
import subprocess
import sys
from pathlib import Path

import pytest

import engine

PATIENCE_S = 1800
"""Until a batch that waits for ever, on a pipe, is given up; it takes seconds."""

KINDS = ("idx", "idx.gz", "npz", "csv", "png", "jpeg")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits what a process maps")
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_end_in_one_line_and_bounded_memory(kind: str, tmp_path: Path):
    script = Path(__file__).with_name("damage.py")
    root = Path(engine.__file__).parents[1]
    command = [sys.executable, str(script), kind, str(tmp_path)]
    paths = {"PYTHONPATH": str(root)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=paths, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr[-6000:]
    counts = json.loads(done.stdout)
    assert counts["files"] >= 350
    # Most damage must be seen, and some files must be read all the same, or the batch proves nothing.
    assert counts["refused"] >= counts["files"] / 4
    assert counts["read"] >= 1
    assert counts["peak_kib"] < 1 << 20
