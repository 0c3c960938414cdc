import contextlib
import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.datasets import DataError
from engine.datasets.files import MAX_BYTES
from engine.datasets.idx import read_idx

FOUR_BYTES = b"\0\0\x08\x01\0\0\0\x04abcd"


def encode(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_idx(path)
    message = str(caught.value)
    assert str(path) in message
    assert "expected" in message
    assert len(message.splitlines()) == 1
    return message


@given(arrays.arrays(np.uint8, arrays.array_shapes(max_dims=4, min_side=0)), st.booleans())
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray, compressed: bool):
    # The name says neither: the first bytes decide.
    path = tmp_path_factory.mktemp("idx") / "values"
    path.write_bytes(gzip.compress(encode(array)) if compressed else encode(array))
    read = read_idx(path)
    assert read.dtype == np.uint8
    assert read.shape == array.shape
    np.testing.assert_array_equal(read, array)


def test_lengths_are_big_endian(tmp_path: Path):
    path = tmp_path / "values"
    path.write_bytes(FOUR_BYTES)
    assert bytes(read_idx(path)) == b"abcd"


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "only 0 bytes"),
        (b"\0\0\x08", "only 3 bytes"),
        (b"PK\x03\x04" + FOUR_BYTES, "0x504b0304"),
        (b"\0\0\x0d\x01\0\0\0\x01abcd", "type 0x0d"),
        (b"\0\0\x08\x00", "0 dimensions"),
        (b"\0\0\x08\xff" + bytes(1020), "255 dimensions"),
        (b"\0\0\x08\x03\0\0\0\x04", "within the header"),
        (FOUR_BYTES[:-1], "only 3 bytes of values; expected 4"),
        (FOUR_BYTES[:8], "only 0 bytes of values; expected 4"),
        (FOUR_BYTES + b"e", "more bytes follow"),
        (b"\0\0\x08\x02" + struct.pack(">2I", 1, MAX_BYTES + 1), "at most"),
        (b"\0\0\x08\x04" + b"\xff" * 16, "at most"),
        (b"\0\0\x08\x03" + struct.pack(">3I", 0, 2**32 - 1, 2**32 - 1), "at most"),
    ],
)
def test_damaged_content(tmp_path: Path, content: bytes, complaint: str, compressed: bool):
    path = tmp_path / "values"
    path.write_bytes(gzip.compress(content) if compressed else content)
    assert complaint in refusal(path)


def test_every_truncation_of_a_gzip_file_is_refused(tmp_path: Path):
    path = tmp_path / "values.gz"
    whole = gzip.compress(FOUR_BYTES)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        refusal(path)


@pytest.mark.parametrize("position", [-8, -1], ids=["checksum", "length"])
def test_gzip_trailer_is_checked(tmp_path: Path, position: int):
    content = bytearray(gzip.compress(FOUR_BYTES))
    content[position] ^= 1
    path = tmp_path / "values.gz"
    path.write_bytes(content)
    assert "damaged gzip data" in refusal(path)


@given(st.data())
def test_a_flipped_bit_never_escapes_as_another_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    content = bytearray(gzip.compress(encode(np.arange(64, dtype=np.uint8).reshape(4, 4, 4))))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.mktemp("idx") / "values.gz"
    path.write_bytes(content)
    # A flip in gzip's own header (time, system) changes nothing that is read.
    with contextlib.suppress(DataError):
        assert read_idx(path).ravel().tolist() == list(range(64))


def test_garbage_after_gzip_data(tmp_path: Path):
    path = tmp_path / "values.gz"
    path.write_bytes(gzip.compress(FOUR_BYTES) + b"<html>")
    refusal(path)


def test_a_web_page_in_place_of_the_file(tmp_path: Path):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(b"<!DOCTYPE html>\n<title>404</title>")
    refusal(path)


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "values.gz"
    path.write_bytes(gzip.compress(FOUR_BYTES + bytes(64 << 20)))
    asked = []
    read = gzip.GzipFile.read
    monkeypatch.setattr(gzip.GzipFile, "read", lambda self, size=-1: asked.append(size) or read(self, size))
    assert "more bytes follow" in refusal(path)
    assert sum(asked) == len(FOUR_BYTES) + 1
    assert min(asked) >= 0


def test_missing_file(tmp_path: Path):
    assert "No such file" in refusal(tmp_path / "values.gz")


def test_folder_in_place_of_the_file(tmp_path: Path):
    refusal(tmp_path)
