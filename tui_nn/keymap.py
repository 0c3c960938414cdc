"""Which key does what: the table of actions, with what the user's settings change in it."""

import difflib
import string
from collections.abc import Mapping, Sequence

from textual.keys import Keys, _character_to_key

from tui_nn.actions import actions
from tui_nn.plots import Glyphs

Keymap = Mapping[str, tuple[str, ...]]
"""For each action its keys, the first of which is shown; by the names that Textual gives them."""

CHARACTERS = {_character_to_key(character): character for character in string.punctuation}
NAMES = {key.value.rpartition("+")[2] for key in Keys if not key.value.startswith("<")} | CHARACTERS.keys()
MODIFIERS = {"ctrl", "alt", "shift"}

OTHERWISE = {
    "ctrl+i": "terminals send tab for it",
    "ctrl+m": "terminals send enter for it",
    "ctrl+left_square_bracket": "terminals send escape for it",
    "ctrl+q": "it always leaves",
    **{f"{modifier}+f3": "terminals answer with its code when asked for the cursor" for modifier in MODIFIERS},
}
"""Keys that cannot be given to an action, and why."""

ARROWS = {"up": "↑", "down": "↓", "left": "←", "right": "→"}


def make_keymap(chosen: Mapping[str, str | Sequence[str]]) -> tuple[Keymap, list[str]]:
    """The keys of every action, and a line for each wish that could not be taken or took a key from another action.

    On a screen of its own an action may have a key that means something else on all others. A key that is wished for
    an action of all screens is its alone.
    """
    warnings: list[str] = []
    owners: dict[tuple[str, str], str] = {}
    """By screen and key."""
    given: dict[str, tuple[str, ...]] = {}
    for id, wish in chosen.items():
        if id not in actions():
            near = difflib.get_close_matches(id, actions(), n=1)
            warnings.append(f"keys: unknown action {id!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
            continue
        taken: list[str] = []
        for text in [wish] if isinstance(wish, str) else wish:
            key = key_name(text)
            places = {(screen, key) for screen in actions()[id].places}
            owner = next((owners[place] for place in places if place in owners), "")
            if not text:
                continue
            if not key:
                warnings.append(f"keys: {id} = {text!r}: is no key; keys are such as p, P, ?, f5, space, ctrl+x, up")
            elif key in OTHERWISE:
                warnings.append(f"keys: {id} = {text!r}: {OTHERWISE[key]}; choose another key")
            elif owner:
                warnings.append(f"keys: {written(key)} is given to {owner} and to {id}; {owner} has it")
            else:
                owners.update(dict.fromkeys(places, id))
                taken.append(key)
        # Nothing at all is a wish as well: an action without a key. A wish that was no good is none.
        if taken or not any([wish] if isinstance(wish, str) else wish):
            given[id] = tuple(taken)
    keys: dict[str, tuple[str, ...]] = {}
    for id, item in actions().items():
        takers = {
            key: next((owners[place, key] for place in ("", *item.places) if (place, key) in owners), "")
            for key in item.keys
        }
        keys[id] = given.get(id) if id in given else tuple(key for key, taker in takers.items() if not taker)  # type: ignore[assignment]
        for key, taker in () if id in given else takers.items():
            if taker:
                left = f"keeps {written(keys[id][0])}" if keys[id] else "has no key"
                warnings.append(f"keys: {written(key)} is now {taker}; {id} {left}")
    return keys, warnings


def key_name(text: str) -> str:
    """The name that Textual has for a key as people write it: "?" is question_mark, shift+t is T; "" for no key."""
    *modifiers, last = [text] if len(text) == 1 else text.replace("++", "+plus").split("+")
    modifiers = [modifier.lower() for modifier in modifiers]
    if not set(modifiers) <= MODIFIERS or not last:
        return ""
    if len(last) > 1:
        last = last.lower()
        if last not in NAMES:
            return ""
    elif modifiers == ["shift"] and last.isalpha():
        modifiers, last = [], last.upper()
    else:
        last = _character_to_key(last.lower() if modifiers else last)
    return "+".join([*sorted(modifiers), last])


def written(key: str, glyphs: Glyphs = "ascii") -> str:
    """The key as people write it."""
    modifiers, _, last = key.rpartition("+")
    arrow = "" if glyphs == "ascii" else ARROWS.get(last, "")
    return f"{modifiers}{'+' if modifiers else ''}{arrow or CHARACTERS.get(last, last)}"
