"""The options that make a run: one for each setting of `Config`, and a few about where from and where to."""

import functools
import inspect
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_origin

import msgspec
import typer
from platformdirs import user_data_path

from engine.errors import UserError
from engine.training.config import GRADIENT, Config, make_config, preset_names, read_config_file, read_preset

if TYPE_CHECKING:
    from engine.training.checkpoint import Checkpoint

PRESET = "mlp"

OWNERS = {"dropout": "model", "label_smoothing": "loss", "augment_intensity": "augment", "scale": "strategy"}
"""Whose a hyperparameter is, if not the optimizer's: the numbers of a part that is given anew are not inherited."""

METAVARS = {str: "TEXT", int: "N", float: "X"}


class RunRequest(NamedTuple):
    """A run as asked for: its name, what to train, where its checkpoints go, and where it goes on from."""

    name: str
    config: Config
    checkpoint: Path
    resume: "Checkpoint | None"


def with_run_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of a run, and pass it a RunRequest as its first argument."""
    shared = _run_options()
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]

    @functools.wraps(command)
    def call(*args: Any, **options: Any) -> int:
        chosen = {parameter.name: options.pop(parameter.name) for parameter in shared}
        return command(functools.partial(make_request, **chosen), *args, **options)

    call.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    return call


def make_request(
    preset: str | None, config: Path | None, resume: Path | None, checkpoint: Path | None, **flags: Any
) -> RunRequest:
    """Preset (or the checkpoint's own settings), then the file, then the flags: later ones win. Raises UserError."""
    given: dict[str, Any] = {name: value for name, value in flags.items() if value not in (None, [], ())}
    if "set" in given:
        given["set"] = dict(_assignment(text) for text in given["set"])
    from_file = _from_file(config) if config else {}
    file_preset = from_file.pop("preset", None)
    preset = preset or file_preset
    own = from_file | given
    found = None
    if resume is not None:
        from engine.training.checkpoint import load_checkpoint

        found, begun_from = load_checkpoint(resume), resume.stem
        settings = msgspec.to_builtins(found.config)
        if preset is not None:
            raise UserError(f"--preset {preset}: a resumed run keeps its own settings; leave it out")
    else:
        begun_from = preset or _usual_preset(own)
        settings = read_preset(begun_from)[1]
    replaced = set(own)
    if own.get("strategy", GRADIENT) != GRADIENT:
        replaced |= {"optimizer", "model"}  # a search uses neither optimizer nor dropout, nor has it a norm to clip
        settings.pop("clip_norm", None)
    if "optimizer" in replaced and "lr" not in own:
        settings.pop("lr", None)  # it suited another optimizer
    inherited = {
        name: value for name, value in settings.get("set", {}).items() if OWNERS.get(name, "optimizer") not in replaced
    }
    own["set"] = {**inherited, **from_file.get("set", {}), **given.get("set", {})}
    # Two runs begun in the same second must not write over each other's checkpoints.
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{begun_from}-{os.urandom(2).hex()}"
    return RunRequest(name, make_config(settings | own), checkpoint or runs_folder() / name / "last.safetensors", found)


def _usual_preset(own: dict[str, Any]) -> str:
    """The preset with the name of the data set, where there is one and no model is given."""
    name = own.get("dataset", "").partition("(")[0].strip()
    return name if "model" not in own and name in preset_names() else PRESET


def runs_folder() -> Path:
    """Where runs are kept: `TUI_NN_RUNS`, or the user's own data folder."""
    chosen = os.environ.get("TUI_NN_RUNS")
    return Path(chosen) if chosen else user_data_path("tui-nn", appauthor=False) / "runs"


@functools.cache
def _run_options() -> list[inspect.Parameter]:
    """Those of where from and where to, then one for each setting; the same for every command."""
    return [
        _option(
            "preset",
            "NAME",
            f"named configuration to begin from, see `tui-nn presets`  [default: {PRESET}, or the data set's own]",
        ),
        _option("config", "FILE", "TOML file of settings, named as the options", Path),
        _option("resume", "FILE", "checkpoint to go on from", Path),
        _option("checkpoint", "FILE", "file for the last checkpoint  [default: in the user's data folder]", Path),
        *_setting_options(),
    ]


def _setting_options() -> list[inspect.Parameter]:
    options, usual = [], read_preset(PRESET)[1]
    for field in msgspec.structs.fields(Config):
        base, *extras = get_args(field.type) if get_origin(field.type) is Annotated else (field.type,)
        description = next(extra.description or "" for extra in extras if isinstance(extra, msgspec.Meta))
        if field.name == "set":
            options.append(_option("set", "NAME=VALUE", description, list[str]))
        else:
            # As text, so that one place converts and its error names option, value and what it may be.
            kind = next((part for part in get_args(base) if part is not type(None)), base)
            value = usual.get(field.name, field.default)
            default = "" if value is None else f"  [default: {value}]"
            options.append(_option(field.name, METAVARS[kind], description + default))
    return options


def _option(name: str, metavar: str, help: str, kind: Any = str) -> inspect.Parameter:
    flag = "--" + name.replace("_", "-")
    annotation = Annotated[kind | None, typer.Option(flag, help=help, show_default=False, metavar=metavar)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _from_file(path: Path) -> dict[str, Any]:
    """The settings of a file, checked by themselves, so that an error names the file."""
    settings = read_config_file(path)
    try:
        make_config({name: value for name, value in settings.items() if name != "preset"})
    except UserError as error:
        raise UserError(f"--config {path}: {str(error).removeprefix('--')}") from None
    return settings


def _assignment(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip().replace("-", "_"), float(value)
    except ValueError:
        raise UserError(f"--set {text!r}: must be NAME=NUMBER, such as weight_decay=0.01") from None
