"""Colour codes: what is sent says what is meant, in no more characters than beginning anew."""

from hypothesis import given
from hypothesis import strategies as st

from tui_nn.link.pen import ATTRIBUTES, PLAIN, RESETS, Pen, Pens, after, change

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


@given(pens=st.lists(PENS, min_size=2, max_size=5), data=st.data())
def test_codes_in_a_row_are_as_one_after_the_other(pens: list[Pen], data: st.DataObject):
    whole = [data.draw(st.booleans()) for _ in pens[1:]]
    codes = [change(None if begins else old, new) for begins, old, new in zip(whole, pens, pens[1:], strict=False)]
    row, known = "".join(codes), Pens()
    if row:
        found = known.after(known.number(pens[0]), row)
        assert found is not None
        assert known[found] == pens[-1]


def test_a_code_in_a_row_that_is_not_understood_makes_all_of_it_so():
    pens = Pens()
    assert pens.after(pens.plain, "\x1b[31m\x1b[4:3m\x1b[32m") is None


def test_what_begins_anew_says_so():
    for code in ("\x1b[m", "\x1b[0m", "\x1b[;1m", "\x1b[0;1m"):
        assert code.startswith(RESETS)
        assert after(Pen("31", "44"), parameters(code)) == after(PLAIN, parameters(code))
