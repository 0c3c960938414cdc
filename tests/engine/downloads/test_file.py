import hashlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.downloads import pieces
from engine.downloads.file import RemoteFile, fetch_file
from engine.downloads.meter import Meter
from engine.downloads.reasons import SourceError

IMAGES = "train-images-idx3-ubyte.gz"

Manners = Callable[[Any, bytes, int], None]


def flip(content: bytes, at: int = 1000) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def described(name: str, content: bytes) -> RemoteFile:
    return RemoteFile(name, len(content), hashlib.sha256(content).hexdigest())


@pytest.fixture
def fetch(mirrors: Any, tmp_path: Path) -> Callable[..., Any]:
    """fetch(manners, ...): fetch the training images from mirrors that behave like that; returns what was watched."""

    def start(*manners: Manners) -> list[Any]:
        content = mirrors.contents[IMAGES]
        urls = [mirrors.add(f"m{place}", each) for place, each in enumerate(manners)]
        seen: list[Any] = []
        fetch_file(described(IMAGES, content), urls, tmp_path, Meter("set", len(content), seen.append))
        assert (tmp_path / IMAGES).read_bytes() == content
        assert [path.name for path in tmp_path.iterdir()] == [IMAGES]
        return seen

    return start


def refusal(fetch: Callable[..., Any], tmp_path: Path, *manners: Manners) -> str:
    with pytest.raises(SourceError) as caught:
        fetch(*manners)
    assert not (tmp_path / IMAGES).exists()
    return str(caught.value)


def test_a_whole_file_in_one_go(fetch: Callable[..., Any], mirrors: Any):
    seen = fetch(mirrors.give)
    assert mirrors.asked == [("m0", IMAGES, 0)]
    done = [transfer.done for transfer in seen]
    assert done == sorted(done)
    assert (done[0], done[-1], seen[-1].total) == (0, len(mirrors.contents[IMAGES]), len(mirrors.contents[IMAGES]))
    assert seen[-1].bytes_per_second > 0
    assert seen[-1].source.startswith("127.0.0.1:")


def test_after_a_cut_it_goes_on_at_that_byte(fetch: Callable[..., Any], mirrors: Any):
    fetch(lambda *a: mirrors.give(*a, upto=200_000 if a[2] < 200_000 else None))
    assert mirrors.asked == [("m0", IMAGES, 0), ("m0", IMAGES, 200_000)]


