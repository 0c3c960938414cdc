"""Files that are no ordinary pictures, predicted under a limit of memory: `python predict_damage.py CHECKPOINT FOLDER`.

Prints what became of them as JSON, or the traceback of the first error that no user should see.
"""

import contextlib
import io
import json
import os
import resource
import shutil
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from damage import damaged, encoded, with_size
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.digits.reading import TEN_DIGITS
from tui_nn.cli import run

FILES = 40

MEMORY = 1 << 30
"""Bytes beyond what the interpreter has mapped when the batch begins."""

SECONDS = 120
"""Of processor time for the whole batch: far more than it takes, and the end of one that hangs."""

INK = np.zeros((60, 50), np.uint8)
INK[8:52, 22:28] = 255


def array(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    return stream.getvalue()


def animated() -> bytes:
    stream = io.BytesIO()
    frames = [Image.fromarray(INK), Image.fromarray(255 - INK), Image.fromarray(INK.T.copy())]
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:])
    return stream.getvalue()


def large(mode: str, side: int) -> bytes:
    """A digit in many pixels."""
    stream = io.BytesIO()
    Image.fromarray(INK).resize((side, side), Image.Resampling.NEAREST).convert(mode).save(
        stream, "PNG", compress_level=1
    )
    return stream.getvalue()


def progressive(side: int, times: int) -> bytes:
    """A JPEG file in several scans, the last of them so many times over."""
    stream = io.BytesIO()
    Image.fromarray(INK).resize((side, side)).convert("RGB").save(stream, "JPEG", progressive=True)
    content = stream.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * times + content[-2:]


def gif() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(INK).save(stream, "GIF")
    return stream.getvalue()


def cmyk() -> bytes:
    stream = io.BytesIO()
    Image.fromarray(INK).convert("CMYK").save(stream, "JPEG")
    return stream.getvalue()


ODD = {
    "animated.png": animated(),
    "large.png": large("RGB", 6600),
    "clear.png": large("RGBA", 5700),
    "large-deep.png": encoded("png", np.kron(INK.astype(np.uint16) * 257, np.ones((90, 120), np.uint16))),
    "larger.png": large("RGBA", 7000),
    "largest.png": large("1", 10_000),  # 100 megapixels
    "bomb.png": large("1", 14_000),  # so many that Pillow refuses them by itself
    "scans.jpg": progressive(4000, 1),
    "many-scans.jpg": progressive(4000, 3000),
    "endless.png": with_size(encoded("png", INK), (1 << 31) - 1, (1 << 31) - 1),
    "grey.png": encoded("png", np.full((90, 90), 128, np.uint8)),
    "deep.png": encoded("png", INK.astype(np.uint16) * 16),
    "colour.png": encoded("png", np.stack([INK] * 3, -1)),
    "cmyk.jpg": cmyk(),
    "wide.png": encoded("png", np.tile(INK, (1, 16))),
    "wider.png": encoded("png", np.pad(np.tile(INK, (1, 120)), 20)),
    "high.png": encoded("png", np.tile(INK, (900, 1))),
    "dot.png": encoded("png", np.zeros((1, 1), np.uint8)),
    "noise.png": encoded("png", np.random.default_rng(0).integers(0, 256, (900, 900), dtype=np.uint8)),
    "noise-line.png": encoded(
        "png", np.pad(np.random.default_rng(0).integers(0, 2, (90, 1900), dtype=np.uint8) * 255, 9)
    ),
    "fence.png": encoded("png", np.pad(np.tile(np.repeat([255, 0], [2, 10]).astype(np.uint8), (700, 160)), 9)),
    "chess.png": encoded("png", ((np.indices((900, 2000)).sum(axis=0) // 7 % 2) * 255).astype(np.uint8)),
    "renamed.png": b"digits, but in words\n" * 40,
    "really.gif": gif(),
    "empty.png": b"",
    "objects.npy": array(np.array([{}], dtype=object)),
    "header.npy": array(np.zeros((3, 3))).replace(b"(3, 3)", b"(3, 9999999)"),
    "nan.npy": array(np.full((28, 28), np.nan)),
    "batch.npy": array(np.zeros((9, 28, 28))),
    "tall.npy": array(np.zeros((1, 30_000_000), np.uint8)),
}


def predict(checkpoint: Path, file: Path) -> str:
    """What became of it: predicted or refused, and nothing else."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(["predict", str(checkpoint), str(file), "--json"])
    found, message = json.loads(out.getvalue()), err.getvalue()
    assert (status, len(found), message.count("\n")) in ((0, 1, 0), (1, 0, 1)), (file, status, found, message)
    if not found:
        assert message.rstrip("\n").isprintable(), message
        assert str(file) in message
        assert "expected" in message, message
        return "refused"
    assert set(found[0]["class"]) <= set(TEN_DIGITS)
    assert np.isfinite(found[0]["probabilities"]).all()
    return "predicted"


def main(checkpoint: Path, folder: Path) -> dict[str, object]:
    odd = {}
    for name, content in ODD.items():
        (folder / name).write_bytes(content)
        odd[name] = predict(checkpoint, folder / name)
    os.mkfifo(folder / "pipe.png")
    (folder / "folder.png").mkdir()
    (folder / "endless-device.png").symlink_to("/dev/zero")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    for name in ("pipe.png", "folder.png", "endless-device.png", "loop.png", "missing.png"):
        odd[name] = predict(checkpoint, folder / name)
    counts: Counter[str] = Counter()
    contents = {
        "a.png": encoded("png", INK),
        "a.jpg": encoded("jpeg", INK),
        "a.npy": array(INK),
        "b.png": encoded("png", np.stack([INK, INK], -1)),
    }

    @settings(
        max_examples=FILES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def attempt(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(contents)))
        place = folder / "damaged"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        (place / name).write_bytes(data.draw(damaged(contents[name])))
        counts["files"] += 1
        counts[predict(checkpoint, place / name)] += 1

    attempt()
    return {"odd": odd, **counts}


if __name__ == "__main__":
    warnings.simplefilter("error")
    checkpoint, folder = map(Path, sys.argv[1:])
    (folder / "first.png").write_bytes(encoded("png", INK))
    predict(checkpoint, folder / "first.png")  # all that is imported on the way is mapped before the limit is set
    Image.init()
    with open("/proc/self/statm") as statm:
        mapped = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + MEMORY, mapped + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    outcome = main(checkpoint, folder)
    # Not ru_maxrss, which begins with that of the process that started this one.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(json.dumps({**outcome, "peak_kib": int(status["VmHWM"].split()[0])}))
