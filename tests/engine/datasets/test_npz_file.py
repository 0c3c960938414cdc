import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import DataError, load

RANDOM = np.random.default_rng(2)
GREY = RANDOM.integers(0, 256, (40, 6, 5), dtype=np.uint8)
LABELS = np.arange(40) % 4


def save(path: Path, **arrays: np.ndarray) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def refusal(path: Path, options: str = "") -> str:
    with pytest.raises(DataError) as caught:
        load(f"npz:{path}{options}")
    message = str(caught.value)
    assert "expected" in message
    assert str(path) in message
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32, np.dtype(">f8")])
def test_keras_layout(tmp_path: Path, kind: np.dtype):
    images = GREY.astype(kind)
    path = save(tmp_path / "mnist.npz", x_train=images, y_train=LABELS, x_test=images[:8], y_test=LABELS[:8])
    dataset = load(f"npz:{path}")
    assert dataset.input_shape == (1, 6, 5)
    assert dataset.class_names == ("0", "1", "2", "3")
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (36, 4, 8)
    np.testing.assert_array_equal(np.rint(dataset.pixels(dataset.test.x)[:, 0] * 255), GREY[:8])
    np.testing.assert_array_equal(dataset.test.labels, LABELS[:8])
    assert dataset.train.x.std() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("shape", "expected"), [((40, 6, 5, 3), (3, 6, 5)), ((40, 3, 6, 5), (3, 6, 5)), ((40, 6, 5, 1), (1, 6, 5))]
)
def test_channels_last_or_first(tmp_path: Path, shape: tuple[int, ...], expected: tuple[int, ...]):
    images = RANDOM.integers(0, 256, shape, dtype=np.uint8)
    path = save(tmp_path / "cifar.npz", x_train=images, y_train=LABELS[:, np.newaxis], x_test=images, y_test=LABELS)
    dataset = load(f"npz:{path}")
    assert dataset.input_shape == expected
    channels_first = np.moveaxis(images, -1, 1) if shape[-1] in (1, 3) else images
    np.testing.assert_array_equal(np.rint(dataset.pixels(dataset.test.x) * 255), channels_first)


def test_pixels_in_0_to_1_stay(tmp_path: Path):
    images = RANDOM.uniform(0, 1, (40, 6, 5))
    dataset = load(f"npz:{save(tmp_path / 'a.npz', x_train=images, y_train=LABELS, x_test=images, y_test=LABELS)}")
    np.testing.assert_allclose(dataset.pixels(dataset.test.x)[:, 0], images, atol=1e-6)


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.float32])
def test_the_training_pictures_say_what_1_means(tmp_path: Path, kind: type):
    images, dark = GREY.astype(kind), (GREY > 100).astype(kind)
    path = save(tmp_path / "a.npz", x_train=images, y_train=LABELS, x_test=dark, y_test=LABELS)
    dataset = load(f"npz:{path}")
    np.testing.assert_allclose(dataset.pixels(dataset.test.x)[:, 0], dark / 255, atol=1e-6)
    path = save(tmp_path / "b.npz", x_train=dark, y_train=LABELS, x_test=dark[:8], y_test=LABELS[:8])
    dataset = load(f"npz:{path}")
    np.testing.assert_allclose(dataset.pixels(dataset.test.x)[:, 0], dark[:8], atol=1e-6)
    path = save(tmp_path / "c.npz", x_train=dark, y_train=LABELS, x_test=images, y_test=LABELS)
    assert "x_test has pixels from 0 to 255; expected 0 to 255, or 0 to 1 in all arrays" in refusal(path)


@pytest.mark.parametrize("kind", ["?", "u1", "i1", ">i4", "f2", ">f4", "f8"])
def test_rows_of_every_kind_are_the_numbers_they_are(tmp_path: Path, kind: str):
    x = RANDOM.integers(0, 100, (50, 4)).astype(kind)
    dataset = load(
        f"npz:{save(tmp_path / 'a.npz', x_train=x, y_train=np.arange(50) % 2, x_test=x, y_test=x[:, 0] > 9)}"
    )
    np.testing.assert_allclose(dataset.values(dataset.test.x), x.astype(float), atol=1e-4)


