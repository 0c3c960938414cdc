import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from tui_nn.settings_file import save_setting

MINE = """\
# what I like
link = "slow"   # over the mountains

theme = "dark" # for now

[keys]
# as in vi
"training.pause" = "p"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUI_NN_SETTINGS", str(tmp_path / "deep" / "settings.toml"))
    return tmp_path / "deep" / "settings.toml"


def test_the_first_one_makes_folder_and_file(file: Path):
    save_setting("theme", "light")
    assert tomllib.loads(file.read_text()) == {"theme": "light"}
    assert list(file.parent.iterdir()) == [file]


def test_comments_and_other_entries_stay(file: Path):
    file.parent.mkdir()
    file.write_text(MINE)
    save_setting("theme", "light")
    assert file.read_text() == MINE.replace('theme = "dark"', 'theme = "light"')
    save_setting("glyphs", "ascii")
    assert set(MINE.splitlines()) - set(file.read_text().splitlines()) == {'theme = "dark" # for now'}
    assert tomllib.loads(file.read_text()) == {
        "link": "slow",
        "theme": "light",
        "glyphs": "ascii",
        "keys": {"training.pause": "p"},
    }


def test_lines_keep_their_ends(file: Path):
    file.parent.mkdir()
    file.write_bytes(MINE.replace("\n", "\r\n").encode())
    save_setting("theme", "light")
    assert file.read_bytes() == MINE.replace('theme = "dark"', 'theme = "light"').replace("\n", "\r\n").encode()


NAMES = st.text("abcdefghijklmnop_", min_size=1, max_size=8)
PLAIN = st.text(max_size=8) | st.integers(-9, 9) | st.booleans() | st.lists(st.integers(0, 9), max_size=3)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, PLAIN | st.dictionaries(NAMES, PLAIN, max_size=3), max_size=5), st.text(max_size=20))
def test_whatever_stands_there_only_the_one_entry_changes(file: Path, content: dict, value: str):
    import tomlkit

    file.parent.mkdir(exist_ok=True)
    file.write_text(tomlkit.dumps(content), encoding="utf-8", newline="")
    before = tomllib.loads(file.read_bytes().decode())
    save_setting("theme", value)
    assert tomllib.loads(file.read_bytes().decode()) == {**before, "theme": value}


def test_a_file_that_is_no_toml_is_left_alone(file: Path):
    file.parent.mkdir()
    file.write_text("theme = ")
    with pytest.raises(UserError, match=r"settings\.toml: not changed, for it is no readable TOML"):
        save_setting("theme", "light")
    assert file.read_text() == "theme = "


def test_a_folder_that_cannot_be_written_is_told(file: Path, monkeypatch: pytest.MonkeyPatch):
    file.parent.mkdir()
    file.write_text(MINE)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tui_nn.settings_file.tempfile.mkstemp", refuse)
    with pytest.raises(UserError, match=r"cannot be written: Permission denied; theme is kept until the end only"):
        save_setting("theme", "light")
    assert file.read_text() == MINE


def test_a_disk_that_fills_up_leaves_the_old_file_and_nothing_else(file: Path, monkeypatch: pytest.MonkeyPatch):
    file.parent.mkdir()
    file.write_text(MINE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tui_nn.settings_file.os.replace", full)
    with pytest.raises(UserError, match="No space left"):
        save_setting("theme", "light")
    assert file.read_text() == MINE
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_stays_a_link_and_rights_stay_rights(file: Path, tmp_path: Path):
    own = tmp_path / "dotfiles.toml"
    own.write_text(MINE)
    own.chmod(0o640)
    file.parent.mkdir()
    file.symlink_to(own)
    save_setting("theme", "light")
    assert file.is_symlink()
    assert 'theme = "light"' in own.read_text()
    assert own.stat().st_mode & 0o777 == 0o640


def test_what_writes_is_loaded_only_to_write():
    program = "import sys, tui_nn.app; sys.exit('tomlkit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], env={**os.environ}, check=False).returncode == 0
