"""Keeping what a key has changed: one entry of the user's file, all else in it as it was."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from engine.errors import UserError
from tui_nn.settings import settings_path


def save_setting(name: str, value: str) -> None:
    """Write an entry into the settings file, whole or not at all. Raises UserError that says why it cannot be."""
    import tomlkit  # only when something is kept: it takes longer to load than the first frame may
    from tomlkit.exceptions import TOMLKitError

    path = settings_path()
    try:
        text = path.read_bytes().decode() if path.exists() else ""
        document = tomlkit.parse(text)
        if document.get(name) == value:
            return
        document[name] = value
        _replace(path, tomlkit.dumps(document))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not changed, for it is no readable TOML file: {error}") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}; {name} is kept until the end only") from None


def _replace(path: Path, text: str) -> None:
    """Written beside it and renamed; a link stays a link, and the file keeps its rights."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        if path.exists():
            os.chmod(beside, path.stat().st_mode & 0o7777)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
