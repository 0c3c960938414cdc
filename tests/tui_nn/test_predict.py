"""Files predicted by the command line, from a small network of the embedded digits."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tui_nn
from engine import datasets
from tui_nn.cli import run

ROOT = Path(tui_nn.__file__).parents[1]

DIGITS = datasets.load("mnist-5k")
PICTURES = DIGITS.pixels(DIGITS.test.x)[:, 0]
LABELS = DIGITS.test.labels

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that is right about some 95 of 100 digits, trained in seconds."""
    path = tmp_path_factory.mktemp("network") / "digits.safetensors"
    options = ["--dataset", "mnist-5k", "--preset", "mlp", "--epochs", "8", "--seed", "0"]
    assert run(["train", *options, "--checkpoint", str(path), "--json"]) == 0
    return path


def predicted(capsys: Capture, *arguments: Any, status: int = 0) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run(["predict", *map(str, arguments), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def large(picture: np.ndarray, side: int = 300) -> np.ndarray:
    image = Image.fromarray(picture.astype(np.float32)).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image).clip(0, 1)


def as_bytes(grey: np.ndarray) -> np.ndarray:
    return np.rint(grey.clip(0, 1) * 255).astype(np.uint8)


def save_png(ink: np.ndarray, path: Path) -> Path:
    Image.fromarray(as_bytes(ink)).save(path)
    return path


def save_photograph(ink: np.ndarray, path: Path) -> Path:
    rows, columns = np.mgrid[-0.5 : 0.5 : ink.shape[0] * 1j, -0.5 : 0.5 : ink.shape[1] * 1j]
    light = (0.85 - 0.6 * ink) * (1 + 0.3 * rows - 0.4 * columns)
    noise = np.random.default_rng(1).normal(0, 0.01, ink.shape)
    colour = as_bytes((light + noise)[..., np.newaxis] * [1.0, 0.97, 0.9])
    path = path.with_suffix(".jpg")
    Image.fromarray(colour).save(path, quality=85)
    return path


def save_transparent(ink: np.ndarray, path: Path, grey: int) -> Path:
    pixels = np.full((*ink.shape, 4), grey, np.uint8)
    pixels[..., 3] = as_bytes(ink)
    Image.fromarray(pixels).save(path)
    return path


def save_deep(ink: np.ndarray, path: Path) -> Path:
    Image.fromarray((4095 - 3000 * ink).astype(np.uint16)).save(path)  # twelve bits in sixteen
    return path


def save_cmyk(ink: np.ndarray, path: Path) -> Path:
    path = path.with_suffix(".jpeg")
    Image.fromarray(as_bytes(1 - ink)).convert("CMYK").save(path)
    return path


def save_palette(ink: np.ndarray, path: Path) -> Path:
    Image.fromarray(as_bytes(1 - ink)).convert("P").save(path)
    return path


def save_turned(ink: np.ndarray, path: Path) -> Path:
    """As a telephone held on its side: the file says how it is to be turned."""
    path = path.with_suffix(".jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(as_bytes(1 - ink))).save(path, exif=exif)
    return path


def save_array(ink: np.ndarray, path: Path, scale: float, kind: type) -> Path:
    path = path.with_suffix(".npy")
    np.save(path, (ink * scale).astype(kind))
    return path


WAYS: dict[str, Callable[[np.ndarray, Path], Path]] = {
    "light on dark": save_png,
    "dark on light": lambda ink, path: save_png(1 - ink, path),
    "photograph": save_photograph,
    "black on nothing": lambda ink, path: save_transparent(ink, path, 0),
    "white on nothing": lambda ink, path: save_transparent(ink, path, 255),
    "16 bits": save_deep,
    "CMYK": save_cmyk,
    "palette": save_palette,
    "turned": save_turned,
    "bytes": lambda ink, path: save_array(ink, path, 255, np.uint8),
    "floats": lambda ink, path: save_array(ink, path, 1, np.float64),
    "floats to 255": lambda ink, path: save_array(ink, path, 255, np.float32),
    "colour array": lambda ink, path: save_array(np.stack([ink] * 3, -1), path, 1, np.float32),
}


@pytest.mark.parametrize("way", WAYS)
def test_however_a_digit_is_kept_it_is_read(way: str, checkpoint: Path, tmp_path: Path, capsys: Capture):
    files = [WAYS[way](large(PICTURES[n]), tmp_path / f"{n}.png") for n in range(25)]
    found = predicted(capsys, checkpoint, *files)
    assert [entry["file"] for entry in found] == [str(file) for file in files]
    right = [entry["class"] == str(label) for entry, label in zip(found, LABELS[:25], strict=True)]
    assert np.mean(right) >= 0.88
    for entry in found:
        if len(entry["digits"]) == 1:
            assert entry["classes"] == list("0123456789")
            assert sum(entry["probabilities"]) == pytest.approx(1, abs=1e-5)
            assert entry["classes"][int(np.argmax(entry["probabilities"]))] == entry["class"]


def test_a_digit_of_mnist_is_predicted_as_pytorch_predicts_it(checkpoint: Path, tmp_path: Path, capsys: Capture):
    torch = pytest.importorskip("torch")
    from safetensors import safe_open
    from safetensors.torch import load_file

    with safe_open(checkpoint, framework="numpy") as file:
        about = {key: json.loads(value) for key, value in file.metadata().items()}
    net = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(128, 64),
        torch.nn.ReLU(), torch.nn.Linear(64, 10),
    ).eval()  # fmt: skip
    net.load_state_dict(load_file(checkpoint))
    files = [save_png(PICTURES[n], tmp_path / f"{n}.png") for n in range(10)]
    pixels = np.stack([np.asarray(Image.open(file), np.float32) for file in files]) / 255
    x = torch.tensor((pixels - about["input_mean"]) / about["input_std"], dtype=torch.float32)
    with torch.no_grad():
        expected = torch.softmax(net(x), 1).numpy()
    found = predicted(capsys, checkpoint, *files, "--as-is")
    assert np.array([entry["probabilities"] for entry in found]) == pytest.approx(expected, abs=1e-5)


def test_digits_apart_are_a_number(checkpoint: Path, tmp_path: Path, capsys: Capture):
    numbers = [list(range(start, start + 4)) for start in range(0, 60, 4)]
    files = [
        save_png(1 - np.concatenate([large(PICTURES[n], 100) for n in number], 1), tmp_path / f"{at}.png")
        for at, number in enumerate(numbers)
    ]
    found = predicted(capsys, checkpoint, *files)
    right = 0
    for entry, number in zip(found, numbers, strict=True):
        assert entry["number"] == entry["class"] == "".join(digit["class"] for digit in entry["digits"])
        lefts = [digit["box"][0] for digit in entry["digits"]]
        assert lefts == sorted(lefts)
        assert all(0 <= side <= 1 for digit in entry["digits"] for side in digit["box"])
        assert all(digit["confidence"] == max(digit["probabilities"]) for digit in entry["digits"])
        right += entry["number"] == "".join(str(LABELS[n]) for n in number)
    assert right >= 0.6 * len(numbers)
    (one,) = predicted(capsys, checkpoint, files[0], "--digit")
    assert len(one["class"]) == 1
    (forced,) = predicted(capsys, checkpoint, save_png(PICTURES[0], tmp_path / "one.png"), "--number")
    assert forced["number"] == forced["class"]


def test_the_steps_of_each_picture_can_be_seen(checkpoint: Path, tmp_path: Path, capsys: Capture):
    one = save_photograph(large(PICTURES[0]), tmp_path / "one.png")
    (tmp_path / "other").mkdir()
    again = save_png(large(PICTURES[1]), tmp_path / "other" / "one.png")
    two = save_png(np.concatenate([large(PICTURES[n], 100) for n in (2, 3)], 1), tmp_path / "two.png")
    blank = save_png(np.ones((50, 60)), tmp_path / "blank.png")
    folder = tmp_path / "new" / "steps"
    found = predicted(capsys, checkpoint, one, again, two, blank, "--steps", folder, status=1)
    names = {path.name for path in folder.iterdir()}
    steps = ["as-grey", "background-evened", "ink", "box", "centred"]
    digits = [f"digit-{n}" for n in range(1, len(found[2]["digits"]) + 1)]
    assert names == {
        *(f"one-{n}-{step}.png" for n, step in enumerate(steps, 1)),
        *(f"one-2-{n}-{step}.png" for n, step in enumerate(steps, 1)),
        *(f"two-{n}-{step}.png" for n, step in enumerate([*steps[:3], *digits], 1)),
        "blank-1-as-grey.png",
    }
    given = np.asarray(Image.open(folder / "one-5-centred.png"))
    assert given.shape == (28, 28)
    assert given.max() > 200
    ink = np.asarray(Image.open(folder / "one-3-ink.png")) > 127
    assert (ink != (large(PICTURES[0]) > 0.5)).mean() < 0.03


def test_no_steps_are_written_over_those_of_another_picture(checkpoint: Path, tmp_path: Path, capsys: Capture):
    """The name that a second seven.png gets may be a third file's own."""
    files = []
    for name in ("a/seven.png", "b/seven.png", "seven-2.png", "c/Seven.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        files.append(save_png(large(PICTURES[len(files)]), tmp_path / name))
    predicted(capsys, checkpoint, *files, "--steps", tmp_path / "steps")
    names = ("seven", "seven-2", "seven-2-2", "Seven-3")
    greys = [np.asarray(Image.open(tmp_path / "steps" / f"{name}-1-as-grey.png")) for name in names]
    assert len(list((tmp_path / "steps").glob("*-as-grey.png"))) == 4
    for grey, picture in zip(greys, PICTURES, strict=False):
        assert np.abs(grey / 255 - large(picture).clip(0, 1)).max() < 0.01


def test_steps_that_cannot_be_written_are_one_line(checkpoint: Path, tmp_path: Path, capsys: Capture):
    file = save_png(large(PICTURES[0]), tmp_path / "a.png")
    assert run(["predict", str(checkpoint), str(file), "--steps", str(file)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"--steps {file}: " in line
    assert run(["predict", str(checkpoint), str(file), "--as-is", "--steps", str(tmp_path)]) == 2
    assert "--steps: needs" in capsys.readouterr().err


def test_lines_for_people_and_a_mistake_in_one_file_stops_no_other(checkpoint: Path, tmp_path: Path, capsys: Capture):
    good = save_png(large(PICTURES[0]), tmp_path / "good.png")
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    save_png(np.ones((50, 60)), tmp_path / "blank.png")
    np.save(tmp_path / "nan.npy", np.full((28, 28), np.nan))
    np.save(tmp_path / "many.npy", np.zeros((5, 28, 28, 2)))
    cut = tmp_path / "cut.png"
    cut.write_bytes(good.read_bytes()[:-40])
    bad = ["text.png", "empty.jpg", "blank.png", "nan.npy", "many.npy", "cut.png", "missing.png", "."]
    paths = [str(tmp_path / name) for name in bad]
    capsys.readouterr()
    assert run(["predict", str(checkpoint), *paths[:4], str(good), *paths[4:]]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"{good}: {LABELS[0]}  ")
    assert len(out.splitlines()) == 1
    lines = err.splitlines()
    assert len(lines) == len(bad)
    for line, path in zip(lines, paths, strict=True):
        assert line.startswith(f"tui-nn: {path}: ")
        assert "expected" in line
    assert [entry["file"] for entry in predicted(capsys, checkpoint, *paths, good, status=1)] == [str(good)]


def test_what_is_no_digit_is_scaled_to_what_the_network_takes(tmp_path: Path, capsys: Capture):
    random = np.random.default_rng(3)
    folder = tmp_path / "colours"
    for name, colour in (("blue", (40, 60, 200)), ("red", (200, 50, 40))):
        (folder / name).mkdir(parents=True)
        for n in range(20):
            pixels = np.clip(np.array(colour) + random.integers(-30, 30, (6, 9, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{n}.png")
    path = tmp_path / "colours.safetensors"
    options = ["--dataset", f"folder:{folder}", "--preset", "softmax", "--epochs", "20", "--batch-size", "8"]
    assert run(["train", *options, "--seed", "0", "--checkpoint", str(path), "--json"]) == 0
    files = []
    for name, colour in (("a", (60, 60, 220)), ("b", (190, 60, 60))):
        files.append(tmp_path / f"{name}.jpg")
        Image.new("RGB", (400, 300), colour).save(files[-1])
    assert [entry["class"] for entry in predicted(capsys, path, *files)] == ["blue", "red"]
    assert run(["predict", str(path), str(files[0]), "--number"]) == 2
    assert "--number: needs" in capsys.readouterr().err


@pytest.mark.parametrize("options", [("--number", "--digit"), ("--digit", "--number")])
def test_one_digit_and_several_cannot_both_be_asked_for(options: tuple[str, ...], tmp_path: Path, capsys: Capture):
    assert run(["predict", str(tmp_path / "x.safetensors"), str(tmp_path / "x.png"), *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--number, --digit: cannot both be" in line


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), ["no such file"]),
        (lambda path: path.write_bytes(b"text"), ["not a readable safetensors file"]),
        (lambda path: (path.unlink(), path.mkdir()), ["is a folder"]),
    ],
)
def test_a_checkpoint_that_is_none_is_one_line(
    spoil: Callable[[Path], object], words: list[str], tmp_path: Path, capsys: Capture
):
    path = tmp_path / "x.safetensors"
    path.touch()
    spoil(path)
    assert run(["predict", str(path), "a.png"]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    for word in (str(path), *words):
        assert word in err


def test_so_is_one_of_a_table(tmp_path: Path, capsys: Capture):
    path = tmp_path / "iris.safetensors"
    assert run(["train", "--dataset", "iris", "--epochs", "1", "--checkpoint", str(path), "--json"]) == 0
    capsys.readouterr()
    assert run(["predict", str(path), "a.png"]) == 2
    assert "takes rows of 4 numbers, no pictures" in capsys.readouterr().err


def test_the_compiler_is_not_waited_for(checkpoint: Path, tmp_path: Path):
    """The whole program: a compiler takes longer to load than a prediction may take."""
    file = save_png(PICTURES[0], tmp_path / "a.png")
    code = "import sys; from tui_nn.cli import run; run(sys.argv[1:]); sys.exit('numba' in sys.modules)"
    command = [sys.executable, "-c", code, "predict", str(checkpoint), str(file), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["class"] == str(LABELS[0])


REFUSED = (
    "larger",
    "largest",
    "bomb",
    "many-scans",
    "wider",
    "endless",
    "grey",
    "dot",
    "renamed",
    "really",
    "empty",
    "objects",
    "header",
    "nan",
    "batch",
    "tall",
)
REFUSED += ("pipe", "folder", "endless-device", "loop", "missing")

READ = ("animated", "deep", "colour", "cmyk", "wide", "large", "clear", "large-deep", "scans")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits what a process maps")
def test_any_file_ends_in_a_prediction_or_one_line_and_bounded_memory(checkpoint: Path, tmp_path: Path):
    command = [sys.executable, str(Path(__file__).with_name("predict_damage.py")), str(checkpoint), str(tmp_path)]
    paths = (ROOT, ROOT / "tests" / "engine" / "datasets")  # for the program, and for damage.py
    environment = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", env=environment, timeout=600)
    assert done.returncode == 0, done.stderr[-6000:]
    counts = json.loads(done.stdout)
    odd = {name.partition(".")[0]: outcome for name, outcome in counts["odd"].items()}
    assert {name: odd[name] for name in REFUSED} == dict.fromkeys(REFUSED, "refused")
    assert {name: odd[name] for name in READ} == dict.fromkeys(READ, "predicted")
    assert counts["files"] >= 40
    # Most damage must be seen, and some files must be read all the same, or the batch proves nothing.
    assert counts["refused"] >= counts["files"] / 4
    assert counts["predicted"] >= 1
    assert counts["peak_kib"] < 1 << 20
