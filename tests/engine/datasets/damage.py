"""Damaged files of one kind, by the hundred, under a limit of memory: `python damage.py KIND FOLDER`.

Or one that is whole and large: `python damage.py large FILE.npz`. Prints what became of
them as JSON, or the traceback of the first error that no user should see.
"""

import gzip
import io
import json
import os
import resource
import shutil
import struct
import sys
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.datasets import load
from engine.errors import UserError

FILES = 360
"""Of each kind; those of all six are more than 2,000."""

MEMORY = 1 << 30
"""Bytes beyond what the interpreter has mapped when the batch begins."""

SECONDS = 300
"""Of processor time for a whole batch: far more than it takes, and the end of one that hangs."""

PICTURES = np.random.default_rng(0).integers(0, 256, (40, 6, 5), dtype=np.uint8)
ROWS = np.random.default_rng(1).normal(size=(40, 3))
LABELS = np.arange(40, dtype=np.uint8) % 4

BYTES = st.one_of(st.binary(min_size=1, max_size=12), st.sampled_from([b"\0" * 8, b"\xff" * 8, b"\x7f\xff\xff\xff"]))
TEXTS = st.sampled_from(
    ["", "nan", "-inf", "1e999", "x", '"', '"a,b"', "1_0", "\0", "é", ",", ";", "\n", "\r", "1" * 400, "\x1b[2J", "٣"]
)


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The content after a few accidents."""
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(len(content) - 1, 0)))
        # Half of them in what stands first: a header is where small changes mean much.
        if draw(st.booleans()):
            place = min(place, draw(st.integers(0, 64)))
        length = draw(st.integers(0, 24))
        match draw(st.sampled_from(["cut", "flip", "overwrite", "insert", "remove", "repeat"])):
            case "cut":
                content = content[:place]
            case "flip":
                content = (
                    content[:place]
                    + bytes(b ^ (1 << length % 8) for b in content[place : place + 1])
                    + content[place + 1 :]
                )
            case "overwrite":
                piece = draw(BYTES)
                content = content[:place] + piece + content[place + len(piece) :]
            case "insert":
                content = content[:place] + draw(BYTES) + content[place:]
            case "remove":
                content = content[:place] + content[place + length :]
            case "repeat":
                content = content[: place + length] + content[place:]
    return content


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def damage_idx(draw: st.DrawFn, folder: Path, compress: bool = False) -> str:
    files = {
        "train-images-idx3-ubyte": idx(PICTURES),
        "train-labels-idx1-ubyte": idx(LABELS),
        "t10k-images-idx3-ubyte": idx(PICTURES[:8]),
        "t10k-labels-idx1-ubyte": idx(LABELS[:8]),
    }
    victim, inside = draw(st.sampled_from(sorted(files))), draw(st.booleans())
    for name, content in files.items():
        if name == victim and inside:
            content = draw(damaged(content))
        if compress:
            content = gzip.compress(content, mtime=0)
        if name == victim and not inside:
            content = draw(damaged(content))
        (folder / (name + ".gz" * compress)).write_bytes(content)
    return f"idx:{folder}"


def damage_idx_gz(draw: st.DrawFn, folder: Path) -> str:
    return damage_idx(draw, folder, compress=True)


def damage_npz(draw: st.DrawFn, folder: Path) -> str:
    arrays = {"x_train": PICTURES, "y_train": LABELS, "x_test": PICTURES[:8], "y_test": LABELS[:8]}
    if draw(st.booleans()):
        arrays = {"x": ROWS, "y": np.array(list("abcd"))[LABELS]}
    members = {}
    for name, array in arrays.items():
        stream = io.BytesIO()
        np.save(stream, array)
        members[name] = stream.getvalue()
    victim, inside = draw(st.sampled_from(sorted(members))), draw(st.booleans())
    odd = [np.array([{}, 1] * 20, dtype=object), np.full((40, 3), np.nan), np.zeros((0, 3)), np.zeros((2,) * 20)]
    if inside and draw(st.booleans()):
        stream = io.BytesIO()
        np.save(stream, draw(st.sampled_from(odd)))
        members[victim] = stream.getvalue()
    elif inside:
        members[victim] = draw(damaged(members[victim]))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content, archive.compression)
    path = folder / "data.npz"
    path.write_bytes(stream.getvalue() if inside else draw(damaged(stream.getvalue())))
    return f"npz:{path}"


def damage_csv(draw: st.DrawFn, folder: Path) -> str:
    rows = [["a", "b", "c", "label"]]
    rows += [[*(f"{value:.3g}" for value in row), f"class {n % 3}"] for n, row in enumerate(ROWS)]
    for _ in range(draw(st.integers(0, 2))):
        row = draw(st.integers(0, len(rows) - 1))
        rows[row][draw(st.integers(0, 3))] = draw(TEXTS)
    content = "\n".join(map(",".join, rows)).encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])))
    path = folder / "table.csv"
    path.write_bytes(draw(damaged(content)) if draw(st.booleans()) else content)
    return f"csv:{path}" + draw(
        st.sampled_from(["", ",label=label", ",target=a", ",skip=b", ",header=no", ",shape=1x3"])
    )


def encoded(kind: str, picture: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, kind)
    return stream.getvalue()


def with_size(png: bytes, width: int, height: int) -> bytes:
    """The PNG with another size in its header, and the right checksum over it."""
    header = struct.pack(">2I", width, height) + png[24:29]
    return png[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + png[33:]


def damage_pictures(draw: st.DrawFn, folder: Path, kind: str) -> str:
    for name in "ab":
        (folder / name).mkdir()
        for number in range(3):
            (folder / name / f"{number}.{kind}").write_bytes(encoded(kind, PICTURES[number]))
    victim = folder / "a" / f"0.{kind}"
    content = victim.read_bytes()
    match draw(st.sampled_from(["content", "content", "size", "junk", "place"])):
        case "size" if kind == "png":
            sides = st.sampled_from([0, 1, 7, 4000, 1 << 16, (1 << 31) - 1, 1 << 31])
            victim.write_bytes(with_size(content, draw(sides), draw(sides)))
        case "junk":
            (folder / "a" / "notes.txt").write_bytes(content)
            (folder / "a" / "deeper").mkdir()
            (folder / "a" / "deeper" / f"1.{kind}").write_bytes(b"junk")
            (folder / ".hidden").mkdir()
        case "place":
            victim.unlink()
            match draw(st.sampled_from(["pipe", "loop", "device", "folder", "parent"])):
                case "pipe":
                    os.mkfifo(victim)
                case "loop":
                    victim.symlink_to(victim)
                case "device":
                    victim.symlink_to("/dev/zero")
                case "folder":
                    victim.mkdir()
                case "parent":
                    victim.symlink_to(folder)
        case _:
            victim.write_bytes(draw(damaged(content)))
    return f"folder:{folder}" + draw(st.sampled_from(["", ",size=4", ",size=3x70000"]))


def damage_png(draw: st.DrawFn, folder: Path) -> str:
    return damage_pictures(draw, folder, "png")


def damage_jpeg(draw: st.DrawFn, folder: Path) -> str:
    return damage_pictures(draw, folder, "jpeg")


KINDS: dict[str, Callable[[st.DrawFn, Path], str]] = {
    "idx": damage_idx,
    "idx.gz": damage_idx_gz,
    "npz": damage_npz,
    "csv": damage_csv,
    "png": damage_png,
    "jpeg": damage_jpeg,
}


def run(kind: str, folder: Path) -> dict[str, int]:
    """Damage and read `FILES` times. A data set that is read must be whole; a refusal must be one helpful line."""
    counts: Counter[str] = Counter()

    @settings(
        max_examples=FILES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def attempt(data: st.DataObject) -> None:
        place = folder / "data"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        spec = data.draw(st.composite(lambda draw: KINDS[kind](draw, place))())
        counts["files"] += 1
        try:
            dataset = load(spec)
        except UserError as error:
            message = str(error)
            assert message.isprintable(), message
            assert str(place) in message, message
            assert "expected" in message or "known:" in message, message
            counts["refused"] += 1
            return
        for split in (dataset.train, dataset.validation, dataset.test):
            assert len(split) > 0
            assert np.isfinite(split.x).all()
            assert np.isfinite(split.labels).all()
            assert dataset.target or 0 <= split.labels.min() <= split.labels.max() < len(dataset.class_names)
        counts["read"] += 1

    attempt()
    return dict(counts)


def read_large(path: Path) -> dict[str, int]:
    """Read one file that is whole, and as large as memory allows."""
    dataset = load(f"npz:{path}")
    return {"values": sum(split.x.size for split in (dataset.train, dataset.validation, dataset.test))}


if __name__ == "__main__":
    warnings.simplefilter("error")
    load("mnist-5k")  # all that is imported on the way is mapped before the limit is set
    Image.init()
    with open("/proc/self/statm") as statm:
        mapped = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + MEMORY, mapped + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    kind, place = sys.argv[1], Path(sys.argv[2])
    outcome = read_large(place) if kind == "large" else run(kind, place)
    print(json.dumps(outcome | {"peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
