import pytest

from benchmarks.keys import EXITS, KEYS, WAIT, missing
from benchmarks.terminal import key_bytes
from tui_nn.actions import actions

STATUS = " ● training   epoch 3.5/10   step 1,234   0:07 left   61,648 samples/s"
FIRST_PAGE = (
    STATUS,
    " mnist-5k   109,386 parameters",
    "╭─ Loss ───────────╮╭─ Hyperparameters ────────╮",
    "│                  ││▸ learning rate    0.001  │",
    "│                  ││  weight decay     off    │",
    "╰──────────────────╯╰──────────────────────────╯",
)
SECOND_PAGE = (
    STATUS,
    " mnist-5k   109,386 parameters",
    "╭─ Test digit 7 of 1000 ─╮╭─ Weights by layer ───────╮",
    "│                        ││4 Linear(64)  mean -0.005 │",
    "╰────────────────────────╯╰───── 1 of 3 layers, w: next ─╯",
)
PAUSED = STATUS.replace("● training", "‖ paused")

LOOKED_AT = (
    *FIRST_PAGE[:2],
    "╭─ Loss ─────────────────────────────────────────────────────────────────╮",
    "│ step 3k      4k      5k      6k                                        │",
    "╰─ step 5,368   epoch 12.0   smoothed 0.6   0: whole run ────────────────╯",
)

CANVAS = (
    *FIRST_PAGE[:2],
    "╭─ Draw a digit ─────────────────────────────────────╮╭─ As the network sees it ─╮",
    "│                                                    ││                          │",
    "│                                                    │╭─ Read as 1 ──────────────╮",
    "╰─────────────────── pen up 14,13 size 3/5 ─╯╰──────────────────────────╯",
)

ERRORS = (
    *FIRST_PAGE[:2],
    "╭─ Confusion in test, step 1,234: 49 of 1,000 wrong ─╮╭─ Worst mistakes: 49 ─────╮",
    "│                                                    ││                          │",
    "╰────────── 4 read as 9: 12 of 98, 12.2% ────────────╯╰──────────────────────────╯",
)

SLIDERS = (
    *FIRST_PAGE[:2],
    "╭─ Shift, turn, noise ───────────────────────────────╮╭─ Path over the epochs ───╮",
    "│▸ shift right     0   7 7 7 7 7 7 7▸7 7 7 2 2 2 2 2 ││                          │",
    "│  turn          10°   7 7 7 7 7 7 7 7▸7 7 7 7 2 2 2 ││                          │",
    "╰────────────────────────────────── read as 7 98% ───╯╰──────────────────────────╯",
)
RESET = tuple(row.replace("  10°", "   0°") for row in SLIDERS)