def test_what_an_earlier_process_left_is_gone_on_from(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    (tmp_path / f"{IMAGES}.part").write_bytes(mirrors.contents[IMAGES][:5000])
    seen = fetch(mirrors.give)
    assert mirrors.asked == [("m0", IMAGES, 5000)]
    assert seen[0].done == 5000


def test_what_an_earlier_process_left_whole_is_only_checked(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    (tmp_path / f"{IMAGES}.part").write_bytes(mirrors.contents[IMAGES])
    fetch(mirrors.give)
    assert mirrors.asked == []


@pytest.mark.parametrize("length", [5000, 10**6], ids=["short", "longer than the file"])
def test_what_an_earlier_process_left_damaged_costs_one_more_request(
    fetch: Callable[..., Any], mirrors: Any, tmp_path: Path, length: int
):
    (tmp_path / f"{IMAGES}.part").write_bytes(b"?" * length)
    fetch(mirrors.give)
    assert mirrors.asked[-1] == ("m0", IMAGES, 0)
    assert len(mirrors.asked) <= 2


def test_a_server_without_ranges_begins_anew(fetch: Callable[..., Any], mirrors: Any):
    cuts = iter([300_000, None])
    fetch(lambda handler, content, start: mirrors.give(handler, content, 0, upto=next(cuts)))
    assert mirrors.asked == [("m0", IMAGES, 0), ("m0", IMAGES, 300_000)]


def test_a_wrong_checksum_is_another_mirror_s_chance(fetch: Callable[..., Any], mirrors: Any):
    fetch(lambda handler, content, start: mirrors.give(handler, flip(content), start), mirrors.give)
    assert mirrors.asked == [("m0", IMAGES, 0), ("m1", IMAGES, 0)]


def test_a_mirror_is_not_blamed_for_the_bytes_of_the_one_before(fetch: Callable[..., Any], mirrors: Any):
    def wrong_and_cut(handler: Any, content: bytes, start: int) -> None:
        mirrors.give(handler, flip(content), start, upto=max(start, 100_000))

    fetch(wrong_and_cut, mirrors.give)
    assert mirrors.asked[-2:] == [("m1", IMAGES, 100_000), ("m1", IMAGES, 0)]


def test_a_redirect_is_followed_with_its_range(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    target = mirrors.add("target", mirrors.give)
    (tmp_path / f"{IMAGES}.part").write_bytes(mirrors.contents[IMAGES][:5000])
    fetch(lambda handler, content, start: handler.begin(302, Location=target + IMAGES, Content_Length=0))
    assert mirrors.asked == [("m0", IMAGES, 5000), ("target", IMAGES, 5000)]


def test_chunks_without_a_length(fetch: Callable[..., Any], mirrors: Any):
    def chunked(handler: Any, content: bytes, start: int) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.begin(200, Transfer_Encoding="chunked", Connection="close")
        for at in range(0, len(content), 50_000):
            part = content[at : at + 50_000]
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\n\r\n")

    fetch(chunked)


def test_a_server_that_packs_files_once_more_is_taken_at_its_bytes(fetch: Callable[..., Any], mirrors: Any):
    def labelled(handler: Any, content: bytes, start: int) -> None:
        handler.begin(200, Content_Encoding="gzip", Content_Type="application/x-gzip")
        handler.wfile.write(content)

    fetch(labelled)


def test_a_server_that_never_ends_is_cut_off(fetch: Callable[..., Any], mirrors: Any):
    def endless(handler: Any, content: bytes, start: int) -> None:
        handler.begin(200)
        handler.wfile.write(content)
        while not mirrors.released.is_set():
            handler.wfile.write(bytes(65536))

    assert max(transfer.done for transfer in fetch(endless)) == len(mirrors.contents[IMAGES])


def login_page(handler: Any, content: bytes, start: int) -> None:
    handler.begin(200, Content_Length=6)
    handler.wfile.write(b"<html>")


def other_range(handler: Any, content: bytes, start: int) -> None:
    handler.begin(206, Content_Range=f"bytes 7-{len(content) - 1}/{len(content)}", Content_Length=len(content) - 7)


def hang_up(handler: Any, content: bytes, start: int) -> None:
    handler.connection.close()


def circle(handler: Any, content: bytes, start: int) -> None:
    handler.begin(302, Location=handler.path, Content_Length=0)


@pytest.mark.parametrize(
    ("manners", "words"),
    [
        (login_page, "has a file of 6 bytes, not 651,698"),
        (other_range, "gives bytes 7-"),
        (circle, "without end"),
        (lambda handler, content, start: handler.begin(404, Content_Length=0), "HTTP 404"),
        (lambda handler, content, start: handler.begin(503, Content_Length=0), "HTTP 503"),
        (lambda handler, content, start: handler.begin(200, Content_Length="much"), "much"),
        (hang_up, "127.0.0.1"),
    ],
)
def test_why_a_mirror_is_left(manners: Manners, words: str, fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    assert words in refusal(fetch, tmp_path, manners)
    fetch(manners, mirrors.give)


def test_a_wrong_file_is_not_kept(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    manners = lambda handler, content, start: mirrors.give(handler, flip(content), start)  # noqa: E731
    assert "checksum" in refusal(fetch, tmp_path, manners)
    assert list(tmp_path.iterdir()) == []


def test_nobody_listens_there(mirrors: Any, tmp_path: Path):
    url = mirrors.add("gone", mirrors.give)
    mirrors.close()
    with pytest.raises(SourceError, match=r"Connection refused|No connection could be made"):
        fetch_file(described(IMAGES, b"?"), [url], tmp_path, Meter("set", 1, lambda transfer: None))


def test_a_name_that_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceError, match=r"^nowhere.invalid: name not found$"):
        fetch_file(
            described(IMAGES, b"?"), ["http://nowhere.invalid/"], tmp_path, Meter("set", 1, lambda transfer: None)
        )


def test_every_mirror_is_named_with_its_reason(fetch: Callable[..., Any], mirrors: Any, tmp_path: Path):
    said = refusal(fetch, tmp_path, mirrors.refuse, login_page)
    assert said.count("127.0.0.1:") == 2
    assert said.index("HTTP 404") < said.index("has a file of 6 bytes")


@pytest.mark.parametrize("upto", [0, 100_000], ids=["silent", "stalled"])
def test_a_server_that_gives_no_more_is_left_for_another(
    upto: int, fetch: Callable[..., Any], mirrors: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pieces, "PATIENCE_S", 1.0)

    def silent(handler: Any, content: bytes, start: int) -> None:
        handler.wait()

    seen = fetch(mirrors.stall(upto) if upto else silent, mirrors.give)
    assert not mirrors.released.is_set()
    assert mirrors.asked[-1] == ("m1", IMAGES, upto)
    assert len(seen) > 20, "the watcher is asked while nothing comes"


def test_a_server_that_trickles_is_left_too(
    fetch: Callable[..., Any], mirrors: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pieces, "PATIENCE_S", 0.5)

    def trickle(handler: Any, content: bytes, start: int) -> None:
        mirrors.give(handler, content, start, upto=start)
        for at in range(start, len(content)):
            if mirrors.released.wait(0.1):
                break
            handler.wfile.write(content[at : at + 1])

    assert "silent for 0.5 s" in refusal(fetch, tmp_path, trickle)
    assert len(mirrors.asked) == 1


@given(cuts=st.lists(st.integers(pieces.LEAST, 4000), max_size=8), ranges=st.booleans(), size=st.integers(1, 9000))
def test_however_often_it_is_cut_the_file_is_that_file_or_none(
    mirrors_of_all: Any, tmp_path_factory: pytest.TempPathFactory, cuts: list[int], ranges: bool, size: int
):
    content = hashlib.shake_128(bytes(str(size), "ascii")).digest(size)
    mirrors_of_all.contents["file"] = content
    left = iter(cuts)

    def manners(handler: Any, content: bytes, start: int) -> None:
        start = start if ranges else 0
        length = next(left, None)
        mirrors_of_all.give(handler, content, start, None if length is None else start + length)

    folder = tmp_path_factory.mktemp("cut")
    urls = [mirrors_of_all.add("m0", manners)]
    try:
        fetch_file(described("file", content), urls, folder, Meter("set", size, lambda transfer: None))
    except SourceError:
        assert not ranges, "with ranges each connection brings it forward"
        assert not (folder / "file").exists()
    else:
        assert (folder / "file").read_bytes() == content
        assert [path.name for path in folder.iterdir()] == ["file"]
