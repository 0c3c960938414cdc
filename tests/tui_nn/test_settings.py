from pathlib import Path
from typing import Any

import pytest

from tui_nn.settings import NAMES, Settings, load_settings, settings_path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUI_NN_SETTINGS", str(tmp_path / "mine.toml"))
    return tmp_path / "mine.toml"


def test_what_the_file_says_is_taken(file: Path):
    file.write_text(
        'theme = "light"\nglyphs = "ascii"\nlink = "slow"\nrate = 2\n'
        '[keys]\n"training.pause" = "p"\n"digit.previous" = ["b", "f5"]\n'
    )
    keys: dict[str, Any] = {"training.pause": "p", "digit.previous": ["b", "f5"]}
    assert load_settings() == Settings(theme="light", glyphs="ascii", link="slow", rate=2.0, keys=keys)


def test_without_a_file_all_is_as_usual(file: Path):
    assert load_settings() == Settings()
    assert Settings().rate == 4


def test_without_the_variable_it_is_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("TUI_NN_SETTINGS")
    monkeypatch.setattr("tui_nn.settings.user_config_path", lambda name, appauthor: tmp_path / name)
    assert settings_path() == tmp_path / "tui-nn" / "settings.toml"


@pytest.mark.parametrize(("wrong", "right"), [("teme", "theme"), ("Rate", "rate"), ("glyph", "glyphs")])
def test_an_unknown_name_is_told_with_the_nearest_one_and_the_rest_is_taken(file: Path, wrong: str, right: str):
    file.write_text(f'{wrong} = "x"\nlink = "slow"\n')
    settings = load_settings()
    assert settings.link == "slow"
    (warning,) = settings.warnings
    assert warning.startswith("mine.toml: unknown setting ")
    assert repr(wrong) in warning
    assert warning.endswith(f"did you mean {right!r}?")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("glyphs", '"fancy"', "one of auto, braille, block, ascii"),
        ("glyphs", "3", "one of auto, braille, block, ascii"),
        ("link", '"fast"', "one of normal, slow"),
        ("rate", "0", ">= 1"),
        ("rate", "11", "<= 10"),
        ("rate", "nan", ""),
        ("rate", "true", "a number"),
        ("rate", '"4"', "a number"),
        ("theme", "1", "str"),
        ("keys", '"p"', "must be a table"),
        ("keys", "{ quit = 3 }", "must be a table"),
    ],
)
def test_a_wrong_value_is_told_and_the_usual_one_taken(file: Path, name: str, value: str, told: str):
    file.write_text(f"{name} = {value}\n")
    settings = load_settings()
    assert getattr(settings, name) == getattr(Settings(), name)
    (warning,) = settings.warnings
    assert warning.startswith(f"mine.toml: {name}")
    assert told in warning
    assert "\n" not in warning


@pytest.mark.parametrize("content", [b"theme = ", b"\xff\xfe", b"[keys\n"])
def test_a_file_that_is_no_toml_is_one_line(file: Path, content: bytes):
    file.write_bytes(content)
    (warning,) = load_settings().warnings
    assert "mine.toml: not a readable TOML file" in warning
    assert "\n" not in warning


def test_a_file_that_cannot_be_opened_is_one_line(file: Path):
    file.mkdir()
    (warning,) = load_settings().warnings
    assert "mine.toml: cannot be read: Is a directory" in warning


def test_the_names_are_those_that_others_rely_on():
    assert NAMES == ("theme", "glyphs", "link", "rate", "keys")