CHANGES = {
    "training.pause": [("● training", "‖ paused")],
    "training.step": [(STATUS, PAUSED.replace("1,234", "1,235"))],
    "training.epoch": [(STATUS, PAUSED.replace("3.5", "4.0"))],
    "training.speed": [("109,386 parameters", "slowed: an epoch takes at least 2 s")],
    "training.restart": [("1,234", "0")],
    "training.undo": [("mnist-5k   109,386 parameters", "undone: back from step 1,234 to 1,100")],
    "training.rewind": [("mnist-5k   109,386 parameters", "rewound: back from step 1,234 to 1,000")],
    "training.new": [("─ Loss ───", "─ New run ")],
    "training.preflight": [("─ Loss ─────", "─ Pre-flight")],
    "training.stop": [("● training", "■ done")],
    "training.save": [("mnist-5k   109,386 parameters", "saved runs/x/last-step1234.safetensors")],
    "hyperparameter.previous": [("▸ learning", "  learning"), ("  weight", "▸ weight")],
    "hyperparameter.next": [("▸ learning", "  learning"), ("  weight", "▸ weight")],
    "hyperparameter.raise": [("0.001", "0.002")],
    "hyperparameter.lower": [("0.001", "off  ")],
    "hyperparameter.type": [("│                  │", "enter sets it  escape leaves it")],
    "digit.next": [("digit 7", "digit 8")],
    "digit.previous": [("digit 7", "digit 6")],
    "digit.random": [("digit 7", "digit 77")],
    "digit.mistake": [("digit 7", "digit 9")],
    "draw.open": [("─ Loss ───────────", "─ Draw a digit ───")],
    "draw.pen": [("pen up", "pen down")],
    "draw.left": [("14,13", "13,13")],
    "draw.right": [("14,13", "15,13")],
    "draw.up": [("14,13", "14,12")],
    "draw.down": [("14,13", "14,14")],
    "draw.erase": [("─── pen up", " eraser up")],
    "draw.thicker": [("size 3", "size 4")],
    "draw.thinner": [("size 3", "size 2")],
    "draw.wide": [("Draw a digit", "Draw a number")],
    "draw.label": [("│                          │", "What is it really?")],
    "draw.save": [("109,386 parameters", "saved as 001-drawing.png in runs/x/drawings")],
    "draw.load": [("│                          │", "enter opens   backspace goes up")],
    "draw.clear": [("Read as 1 ", "Read as ──")],
    "draw.undo": [("Read as 1 ", "Read as ──")],
    "health.remedy": [("weight decay     off", "no verdict to be remedied")],
    "health.next": [("weight decay     off", "no verdict to choose")],
    "boundary.open": [("weight decay     off", "mnist-5k has no plane to show")],
    "boundary.points": [("│                  │", "│at step 1,234 ")],
    "boundary.units": [("│                  │", "│at step 1,234 ")],
    "boundary.back": [("│                  │", "│at step 1,234 ")],
    "layers.open": [("─ Loss ───", "─ Layers ─")],
    "layers.before": [("▸ learning", "▸ 4 Linear")],
    "errors.open": [("─ Loss ───────", "─ Confusion ──")],
    "errors.left": [("4 read as 9", "4 read as 8")],
    "errors.down": [("4 read as 9", "5 read as 9")],
    "errors.up": [("4 read as 9", "3 read as 9")],
    "errors.right": [("4 read as 9", "4 read as 0")],
    "errors.split": [("in test", "in train")],
    "errors.inside": [("─ Confusion in test, step", "─ Shift, turn, noise ─── ")],
    "inside.open": [("─ Loss ───────────", "─ Shift, turn, noise ─")],
    "inside.previous": [("▸ shift", "  shift"), ("│  turn", "│▸ turn")],
    "inside.next": [("▸ shift", "  shift"), ("│  turn", "│▸ turn")],
    "inside.more": [("  10°", "  20°")],
    "inside.less": [("  10°", "   0°")],
    "inside.reset": [("  10°", "   0°")],
    "plot.earlier": [("step 5,368", "step 4,999")],
    "plot.later": [("step 5,368", "step 6,000")],
    "plot.uncursor": [("step 5,368   epoch 12.0", "log scale")],
    "plot.closer": [("╰──────────────────╯", "╰─ 0: whole run ──╯")],
    "plot.wider": [("step 3k      4k      5k      6k", "step 0       2k      4k      6k")],
    "plot.whole": [("   0: whole run", "")],
    "plot.smooth": [("smoothed 0.6", "smoothed 0.9")],
    "plot.before": [("│                  │", "│   ╍ before 0.1   │")],
    "view.next": [("╭─ Loss ───────────╮", "╔═ Loss ═══════════╗")],
    "view.previous": [("╭─ Hyperparameters ────────╮", "╔═ Hyperparameters ════════╗")],
    "view.zoom": [("╭─ Loss ───────────╮╭─ Hyperparameters ────────╮", "╔═ Loss ═════════════════════════╗")],
    "view.plot": [("╭─ Loss ───────────╮", "╭─ Learning rate ──╮")],
    "view.page": [("─ Test digit 7 of 1000 ─", "─ Loss ─")],
    "view.scale": [("╰──────────────────╯", "╰───── log scale ──╯")],
    "view.layer": [("4 Linear(64)", "6 Linear(10)")],
    "view.screenshot": [("weight decay     off", "saved tui-nn-20260101-120000.svg")],
    "view.theme": [("weight decay     off", "theme: light")],
    "view.glyphs": [("╭─ Loss ───────────╮", "┌─ Loss ───────────┐")],
    "view.log": [("─ Loss ─", "─ Log ──")],
    "app.suspend": [("weight decay     off", "no shell to go back to")],
    "view.help": [("Loss", "Help")],
    "app.palette": [("Loss", "Search for commands…")],
}


def test_every_action_has_a_predicate_and_every_predicate_an_action():
    assert missing(set(actions())) == []
    assert CHANGES.keys() == KEYS.keys()


def test_an_action_without_a_predicate_is_named():
    ids = set(actions())
    assert missing(ids | {"view.none"}) == ["no predicate for action view.none"]
    assert missing(ids - {"view.help"}) == ["a predicate for view.help, which is no action"]


def test_every_key_has_bytes_of_its_own():
    keys = {key for item in actions().values() for key in item.keys}
    assert len({key_bytes(key) for key in keys}) == len(keys)


@pytest.mark.parametrize(("key", "data"), [("space", b" "), ("s", b"s"), ("ctrl+s", b"\x13"), ("up", b"\x1b[A")])
def test_bytes_of_a_key(key: str, data: bytes):
    assert key_bytes(key) == data


