"""What a study is made from: a TOML file, checked to the last key before anything runs."""

import tomllib
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from engine.errors import UserError, requirement, unknown
from engine.studies.figures import CURVES, FIGURES
from engine.studies.sentences import sentences
from engine.training.config import Config, make_config, read_preset

FOLDER = Path(__file__).parent

MOST_ROWS = 20
"""More curves than that nobody tells apart."""

SEED_END = 2**32
"""A run's seed is below it."""

SEEDS = Annotated[int, Meta(ge=1, le=100)]


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Figures of others for some of the labels, and where they stand."""

    source: str
    figures: dict[str, float]


class Study(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file, as written."""

    description: str
    curve: str
    by: Literal["epoch", "step"] = "epoch"
    columns: Annotated[list[str], Meta(min_length=1)]
    target: float | None = None
    sentence: str
    seeds: SEEDS = 1
    settings: dict[str, Any] = {}
    vary: Annotated[dict[str, list[Any] | dict[str, Any]], Meta(min_length=1, max_length=2)]
    published: Published | None = None


class Case(msgspec.Struct, frozen=True):
    """One row of the grid: its label, what it is called in a sentence, its own settings, and those of a whole run."""

    label: str
    name: str
    own: dict[str, Any]
    config: Config

    def seeded(self, number: int) -> Config:
        """The run of so many'th seed: the first is the configuration's own."""
        return msgspec.structs.replace(self.config, seed=self.config.seed + number)


class Plan(msgspec.Struct, frozen=True):
    """A study that can be run: its name, the file's content, and the grid."""

    name: str
    study: Study
    cases: tuple[Case, ...]

    @property
    def axis(self) -> str:
        """What varies: "lr", or "init, batch size"."""
        return ", ".join(name.replace("_", " ") for name in self.study.vary)

    @property
    def runs(self) -> list[tuple[Case, Config]]:
        """Every case with every seed; seeds turn slowest, so that an interrupted study has all rows."""
        return [(case, case.seeded(number)) for number in range(self.study.seeds) for case in self.cases]


