"""What is sent leaves the terminal as what was written would have left it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui_nn.link.terminal import Terminal
from tui_nn.link.screen import Screen

WIDTH, HEIGHT = 24, 6


class Resize(NamedTuple):
    width: int
    height: int


class Frame(NamedTuple):
    """A frame is sent, of that many bytes at most, or the urgent part alone."""

    limit: int | None
    only_urgent: bool


class Lose(NamedTuple):
    """Nothing is known of the terminal any more."""


COLOURS = ["31", "97", "38;5;111", "38;2;122;162;247"], ["44", "103", "48;5;17", "48;2;22;24;31", "48;2;22;24;32"]
EITHER = [[*fore, *back] for fore in ([], *([c] for c in COLOURS[0])) for back in ([], *([c] for c in COLOURS[1]))]


def pens(starts: tuple[str, ...] = ("", "0", "22", "23", "24", "27", "39", "49")) -> st.SearchStrategy[str]:
    """SGR in its forms: begun anew, as Rich does it, or changed, attributes and colours in any order."""
    attributes = st.lists(st.sampled_from(["1", "3", "4", "7", "9"]), max_size=2)
    parts = st.tuples(st.sampled_from(starts), attributes, st.sampled_from(EITHER))
    return parts.map(lambda part: f"\x1b[{';'.join([part[0], *part[1], *part[2]]).removeprefix(';')}m")


def go(x: st.SearchStrategy[int], y: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    return st.builds(lambda x, y, final: f"\x1b[{y + 1};{x + 1}{final}", x, y, st.sampled_from("Hf"))


NARROW = st.text("ab  ─│⠀⡇⣿é…×", min_size=1, max_size=12)
WIDE = st.lists(st.sampled_from(["漢", "字", "ab", "  ", "⣿⡇", "e\u0301x"]), min_size=1, max_size=3).map("".join)
QUIET = st.sampled_from(
    ["\x1b[?25l", "\x1b[?2026h", "\x1b[?2026l", "\x07", "\x1b[?2026$p", "\x1b[?1000h", "\x1b]0;t\x07"]
)
UNKNOWN = st.sampled_from(["\x1b[L", "\x1b[2P", "\x1b7", "\x1b8", "\x1bM", "\x1b[@"])
EVEN = st.integers(0, WIDTH // 2 - 1).map(lambda half: 2 * half)
ROWS = st.integers(0, HEIGHT - 1)


@st.composite
def narrow_parts(draw: st.DrawFn) -> str:
    """Text and all commands, anywhere."""
    here = go(st.integers(0, WIDTH - 1), ROWS)
    steps = st.builds(
        lambda count, final: f"\x1b[{count}{final}", st.sampled_from(["", 1, 3]), st.sampled_from("ABCDEFGd")
    )
    erase = st.builds(
        lambda count, final: f"\x1b[0;48;5;17m\x1b[{count}{final}",
        st.sampled_from(["", 0, 1, 2]),
        st.sampled_from("JKX"),
    )
    # A terminal that wraps and one that does not differ in where they are after the last column: from there one goes.
    moved = st.builds(
        lambda place, way: place + way, here, steps | st.sampled_from(["\r", "\b", "\r\n"]) | erase | UNKNOWN
    )
    return draw(here | moved | pens() | NARROW | NARROW | QUIET)


@st.composite
def wide_parts(draw: st.DrawFn) -> str:
    """Characters of two cells, never written over by half: how that looks is each terminal's own affair."""
    here = go(EVEN, ROWS)
    # None beyond the last column, either: where such a character goes differs as well.
    text = st.builds(
        lambda *parts: "".join(parts), go(EVEN.filter(lambda x: x <= WIDTH - 12), ROWS), WIDE, pens(), WIDE
    )
    erased = st.builds(lambda place, count: f"{place}\x1b[0;48;5;17m\x1b[{count}X", here, st.sampled_from([2, 4, 12]))
    return draw(text | text | pens() | QUIET | erased)


def writes(parts: st.SearchStrategy[str], widths: st.SearchStrategy[int]) -> st.SearchStrategy[list[Any]]:
    """A session: what is written, in pieces cut anywhere, frames between them, and other things that happen."""
    write = st.lists(parts, min_size=1, max_size=12).map("".join)
    frame = st.builds(Frame, st.none() | st.integers(1, 200), st.booleans())
    resize = st.builds(Resize, widths, st.integers(3, 8))
    return st.lists(write | write | frame | resize | st.just(Lose()), max_size=20)


