import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy

import engine

PATIENCE_S = 1800
"""Until a batch that waits for ever, on a pipe, is given up; it takes seconds."""

KINDS = ("idx", "idx.gz", "npz", "csv", "png", "jpeg")


only_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits what a process maps")


def run(kind: str, place: Path) -> dict[str, int]:
    """What damage.py prints, under its limit of memory."""
    command = [sys.executable, str(Path(__file__).with_name("damage.py")), kind, str(place)]
    paths = {"PYTHONPATH": str(Path(engine.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", env=paths, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr[-6000:]
    return json.loads(done.stdout)


@only_linux
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_end_in_one_line_and_bounded_memory(kind: str, tmp_path: Path):
    counts = run(kind, tmp_path)
    assert counts["files"] >= 350
    # Most damage must be seen, and some files must be read all the same, or the batch proves nothing.
    assert counts["refused"] >= counts["files"] / 4
    assert counts["read"] >= 1
    assert counts["peak_kib"] < 1 << 20


@only_linux
def test_a_small_file_that_becomes_much_stays_within_memory(tmp_path: Path):
    """160 MB of bytes from 5: as float64, which they once became on the way, 1.3 GB."""
    rows, features, parts = 200_000, 800, 200
    bits = np.random.default_rng(0).integers(0, 2, (rows // parts, features), dtype=np.uint8)
    bits[:, np.arange(features) % 20 != 0] = 0
    path = tmp_path / "bits.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("x.npy", "w") as member:
            header = {"descr": "|u1", "fortran_order": False, "shape": (rows, features)}
            npy.write_array_header_1_0(member, header)
            for _ in range(parts):
                member.write(bits.tobytes())
        with archive.open("y.npy", "w") as member:
            npy.write_array(member, np.arange(rows) % 10)
    assert path.stat().st_size < rows * features / 20
    counts = run("large", path)
    assert counts["values"] == rows * features
    assert counts["peak_kib"] < 1 << 20