def study_names() -> list[str]:
    """The studies that come along: one TOML file each."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_study(name: str) -> Plan:
    """A study that comes along, or one of your own by the path of its file. Raises UserError: file, key, remedy."""
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not name.endswith(".toml") and name not in study_names():
        raise UserError(f"{unknown('study', name, study_names())}; or give the path of a .toml file")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"study {name}: no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"study {name}: not a readable TOML file: {error}") from None
    try:
        return make_plan(path.stem, content)
    except UserError as error:
        raise UserError(f"study {name}: {error}") from None


def with_options(plan: Plan, seeds: str | None, epochs: str | None) -> Plan:
    """The same study with other numbers from the command line. Raises UserError that names the option."""
    study, settings = plan.study, plan.study.settings
    if seeds is not None:
        try:
            study = msgspec.structs.replace(study, seeds=msgspec.convert(seeds, SEEDS, strict=False))
        except msgspec.ValidationError as error:
            raise UserError(f"--seeds {seeds}: {requirement(error)}") from None
    if epochs is not None:
        if own := [case.label for case in plan.cases if "epochs" in case.own]:
            raise UserError(
                f"--epochs {epochs}: the study {plan.name} varies the epochs ([vary] {own[0]}); leave it out"
            )
        settings = settings | {"epochs": make_config({"epochs": epochs}).epochs}
    study = msgspec.structs.replace(study, settings=settings)
    return _plan(plan.name, study, "--seeds")


def make_plan(name: str, content: dict[str, Any]) -> Plan:
    """A checked study. Raises UserError that names the key."""
    return _plan(name, _study(content), "seeds")


def _plan(name: str, study: Study, seeds: str) -> Plan:
    """With its grid; `seeds` is what their number is called where it was given."""
    plan = Plan(name, study, tuple(_cases(study)))
    for case in plan.cases:
        if case.config.seed + study.seeds > SEED_END:
            most = SEED_END - case.config.seed
            raise UserError(
                f"{seeds} {study.seeds}: {case.name} begins with seed {case.config.seed}; must be <= {most}"
            )
    return plan


def _study(content: dict[str, Any]) -> Study:
    _require_known("key", content, Study.__struct_fields__)
    if isinstance(content.get("published"), dict):
        _require_known("key of [published]", content["published"], Published.__struct_fields__)
    for key in ("description", "curve", "columns", "sentence", "vary"):
        if key not in content:
            raise UserError(f"has no {key!r}, which every study needs")
    try:
        study = msgspec.convert(content, Study)
    except msgspec.ValidationError as error:
        place = str(error).rpartition("$.")[2].rstrip("`") if "$." in str(error) else "its content"
        raise UserError(f"{place}: {requirement(error)}") from None
    _require_known("curve", [study.curve], CURVES)
    of_gradient = study.curve == "bias_gradient"
    _require_known("column", study.columns, [name for name in FIGURES if (name == "ratio") == of_gradient])
    fitting = [name for name, sentence in sentences.items() if (sentence.needs == "gradient") == of_gradient]
    _require_known(f"sentence for the curve {study.curve!r}:", [study.sentence], fitting)
    if study.target is None and ("reached" in study.columns or sentences[study.sentence].needs == "target"):
        raise UserError("has no 'target', the value of the curve that is to be reached")
    return study


def _cases(study: Study) -> list[Case]:
    """The grid: every label of the first setting with every label of the second."""
    base = _base(study)
    axes = [_axis(name, values) for name, values in study.vary.items()]
    cases = []
    for chosen in product(*axes):
        own: dict[str, Any] = {}
        for _, settings in chosen:
            own = _merged(own, settings)
        label = ", ".join(label for label, _ in chosen)
        name = ", ".join(_name(axis, label) for axis, (label, _) in zip(study.vary, chosen, strict=True))
        cases.append(Case(label, name, own, _config(f"[vary] {label}", _merged(base, own))))
    labels = [case.label for case in cases]
    if twice := [label for label in labels if labels.count(label) > 1]:
        raise UserError(f"[vary]: {twice[0]!r} stands there twice")
    if not 2 <= len(cases) <= MOST_ROWS:
        raise UserError(f"[vary]: makes {len(cases)} rows; a study compares 2 to {MOST_ROWS}")
    if study.published is not None:
        _require_known("label in [published.figures]", study.published.figures, labels)
    return cases


def _base(study: Study) -> dict[str, Any]:
    settings = dict(study.settings)
    preset = read_preset(settings.pop("preset"))[1] if "preset" in settings else {}
    if ("optimizer" in settings or "optimizer" in study.vary) and "lr" not in settings:
        preset.pop("lr", None)  # it suited another optimizer
    _config("[settings]", settings)
    return _merged(preset, settings)


def _axis(name: str, values: list[Any] | dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Labels with the settings that each stands for; a name that is no setting has a table of settings a label."""
    if name in Config.__struct_fields__:
        if name == "seed":
            raise UserError("[vary] seed: seeds are repeated by the key 'seeds' = 3")
        labelled = values.items() if isinstance(values, dict) else [(_label(value), value) for value in values]
        return [(label, {name: value}) for label, value in labelled]
    if not isinstance(values, dict) or not all(isinstance(value, dict) for value in values.values()):
        raise UserError(
            f"[vary] {unknown('setting', name, Config.__struct_fields__)}; or give a table of settings a label"
        )
    return list(values.items())


def _label(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _name(axis: str, label: str) -> str:
    """A number needs the setting's name beside it: "lr 0.1", but "He"."""
    try:
        float(label)
    except ValueError:
        return label
    return f"{axis.replace('_', ' ')} {label}"


def _merged(settings: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Later ones win; the numbers of `set` are kept beside each other."""
    merged, first, second = settings | own, settings.get("set"), own.get("set")
    return merged | {"set": first | second} if isinstance(first, dict) and isinstance(second, dict) else merged


def _config(place: str, settings: dict[str, Any]) -> Config:
    try:
        return make_config(settings)
    except UserError as error:
        raise UserError(f"{place}: {str(error).removeprefix('--')}") from None


def _require_known(kind: str, names: Any, known: Any) -> None:
    for name in names:
        if name not in known:
            raise unknown(kind, name, known)
