"""The whole screen on terminals of few characters, few colours, and with keys of the user's own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from textual.command import CommandPalette

from tui_nn.glyphs import BLOCKS
from tui_nn.settings import Settings

OpenApp = Callable[..., Any]

SIZES = [(60, 20), (80, 24), (120, 40)]
SPIRAL = {"dataset": "spiral", "model": "Linear(8), Tanh, Linear(outputs)"}


async def pages(ui: Any) -> list[str]:
    """Every page and box that there is, one after the other, as text."""
    found: list[str] = []

    async def see(until: Callable[[], Any], leave: str = "escape") -> None:
        await ui.until(until)
        found.append(ui.screen_text())
        if leave:
            await ui.press(leave)
            await ui.until(lambda: ui.app.screen in (ui.app.dashboard, ui.app.boundary))

    await ui.until(lambda: len(ui.run.train_loss) > 3)
    await see(lambda: "train" in ui.screen_text(), leave="")
    await ui.press("v")
    await see(lambda: True, leave="")
    await ui.press("z")
    await see(lambda: True, leave="z")
    await ui.press("question_mark")
    await see(lambda: "closes" in ui.screen_text())
    await ui.press("enter")
    await see(lambda: "enter sets it" in ui.screen_text())
    await ui.press("L")
    await see(lambda: "has been printed" in ui.screen_text())
    await ui.press("ctrl+p")
    await see(lambda: isinstance(ui.app.screen, CommandPalette) and "Pause, or go on" in ui.screen_text())
    await ui.press("m", "b")
    await see(lambda: True, leave="")
    return found


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_in_ascii_there_is_nothing_but_ascii(size: tuple[int, int], open_app: OpenApp):
    async with open_app(size=size, likes=Settings(glyphs="ascii")) as ui:
        for text in await pages(ui):
            others = sorted(set(text) - set(map(chr, range(32, 127))) - {"\n"})
            assert not others, f"{others} in\n{text}"


@pytest.mark.parametrize("glyphs", ["block", "ascii"])
async def test_the_plane_as_well(glyphs: str, open_app: OpenApp):
    async with open_app(likes=Settings(glyphs=glyphs), **SPIRAL) as ui:
        await ui.press("b")
        await ui.until(lambda: "at step" in ui.screen_text() and "Layer 1" in ui.screen_text())
        allowed = set(map(chr, range(32, 127))) | {"\n"} | (set(BLOCKS) if glyphs == "block" else set())
        assert set(ui.screen_text()) <= allowed, sorted(set(ui.screen_text()) - allowed)


@pytest.mark.parametrize("depth", ["truecolor", "none"])
@pytest.mark.parametrize("glyphs", ["block", "ascii"])
async def test_and_the_canvas(glyphs: str, depth: str, open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    if depth == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    allowed = set(map(chr, range(32, 127))) | {"\n"} | (set(BLOCKS) if glyphs == "block" else set())
    async with open_app(likes=Settings(glyphs=glyphs)) as ui:
        await ui.press("D", "w")
        await ui.until(lambda: "or with" in ui.screen_text())
        assert set(ui.screen_text()) <= allowed
        for _ in range(2):
            await ui.press(*["up"] * 9, "space", *["down"] * 18, "space", *["up"] * 9, *["right"] * 20)
        await ui.until(lambda: ui.run.drawing and len(ui.run.drawing.digits) == 2)
        await ui.until(lambda: "%" in ui.screen_text())
        assert set(ui.screen_text()) <= allowed, sorted(set(ui.screen_text()) - allowed)


async def test_in_blocks_there_is_what_a_font_of_blocks_must_have(open_app: OpenApp):
    async with open_app(likes=Settings(glyphs="block")) as ui:
        await ui.until(lambda: "read as" in ui.screen_text() and len(ui.run.train_loss) > 3)
        await ui.press("tab")
        await ui.until(lambda: ui.app.dashboard.arrangement.chosen)
        others = set(ui.screen_text()) - set(map(chr, range(32, 127))) - set(BLOCKS) - {"\n"}
        assert not others, f"{sorted(others)} in\n{ui.screen_text()}"


async def test_where_only_ascii_can_be_sent_the_key_says_so(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tui_nn.actions.look.takes_unicode", lambda stream: False)
    async with open_app(likes=Settings(glyphs="ascii")) as ui:
        await ui.press("G")
        await ui.until(lambda: "has only ASCII" in ui.screen_text())
        assert ui.app.appearance.glyphs == "ascii"


def colours(ui: Any) -> set[str]:
    """The kinds of colours on the screen, as they would be written."""
    found = set()
    for strip in ui.app.screen._compositor.render_strips():
        codes = re.findall(r"\x1b\[([\d;]*)m", strip.render(ui.app.console))
        for code in codes:
            fields = code.split(";")
            while fields:
                field = fields.pop(0)
                if field in ("38", "48"):
                    kind = fields[0]
                    found.add({"2": "truecolor", "5": "256"}[kind])
                    fields = fields[2 if kind == "5" else 4 :]
                elif field and (30 <= int(field) <= 49 or 90 <= int(field) <= 107):
                    found.add("16")
    return found


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"NO_COLOR": "1"}, set()),
        ({"COLORTERM": "", "TERM": "xterm-256color"}, {"256"}),
        ({"COLORTERM": "", "TERM": "no-such-terminal"}, {"16"}),
        ({"COLORTERM": "truecolor"}, {"truecolor"}),
    ],
    ids=["none", "256", "16", "truecolor"],
)
async def test_there_are_no_more_colours_than_the_terminal_has(
    environ: dict[str, str], expected: set[str], open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tui_nn.depth.described_colours", {"xterm-256color": 256}.get)
    async with open_app() as ui:
        await ui.until(lambda: "read as" in ui.screen_text() and len(ui.run.train_loss) > 3)
        assert colours(ui) == expected
        for key, text in (("question_mark", "escape closes"), ("enter", "enter sets it"), ("ctrl+p", "Pause, or")):
            await ui.press(key)
            await ui.until(lambda text=text: text in ui.screen_text())
            assert colours(ui) <= expected, key
            await ui.press("escape")
            await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        if expected <= {"16"}:
            theme = ui.app.theme
            await ui.press("T")
            await ui.until(lambda: "256 colours or more" in ui.screen_text())
            assert ui.app.theme == theme


async def test_without_colours_lines_are_told_apart(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app() as ui:
        await ui.until(lambda: len(ui.run.validation_loss) > 1 and "validation" in ui.text("#loss"))
        legend = ui.text("#loss").splitlines()[0]
        assert re.search(r"━ train .*┄ validation", legend)
        # The chosen hyperparameter and the chosen panel are signs, not colours.
        assert "▸ learning rate" in ui.text("#hyperparameters")


async def test_keys_of_ones_own_do_it_and_every_hint_names_them(open_app: OpenApp):
    keys = {"training.pause": "f5", "training.speed": "F", "view.help": "f6", "hyperparameter.raise": "plus"}
    async with open_app(pace=1.0, likes=Settings(keys=keys)) as ui:
        await ui.until(lambda: "slowed (F: full speed)" in ui.text("#status"))
        await ui.until(lambda: "f5 Pause" in ui.screen_text() and "+ Change" in ui.screen_text())
        await ui.press("space", "f")
        await ui.press("f5")
        await ui.until(lambda: ui.run.phase == "paused")
        assert ui.run.pace == 1.0
        await ui.press("f6")
        await ui.until(lambda: re.search("f5 +Pause, or go on", ui.screen_text()))
        await ui.press("f6")
        await ui.until(lambda: ui.app.screen is ui.app.dashboard)
        await ui.press("ctrl+p")
        await ui.until(lambda: "Pause, or go on  (f5)" in ui.screen_text())


async def test_what_the_settings_have_wrong_is_told_and_it_runs(open_app: OpenApp):
    likes = Settings(warnings=("settings.toml: unknown setting [red]'teme'",), keys={"training.puase": "p"})
    async with open_app(likes=likes) as ui:
        await ui.until(lambda: "unknown setting [red]'teme'" in ui.screen_text())
        assert "unknown action 'training.puase'" in ui.screen_text()