def test_room_is_that_of_all_arrays_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = save(tmp_path / "a.npz", x_train=GREY, y_train=LABELS, x_test=GREY, y_test=LABELS)
    need = 2 * GREY.size * (1 + 4) + 2 * LABELS.size * (8 * 8 + 64)
    monkeypatch.setattr("engine.datasets.files.MAX_BYTES", need)
    load(f"npz:{path}")
    monkeypatch.setattr("engine.datasets.files.MAX_BYTES", need - 1)
    assert "y_test: announces 40 values" in refusal(path)


def test_rows_and_fractions(tmp_path: Path):
    x = np.asfortranarray(RANDOM.normal(3, 2, (50, 4)))
    dataset = load(f"npz:{save(tmp_path / 'housing.npz', x=x, y=x @ [1.0, 2, 3, 4])}")
    assert dataset.target is not None
    assert dataset.input_shape == (4,)
    unit = dataset.target
    for part in (dataset.train, dataset.validation, dataset.test):
        np.testing.assert_allclose(dataset.values(part.x) @ [1, 2, 3, 4], part.labels * unit.std + unit.mean, rtol=1e-5)


def test_text_and_asking_outright(tmp_path: Path):
    names = np.array(["cat", "dog", "cow", "ant"])[LABELS]
    assert load(f"npz:{save(tmp_path / 'a.npz', x=GREY, y=names)}").class_names == ("ant", "cat", "cow", "dog")
    assert load(f"npz:{save(tmp_path / 'c.npz', x=GREY, y=names.astype('S'))}").class_names == (
        "ant",
        "cat",
        "cow",
        "dog",
    )
    whole = save(tmp_path / "b.npz", x=GREY, y=LABELS.astype(float))
    assert load(f"npz:{whole}").class_names == ("0", "1", "2", "3")
    assert load(f"npz:{whole},target=y").target is not None


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"a": GREY}, "holds a; expected x_train, y_train, x_test, y_test, or x and y"),
        ({"x": GREY, "y": LABELS[:7]}, "y has the shape (7,); expected (40,), one a sample"),
        ({"x": GREY, "y": np.eye(40)}, "y has the shape (40, 40)"),
        ({"x": np.array([{}] * 40), "y": LABELS}, "x is of the type object; expected numbers"),
        ({"x": np.full((40, 2), np.nan), "y": LABELS}, "feature 1 of sample 1 is nan"),
        ({"x": GREY.astype(float) - 300, "y": LABELS}, "pixels from -300"),
        ({"x": GREY, "y": np.array([np.inf] * 40)}, "y has inf for sample 1"),
        ({"x": GREY, "y": np.array([b"\xfc"] * 40)}, "y has text in bytes ('ascii' codec"),
        ({"x": GREY[:0], "y": LABELS[:0]}, "x has the shape (0, 6, 5)"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, arrays: dict[str, np.ndarray], complaint: str):
    assert complaint in refusal(save(tmp_path / "data.npz", **arrays))


def pack(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def test_a_bomb_is_not_unpacked(tmp_path: Path):
    path = pack(tmp_path / "bomb.npz", x=npy(np.zeros((1 << 20, 32), np.uint8)), y=npy(LABELS))
    assert "unpack to" in refusal(path)


def test_an_absurd_shape_is_not_believed(tmp_path: Path):
    content = npy(GREY).replace(b"(40, 6, 5)", b"(99999999999, 6, 5)", 1)
    assert "announces" in refusal(pack(tmp_path / "absurd.npz", x=content, y=npy(LABELS)))
    content = npy(GREY).replace(b"(40, 6, 5)", b"(41, 6, 5)", 1)
    assert "1,200 bytes of values; expected 1,230" in refusal(pack(tmp_path / "more.npz", x=content, y=npy(LABELS)))


def test_a_list_of_contents_without_end_is_not_read(tmp_path: Path):
    path = tmp_path / "many.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number:08}.npy", b"")
    assert "lists over" in refusal(path)


def test_no_archive(tmp_path: Path):
    path = tmp_path / "data.npz"
    path.write_bytes(npy(GREY))
    assert "no .npz file" in refusal(path)
