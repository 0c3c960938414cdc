import threading
from contextlib import closing
from typing import Any

from engine.downloads import pieces
from engine.downloads.pieces import AHEAD, PIECE

JOIN_S = 30
"""How long a thread may take to end, which it does at once."""


def reader(url: str) -> threading.Thread:
    return next(thread for thread in threading.enumerate() if thread.name == f"download {url}")


def test_a_thread_that_reads_for_nobody_ends(mirrors_of_all: Any):
    size = 2 * AHEAD * PIECE
    mirrors_of_all.contents["large"] = bytes(size)
    url = mirrors_of_all.add("whole", mirrors_of_all.give) + "large"
    with closing(pieces.pieces(url, 0, size)) as coming:
        assert any(data for _, data in coming)
        thread = reader(url)
    thread.join(JOIN_S)
    assert not thread.is_alive()


def test_each_piece_knows_its_place(mirrors_of_all: Any):
    content = bytes(range(256)) * 1000
    mirrors_of_all.contents["numbers"] = content
    url = mirrors_of_all.add("whole", mirrors_of_all.give) + "numbers"
    whole = bytearray(len(content))
    for offset, data in pieces.pieces(url, 300, len(content)):
        assert len(data) <= PIECE
        whole[offset : offset + len(data)] = data
    assert whole[300:] == content[300:]
    assert not any(whole[:300])
