"""What a user likes, kept between runs in a file: theme, characters, link, frames a second, keys."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta
from platformdirs import user_config_path

from engine.errors import UserError, requirement, unknown
from tui_nn.themes import USUAL, theme_names


class Settings(msgspec.Struct, frozen=True):
    """The names are those of the file. `warnings` says what in it could not be taken, a line each."""

    theme: Annotated[str, Meta(description="colours; the key for it goes through them")] = USUAL
    glyphs: Annotated[
        Literal["auto", "braille", "block", "ascii"], Meta(description="characters; auto: by encoding and TERM")
    ] = "auto"
    link: Annotated[Literal["normal", "slow"], Meta(description="slow: fewer frames, for a few KB a second")] = "normal"
    rate: Annotated[float, Meta(ge=1, le=10, description="frames a second")] = 4.0
    keys: Annotated[dict[str, str | list[str]], Meta(description="the keys of an action, by its name")] = {}
    warnings: tuple[str, ...] = ()


NAMES = tuple(name for name in Settings.__struct_fields__ if name != "warnings")
"""What a file may set."""


def settings_path() -> Path:
    """The file: `TUI_NN_SETTINGS`, or settings.toml in the user's own configuration folder."""
    chosen = os.environ.get("TUI_NN_SETTINGS")
    return Path(chosen).expanduser() if chosen else user_config_path("tui-nn", appauthor=False) / "settings.toml"


def load_settings() -> Settings:
    """The user's settings. Nothing in the file is an error: what cannot be taken keeps its default, with a warning."""
    path = settings_path()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        return Settings(warnings=(f"{path}: cannot be read: {error.strerror}",))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Settings(warnings=(f"{path}: not a readable TOML file: {error}",))
    return make_settings(given, path.name)


def make_settings(given: dict[str, Any], source: str) -> Settings:
    """Settings of a table as TOML gives it; each warning begins with the source."""
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    taken, warnings = {}, []
    for name, value in given.items():
        if name not in NAMES:
            warnings.append(f"{source}: {unknown('setting', name, NAMES)}")
            continue
        field = fields[name]
        try:
            taken[name] = _checked(name, value, field.type)
        except UserError as error:
            warnings.append(f"{source}: {error}")
    return Settings(**taken, warnings=tuple(warnings))


def _checked(name: str, value: Any, kind: Any) -> Any:
    """The value as its field has it. Raises UserError that names both, and what it may be."""
    if name == "keys":
        return _checked_keys(value)
    if name == "theme" and isinstance(value, str) and value not in theme_names():
        raise UserError(f"{unknown('theme', value, theme_names())}; {USUAL} is used")
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        base = get_args(kind)[0]
        choices = get_args(base) if get_origin(base) is Literal else ()
        wanted = f"must be one of {', '.join(choices)}" if choices else requirement(error)
        raise UserError(f"{name} = {value!r}: {wanted}; {getattr(Settings(), name)} is used") from None


def _checked_keys(value: Any) -> Any:
    """A wrong table of keys has no keys at all; which of them are taken, the table of actions judges."""
    try:
        return msgspec.convert(value, dict[str, str | list[str]])
    except msgspec.ValidationError:
        raise UserError('keys: must be a table such as [keys], "training.pause" = "p"; no key is changed') from None
