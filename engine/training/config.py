"""What a run is made from: one frozen record, read from presets, TOML files and the command line."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.errors import UserError, requirement, unknown

GRADIENT = "gradient"
"""The strategy that an optimizer follows."""

PRESETS = Path(__file__).parent.parent / "presets"


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seed and configuration, with the commands given on the way, make a run anew to the bit."""

    dataset: Annotated[
        str,
        Meta(description="data set, see `tui-nn datasets`: mnist, spiral, or your own: csv:FILE, npz:FILE, folder:DIR"),
    ] = "mnist-5k"
    samples: Annotated[int, Meta(ge=0, description="learn from so many of the training samples; 0: from all")] = 0
    model: Annotated[str, Meta(description='layers, first to last: "Flatten, Linear(128), ReLU, Linear(outputs)"')] = (
        "Flatten, Linear(128), ReLU, Linear(outputs)"
    )
    loss: Annotated[
        str, Meta(description="cross_entropy, bce or mse; auto: cross_entropy for classes, mse for numbers")
    ] = "auto"
    optimizer: Annotated[str, Meta(description='sgd, momentum, nesterov, rmsprop, adam, adamw; "adam(beta2=0.99)"')] = (
        "adam"
    )
    strategy: Annotated[
        str, Meta(description='gradient; or, to compare with it: random_search, "hill_climbing(scale=0.05)"')
    ] = GRADIENT
    lr: Annotated[float | None, Meta(description="learning rate (default: the optimizer's own)")] = None
    schedule: Annotated[
        str, Meta(description='factor on the learning rate: constant, "step(10)", "warmup(100), cosine"')
    ] = "constant"
    init: Annotated[
        str, Meta(description='initial weights: auto (by activation), he, xavier, lecun, "normal(0.01)", zeros')
    ] = "auto"
    augment: Annotated[
        str,
        Meta(description='variations of the training pictures: none, affine, elastic, "affine(rotation=5, shift=1)"'),
    ] = "none"
    batch_size: Annotated[int, Meta(description="samples a step")] = 32
    clip_norm: Annotated[float, Meta(description="largest global norm of the gradient; 0: no limit")] = 0.0
    epochs: Annotated[int, Meta(ge=1, le=1_000_000, description="passes over the training data")] = 10
    seed: Annotated[
        int, Meta(ge=0, lt=2**32, description="of the initial weights, the order of the data, dropout and augmentation")
    ] = 0
    threads: Annotated[int, Meta(ge=0, le=1024, description="processor cores to use; 0: as many as help")] = 0
    set: Annotated[dict[str, float], Meta(description="any hyperparameter by name: weight_decay=0.01")] = {}

    @property
    def method(self) -> str:
        """How weights are changed: the optimizer, or the strategy that needs none."""
        return self.optimizer if self.strategy == GRADIENT else self.strategy


def going_on(config: Config, hyperparameters: dict[str, float], **others: Any) -> Config:
    """A configuration with these hyperparameters, as they are now, in place of its own. Raises UserError."""
    values = dict(hyperparameters)
    # Where an option names them they go there, so that the option can overrule them.
    own = {
        "lr": values.pop("learning_rate", None),
        "batch_size": int(values.pop("batch_size")),
        "clip_norm": values.pop("clip_norm", 0.0),
    }
    return make_config({**msgspec.to_builtins(config), **own, **others, "set": values})


def preset_names() -> list[str]:
    """The presets that there are: one TOML file each."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def read_preset(name: str) -> tuple[str, dict[str, Any]]:
    """What a preset is for, and its settings. Raises UserError for an unknown name."""
    if name not in preset_names():
        raise unknown("preset", name, preset_names())
    settings = tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))
    return settings.pop("description"), settings


def read_config_file(path: Path) -> dict[str, Any]:
    """The settings of a TOML file. Raises UserError that names the file and the place."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"--config {path}: no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"--config {path}: not a readable TOML file: {error}") from None


def make_config(settings: dict[str, Any]) -> Config:
    """A checked configuration; numbers may come as text. Raises UserError with setting, value, what it may be."""
    for name in settings:
        if name not in Config.__struct_fields__:
            raise unknown("setting", name, Config.__struct_fields__)
    converted = {}
    for field in msgspec.structs.fields(Config):
        if field.name in settings:
            value = settings[field.name]
            try:
                converted[field.name] = msgspec.convert(value, field.type, strict=False)
            except msgspec.ValidationError as error:
                raise UserError(f"--{field.name.replace('_', '-')} {value}: {requirement(error)}") from None
    return Config(**converted)
