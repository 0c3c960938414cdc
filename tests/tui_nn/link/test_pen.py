"""Colour codes: what is sent says what is meant, in no more characters than beginning anew."""

from hypothesis import given
from hypothesis import strategies as st

from tui_nn.link.pen import ATTRIBUTES, PLAIN, Pen, Pens, after, change

COLOURS = st.sampled_from(["", "31", "97", "38;5;111", "38;2;1;2;3"])
GROUNDS = st.sampled_from(["", "41", "107", "48;5;111", "48;2;1;2;3"])
PENS = st.builds(Pen, COLOURS, GROUNDS, st.frozensets(st.sampled_from(sorted(ATTRIBUTES)), max_size=4))


def parameters(sequence: str) -> str:
    return sequence.removeprefix("\x1b[").removesuffix("m")


@given(old=PENS, new=PENS)
def test_a_change_makes_the_old_pen_the_new_one(old: Pen, new: Pen):
    sequence = change(old, new)
    assert len(sequence) <= len(change(None, new))
    assert (after(old, parameters(sequence)) if sequence else old) == new
    assert after(old, parameters(change(None, new))) == new


def test_the_shortest_way_is_taken():
    assert change(Pen("31", "44"), Pen("32", "44")) == "\x1b[32m"
    assert change(Pen("31", "44", frozenset({1, 4})), PLAIN) == "\x1b[m"
    # Bold and faint end together: the one that stays is begun again.
    assert change(Pen("31", "", frozenset({1, 2})), Pen("31", "", frozenset({1}))) == "\x1b[22;1m"


def test_what_is_not_understood_is_none():
    assert after(PLAIN, "38;2;1;2") is None
    assert after(PLAIN, "38;7;1") is None
    assert after(PLAIN, "4:3") is None
    assert after(PLAIN, "10") is None


def test_pens_have_numbers_and_blanks_their_own():
    pens = Pens()
    numbers = [pens.number(Pen("31", f"48;5;{ground}", frozenset({1}))) for ground in range(200)]
    assert len(set(numbers)) == 200
    for ground, number in enumerate(numbers):
        assert pens[pens.on_blank[number]] == Pen("", f"48;5;{ground}", frozenset())
    underlined = pens.number(Pen("31", "", frozenset({4})))
    assert pens.on_blank[underlined] == underlined