@pytest.mark.parametrize("key", ["nonsense", "alt+x", ""])
def test_a_key_without_bytes_is_an_error_that_names_it(key: str):
    with pytest.raises(ValueError, match=repr(key).replace("+", r"\+")):
        key_bytes(key)


@pytest.mark.parametrize("id", KEYS)
def test_a_predicate_holds_for_the_changed_screen_and_not_before(id: str):
    before = SECOND_PAGE if id.startswith("digit") or id in ("view.page", "view.layer") else FIRST_PAGE
    if id in ("plot.earlier", "plot.later", "plot.uncursor", "plot.wider", "plot.whole", "plot.smooth"):
        before = LOOKED_AT
    if id.startswith("draw") and id != "draw.open":
        before = CANVAS
    if id.startswith("errors") and id != "errors.open":
        before = ERRORS
    if id.startswith("inside") and id != "inside.open":
        before = SLIDERS
    after = "\n".join(before)
    for old, new in CHANGES[id]:
        assert old in after
        after = after.replace(old, new, 1)
    answered = KEYS[id].answered
    assert not answered(before, before)
    assert answered(before, tuple(after.split("\n")))


@pytest.mark.parametrize(
    ("id", "view", "nearer"),
    [
        ("training.pause", FIRST_PAGE, None),
        ("training.pause", (PAUSED, *FIRST_PAGE[1:]), "training.pause"),
        ("training.step", FIRST_PAGE, "training.pause"),
        ("training.step", (PAUSED, *FIRST_PAGE[1:]), None),
        ("digit.next", FIRST_PAGE, "view.page"),
        ("digit.next", SECOND_PAGE, None),
        ("view.scale", SECOND_PAGE, "view.page"),
        ("hyperparameter.raise", FIRST_PAGE, None),
        ("hyperparameter.lower", FIRST_PAGE, "hyperparameter.raise"),
        ("plot.later", FIRST_PAGE, "plot.earlier"),
        ("plot.later", LOOKED_AT, None),
        ("plot.wider", FIRST_PAGE, "plot.closer"),
        ("plot.closer", LOOKED_AT, "plot.whole"),
        ("plot.smooth", SECOND_PAGE, "view.page"),
        ("view.help", (*FIRST_PAGE, "escape closes"), "escape"),
        ("view.help", CANVAS, "draw.open"),
        ("draw.open", FIRST_PAGE, None),
        ("errors.left", FIRST_PAGE, "errors.open"),
        ("errors.left", ERRORS, None),
        ("errors.left", tuple(row.replace(" in test, step 1,234: 49 of 1,000 wrong", "") for row in ERRORS), WAIT),
        ("training.pause", ERRORS, "escape"),
        ("inside.next", FIRST_PAGE, "inside.open"),
        ("inside.next", SLIDERS, None),
        ("inside.more", SLIDERS, "inside.reset"),
        ("inside.more", RESET, None),
        ("inside.less", RESET, "inside.more"),
        ("inside.reset", SLIDERS, None),
        ("training.pause", SLIDERS, "escape"),
        ("draw.pen", FIRST_PAGE, "draw.open"),
        ("draw.pen", CANVAS, None),
        ("draw.left", CANVAS, None),
        ("draw.left", (*CANVAS[:-1], CANVAS[-1].replace("14,13", "2,13")), "draw.right"),
        ("draw.up", (*CANVAS[:-1], CANVAS[-1].replace("pen up 14,13 ", "pen ")), "draw.pen"),
        ("draw.thicker", (*CANVAS[:-1], CANVAS[-1].replace("size 3", "size 5")), "draw.thinner"),
        ("draw.undo", CANVAS, None),
        ("draw.undo", (*CANVAS[:-2], CANVAS[-2].replace("as 1 ", "as ──"), CANVAS[-1]), "draw.pen"),
    ],
)
def test_the_way_to_a_screen_that_is_ready(id: str, view: tuple[str, ...], nearer: str | None):
    assert KEYS[id].ready(view) == nearer


def test_what_has_no_effect_on_a_large_terminal_is_left_out():
    both = (*FIRST_PAGE, *SECOND_PAGE[2:])
    assert KEYS["view.page"].applies(SECOND_PAGE)
    assert not KEYS["view.page"].applies(both)
    assert KEYS["view.layer"].applies(SECOND_PAGE)
    assert not KEYS["view.layer"].applies(FIRST_PAGE)


def test_the_keys_that_end_the_program_are_timed_apart():
    assert not EXITS.keys() & KEYS.keys()
