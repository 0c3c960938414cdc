from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_nn.actions import actions
from tui_nn.keymap import NAMES, key_name, make_keymap, written

USUAL = {id: item.keys for id, item in actions().items()}


def test_the_documents_list_every_action_with_its_keys():
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    for id, item in actions().items():
        keys = " ".join(f"`{written(key, 'braille')}`" for key in item.keys)
        assert f"| `{id}` | {keys} | {item.help} |" in text


def test_without_wishes_all_is_as_usual():
    assert make_keymap({}) == (USUAL, [])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("p", "p"),
        ("P", "P"),
        ("shift+p", "P"),
        ("?", "question_mark"),
        ("+", "plus"),
        ("-", "minus"),
        (",", "comma"),
        ("ctrl+S", "ctrl+s"),
        ("Ctrl+s", "ctrl+s"),
        ("ctrl++", "ctrl+plus"),
        ("F5", "f5"),
        ("space", "space"),
        ("PageUp", "pageup"),
        ("shift+tab", "shift+tab"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("hyper+x", ""),
        ("spaec", ""),
        ("ab", ""),
        ("", ""),
        ("ctrl+", ""),
    ],
)
def test_keys_are_written_as_people_write_them(text: str, name: str):
    assert key_name(text) == name


@given(st.sampled_from(sorted(NAMES)) | st.characters(min_codepoint=33, max_codepoint=126))
def test_what_is_written_is_the_key_again(text: str):
    name = key_name(text)
    assert name
    assert key_name(written(name)) == name


@given(st.text(max_size=12))
def test_any_text_is_a_key_or_none(text: str):
    assert isinstance(key_name(text), str)


def test_a_wish_takes_the_key_and_says_from_which_action():
    keys, (warning,) = make_keymap({"training.pause": "p"})
    assert keys["training.pause"] == ("p",)
    assert keys["digit.previous"] == ()
    assert warning == "keys: p is now training.pause; digit.previous has no key"


def test_an_action_with_other_keys_keeps_them():
    keys, (warning,) = make_keymap({"training.pause": "pagedown"})
    assert keys["boundary.units"] == ("full_stop",)
    assert warning.endswith("boundary.units keeps .")


def test_two_actions_may_change_places_without_a_word():
    keys, warnings = make_keymap({"training.pause": ["p", "f5"], "digit.previous": "space"})
    assert (keys["training.pause"], keys["digit.previous"]) == (("p", "f5"), ("space",))
    assert warnings == []


def test_a_key_that_is_given_twice_stays_with_the_first():
    keys, (warning,) = make_keymap({"training.pause": "f5", "training.step": "f5"})
    assert keys["training.pause"] == ("f5",)
    assert keys["training.step"] == USUAL["training.step"]
    assert warning == "keys: f5 is given to training.pause and to training.step; training.pause has it"


def test_an_action_may_have_no_key():
    for wish in ("", []):
        keys, warnings = make_keymap({"training.restart": wish})
        assert (keys["training.restart"], warnings) == ((), [])


@pytest.mark.parametrize(
    ("id", "key", "words"),
    [
        ("training.puase", "p", ["unknown action 'training.puase'", "did you mean 'training.pause'"]),
        ("zzz", "p", ["unknown action 'zzz'"]),
        ("training.pause", "spaec", ["training.pause = 'spaec'", "is no key"]),
        ("training.pause", "ctrl+i", ["tab"]),
        ("training.pause", "ctrl+m", ["enter"]),
        ("training.pause", "ctrl+q", ["always leaves"]),
        ("training.pause", "shift+f3", ["cursor"]),
    ],
)
def test_what_cannot_be_is_told_and_nothing_changes(id: str, key: str, words: list[str]):
    keys, (warning,) = make_keymap({id: key})
    assert keys == USUAL
    assert all(word in warning for word in words)


@given(
    st.dictionaries(st.sampled_from(sorted(USUAL)), st.sampled_from(["p", "q", "f5", "space", "up", "X", "", "nokey"]))
)
def test_whatever_is_wished_no_key_does_two_things_on_a_screen(wishes: dict[str, str]):
    keys, _ = make_keymap(wishes)
    assert keys.keys() == USUAL.keys()
    every = [(place, key) for id, found in keys.items() for place in actions()[id].places for key in found]
    assert len(every) == len(set(every))


def test_a_screen_may_have_a_key_of_its_own_that_does_something_else_on_all_others():
    assert USUAL["draw.pen"] == USUAL["training.pause"] == ("space",)
    keys, warnings = make_keymap({"draw.undo": "f"})
    assert (keys["draw.undo"], keys["training.speed"]) == (("f",), ("f",))
    assert warnings == []
    keys, (warning,) = make_keymap({"draw.undo": "e"})
    assert (keys["draw.undo"], keys["draw.erase"], keys["training.epoch"]) == (("e",), (), ("e",))
    assert warning == "keys: e is now draw.undo; draw.erase has no key"


def test_a_key_that_is_wished_for_all_screens_is_so_on_all():
    keys, (warning,) = make_keymap({"training.speed": "u"})
    assert (keys["training.speed"], keys["draw.undo"]) == (("u",), ())
    assert warning == "keys: u is now training.speed; draw.undo has no key"