def whole(width: int, height: int, text: str) -> str:
    """All cells, as a program writes them after a new size."""
    return "".join(f"\x1b[{y + 1};1H\x1b[0;38;5;111;48;2;22;24;31m{text * width}" for y in range(height))


def play(session: list[Any], cuts: Callable[[str], list[str]]) -> None:
    """Both terminals are sent the same session, one through the link."""
    direct, linked = Terminal(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT)
    screen = Screen(WIDTH, HEIGHT)

    def write(text: str, urgent: bool) -> None:
        direct.feed(text)
        for piece in cuts(text):
            screen.write(piece, urgent=urgent)

    write("\x1b[0m\x1b[1;1H", True)
    for number, item in enumerate(session):
        match item:
            case Frame(limit, only_urgent):
                linked.feed(screen.frame(limit, only_urgent=only_urgent))
            case Resize(width, height):
                for terminal in (direct, linked):
                    terminal.resize(width, height)
                screen.start(width, height)
                write(whole(width, height, "─"), True)
            case Lose():
                screen.lose()
            case str():
                write(item, number % 3 == 0)
    for limit in [50] * 40 + [None]:
        linked.feed(screen.frame(limit))
    assert not screen.waiting
    assert screen.frame() == ""
    assert linked.cells() == direct.cells()


@settings(max_examples=100, deadline=None)
@given(session=writes(narrow_parts(), st.integers(8, 30)), data=st.data())
def test_the_terminal_shows_what_was_written(session: list[Any], data: st.DataObject):
    def cuts(text: str) -> list[str]:
        ends = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=2)))
        return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]

    play(session, cuts)


@settings(max_examples=50, deadline=None)
@given(session=writes(wide_parts(), st.just(WIDTH)))
def test_wide_characters_stand_where_they_were_written(session: list[Any]):
    play(session, lambda text: [text])


def test_half_a_wide_character_is_none():
    screen, terminal = Screen(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT)
    for text in ("\x1b[0m\x1b[1;1H漢字漢字", "\x1b[1;2Hx", "\x1b[1;5Hy", "\x1b[1;7H字"):
        screen.write(text)
        terminal.feed(screen.frame())
    assert terminal.screen.display[0].rstrip() == " x字y 字"


def test_a_blank_is_sent_only_where_it_is_seen():
    screen = Screen(WIDTH, HEIGHT)
    screen.write("\x1b[0;31;44m\x1b[1;1Habc   ")
    screen.frame()
    screen.write("\x1b[0;1;32;44m\x1b[1;4H   ")
    assert screen.frame() == ""
    screen.write("\x1b[0;4;32;44m\x1b[1;4H   ")
    assert screen.frame().endswith("   ")


def test_a_colour_is_set_once_a_frame():
    screen = Screen(WIDTH, HEIGHT)
    screen.write("".join(f"\x1b[{y + 1};1H\x1b[0;31ma\x1b[0;32mb\x1b[0;31mc" for y in range(HEIGHT)))
    frame = screen.frame()
    assert frame.count("31") == frame.count("32") == 1


def test_an_urgent_cell_does_not_wait_for_the_others():
    screen = Screen(WIDTH, HEIGHT)
    screen.write("\x1b[1;1H\x1b[0mplot", urgent=False)
    screen.write("\x1b[2;1Hkey", urgent=True)
    assert screen.hurried
    frame = screen.frame(only_urgent=True)
    assert "key" in frame
    assert "plot" not in frame
    assert not screen.hurried
    assert screen.waiting
    assert "plot" in screen.frame()


def test_what_is_no_character_is_a_question_mark():
    screen = Screen(WIDTH, HEIGHT)
    screen.write("\x1b[H\x1b[0ma\udcffb")
    assert "a?b" in screen.frame()


def test_a_cell_that_must_wait_is_not_written_with_its_neighbours():
    screen, terminal = Screen(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT)
    screen.write("\x1b[0m\x1b[1;1Habc")
    terminal.feed(screen.frame())
    screen.write("\x1b[1;2Hx", urgent=False)
    screen.write("\x1b[1;1HA\x1b[1;3HC", urgent=True)
    terminal.feed(screen.frame(only_urgent=True))
    screen.write("\x1b[1;2Hb", urgent=False)
    terminal.feed(screen.frame())
    assert terminal.screen.display[0].rstrip() == "AbC"


