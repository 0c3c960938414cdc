"""What is written, cut into its parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.link.tokens import Tokens

PARTS = [
    ("\x1b[0;38;2;1;2;3m", "pen"), ("\x1b[m", "pen"), ("some text ⣿", "text"), ("\x1b[12;7H", "column"),
    ("\x1b[?2026h", "frame"), ("\x1b[?25l", "switch"), ("\x1b[K", "final"), ("\x1b[13X", "final"), ("\r", "control"),
    ("\x07", "aside"), ("\x1b]52;c;AAAA\x07", "aside"), ("\x1b]0;title\x1b\\", "aside"), ("\x1b[>25u", "aside"),
    ("\x1b[?2026$p", "aside"), ("\x1b]8;;http://x\x1b\\", "other"), ("\x1b[3L", "other"), ("\x1b7", "other"),
    ("\x1bPq#0\x1b\\", "other"), ("\x1b[12;7r", "other"), ("\x1b(B", "other"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "kind"), PARTS, ids=repr)
def test_each_part_has_its_kind(part: str, kind: str):
    assert [(token[0], token.lastgroup) for token in Tokens().cut(part)] == [(part, kind)]


@given(parts=st.lists(st.sampled_from(PARTS), max_size=8), data=st.data())
def test_a_sequence_may_be_cut_anywhere(parts: list[tuple[str, str]], data: st.DataObject):
    text = "".join(part for part, _ in parts)
    ends = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=3)))
    tokens, found = Tokens(), []
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        found += [(token[0], token.lastgroup) for token in tokens.cut(text[start:end])]
    assert "".join(part for part, _ in found) == text
    assert _apart(found) == _apart(parts)


def _apart(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without text, which is cut as it comes; so are pens in a row."""
    pens = [(f"{code}m", kind) for part, kind in parts if kind == "pen" for code in part[:-1].split("m")]
    return pens + [part for part in parts if part[1] not in ("pen", "text")]


def test_pens_in_a_row_are_one_part():
    codes = "\x1b[0m\x1b[1;38;2;1;2;3m"
    assert [(token[0], token.lastgroup) for token in Tokens().cut(f"{codes}x")] == [(codes, "pen"), ("x", "text")]