def test_a_wide_character_comes_back_whole():
    screen, terminal = Screen(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT)
    screen.write("\x1b[0m\x1b[1;1H漢")
    terminal.feed(screen.frame())
    screen.write("\x1b[1;2Hx", urgent=True)
    terminal.feed(screen.frame(only_urgent=True))
    screen.write("\x1b[1;1H漢", urgent=False)
    terminal.feed(screen.frame())
    assert [terminal.screen.buffer[0][x].data for x in (0, 1)] == ["漢", ""]


def test_long_blanks_are_erased_and_nothing_else():
    screen, terminal = Screen(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT)
    screen.write(f"\x1b[0;44m\x1b[1;1H{'x' * WIDTH}")
    terminal.feed(screen.frame())
    screen.write(f"\x1b[1;3H{' ' * 14}")
    frame = screen.frame()
    terminal.feed(frame)
    assert frame.endswith("\x1b[14X")
    assert terminal.screen.display[0] == f"xx{' ' * 14}{'x' * 8}"
    screen.write(f"\x1b[1;20H{' ' * 5}")
    frame = screen.frame()
    terminal.feed(frame)
    assert frame.endswith("\x1b[K")
    assert terminal.screen.display[0] == f"xx{' ' * 14}xxx{' ' * 5}"
    assert {cell.bg for cell in terminal.screen.buffer[0].values()} == {"blue"}
    # A terminal that erases in its own colour gets blanks.
    screen = Screen(WIDTH, HEIGHT, erases=False)
    screen.write(f"\x1b[0;44m\x1b[1;1H{' ' * WIDTH}")
    assert screen.frame().endswith(" " * WIDTH)


def test_of_a_long_answer_the_latest_rows_come_first_and_then_all():
    screen, terminal = Screen(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT)
    screen.write("\x1b[0m" + "".join(f"\x1b[{y + 1};1H{chr(97 + y) * WIDTH}" for y in range(HEIGHT)))
    terminal.feed(screen.frame(WIDTH))
    assert "a" * WIDTH in terminal.screen.display
    screen.write(f"\x1b[{HEIGHT};1H{'z' * WIDTH}")
    terminal.feed(screen.frame(WIDTH))
    assert terminal.screen.display[-1] == "z" * WIDTH
    assert terminal.screen.display[1].strip() == ""
    while screen.waiting:
        terminal.feed(screen.frame(WIDTH))
    assert terminal.screen.display == [*(chr(97 + y) * WIDTH for y in range(HEIGHT - 1)), "z" * WIDTH]


def test_of_a_long_answer_words_come_before_pictures():
    screen, terminal = Screen(WIDTH, HEIGHT), Terminal(WIDTH, HEIGHT)
    screen.write("\x1b[0m" + "".join(f"\x1b[{y + 1};1H{'.' * WIDTH}" for y in range(HEIGHT)))
    while screen.waiting:
        terminal.feed(screen.frame())
    # Some words, and then above them a picture, a bar, a plot and a heat map, each cell of a colour of its own.
    screen.write(f"\x1b[0m\x1b[{HEIGHT};1H{'words'.ljust(WIDTH)}")
    for y, cell in enumerate("▀█⣿ "):
        cells = "".join(f"\x1b[0;48;2;{x};{y};7m{cell}" for x in range(WIDTH))
        screen.write(f"\x1b[0m\x1b[{y + 1};1H{cells}")
    terminal.feed(screen.frame(100))
    assert terminal.screen.display[-1].strip() == "words"
    assert terminal.screen.display[:4].count("." * WIDTH) >= 2
    # The words go on changing, and the pictures come all the same.
    for number in range(50):
        screen.write(f"\x1b[0m\x1b[{HEIGHT};1H{f'words {number}'.ljust(WIDTH)}")
        terminal.feed(screen.frame(100))
        assert terminal.screen.display[-1].strip() == f"words {number}"
    assert terminal.screen.display[:3] == [cell * WIDTH for cell in "▀█⣿"]
    assert {cell.bg for cell in terminal.screen.buffer[3].values()} == {f"{x:02x}0307" for x in range(WIDTH)}


def test_the_cursor_ends_where_it_was_put():
    screen = Screen(20, 5)
    screen.write("\x1b[H\x1b[0m\x1b[2J")
    screen.frame()
    screen.write("\x1b[2;3H\x1b[0mabc\x1b[4;10H")
    assert screen.frame() == "\x1b[2;3Habc\x1b[4;10H"
