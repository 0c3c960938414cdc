from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.hyperparameters import Hyperparameter
from engine.training import events as e
from engine.training.config import Config, make_config, preset_names, read_preset
from tui_nn.draft import CHOICES, FIELDS, PRESET, Draft, open_config, present_config

MakeStarted = Callable[..., e.RunStarted]


def at(field: str, config: Config | None = None) -> Draft:
    draft = Draft(config or make_config({}))
    draft.go_to(field)
    return draft


def test_every_setting_has_a_field_and_its_help():
    assert sorted(FIELDS) == sorted([PRESET, *Config.__struct_fields__])
    draft = Draft(make_config({}))
    seen = []
    for _ in FIELDS:
        assert len(draft.help) > 10
        seen.append(draft.field)
        draft.go(+1)
    assert tuple(seen) == FIELDS
    assert draft.field == FIELDS[0]
    draft.go(-1)
    assert draft.field == FIELDS[-1]


def in_a_line(config: Config) -> Config:
    return msgspec.structs.replace(config, model=" ".join(config.model.split()))


CONFIGS = [
    {"lr": 0.012345678912, "set": {"weight_decay": 0.5, "beta1": 0.8}, "clip_norm": 0.25},
    {"dataset": "csv:a b.csv"},
    {},
]


@pytest.mark.parametrize("written", [*CONFIGS, *(read_preset(name)[1] for name in preset_names())])
def test_what_is_not_touched_stays(written: dict[str, Any]):
    config = make_config(written)
    assert Draft(config).config() == in_a_line(config)


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_brings_its_settings_and_leaves_data_seed_and_machine(name: str):
    kept = {"dataset": "moons", "seed": 5, "samples": 100, "threads": 1}
    draft = at(PRESET, make_config({**kept, "lr": 9.0, "schedule": "cosine"}))
    draft.type(name)
    expected = make_config(kept | read_preset(name)[1])
    assert draft.config() == in_a_line(expected)
    assert draft.help == read_preset(name)[0]


@pytest.mark.parametrize("field", CHOICES)
def test_left_and_right_go_through_all_choices_and_around(field: str):
    draft, choices = at(field), CHOICES[field]()
    seen = set()
    for _ in choices:
        draft.pick(+1)
        seen.add(draft.values[field])
    assert seen == set(choices)
    now = draft.values[field]
    draft.pick(-1)
    draft.pick(+1)
    assert draft.values[field] == now
    assert draft.cursor == len(now)


@pytest.mark.parametrize("field", CHOICES)
@pytest.mark.parametrize(("direction", "place"), [(+1, 0), (-1, -1)])
def test_from_a_text_that_is_no_choice_one_comes_to_the_first_or_the_last(field: str, direction: int, place: int):
    draft = at(field)
    draft.clear()
    draft.type("anything")
    draft.pick(direction)
    assert draft.values[field] == CHOICES[field]()[place]


@given(field=st.sampled_from([name for name in FIELDS if name != PRESET]), text=st.sampled_from(preset_names()))
def test_what_is_written_in_a_field_changes_no_other(field: str, text: str):
    draft = at(field)
    draft.clear()
    draft.type(text)
    assert draft.values == Draft(make_config({})).values | {field: text}


@pytest.mark.parametrize(("direction", "name"), [(+1, "adam"), (-1, "adam")])
def test_of_a_choice_with_arguments_its_name_comes_first(direction: int, name: str):
    draft = at("optimizer", make_config({"optimizer": "adam(beta2=0.99)"}))
    draft.pick(direction)
    assert draft.values["optimizer"] == name


EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("type"), st.text("ab1(,", max_size=3)),
        st.tuples(st.just("erase"), st.sampled_from([1, -1, 3, -3])),
        st.tuples(st.just("move"), st.integers(-3, 12)),
    ),
    max_size=20,
)


@given(EDITS, st.text("ab1(,", max_size=4), st.text("ab1(,", min_size=1, max_size=4))
def test_editing_is_that_of_two_stacks(edits: list[tuple[str, Any]], before: str, after: str):
    draft = at("model")
    draft.clear()
    draft.type(before + after)
    draft.move(len(before))
    for verb, what in edits:
        getattr(draft, verb)(what)
        match verb:
            case "type":
                before += what
            case "erase" if what > 0:
                before = before[:-what]
            case "erase":
                after = after[-what:]
            case _:
                text, place = before + after, max(0, what)
                before, after = text[:place], text[place:]
        assert (draft.values["model"], draft.cursor) == (before + after, len(before))


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("epochs", "many", "epochs many: must be a whole number"),
        ("epochs", "0", "epochs 0: must be"),
        ("lr", "x", "lr x: must be a number"),
        ("set", "momentum", "NAME=NUMBER"),
        ("set", "a=b", "NAME=NUMBER"),
        ("model", "", "model: must be written"),
        ("dataset", " ", "data set: must be written"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(field: str, text: str, words: str):
    draft = at(field)
    draft.clear()
    draft.type(text)
    with pytest.raises(UserError) as told:
        draft.config()
    assert words in str(told.value)
    assert not str(told.value).startswith("--")


def test_an_empty_number_is_the_usual_one():
    draft = at("lr", make_config({"lr": 0.5}))
    draft.clear()
    assert draft.config().lr is None


def test_the_present_run_is_what_was_asked_for_and_what_was_changed(make_started: MakeStarted):
    started = make_started("Linear(8)", "Linear(3)")
    values = {item.name: item.value for item in started.hyperparameters}
    assert present_config(started, values) == started.config
    changed = present_config(started, values | {"learning_rate": 0.3, "weight_decay": 0.01, "batch_size": 64.0})
    assert changed == msgspec.structs.replace(started.config, lr=0.3, batch_size=64, set={"weight_decay": 0.01})


ASKED = st.fixed_dictionaries(
    {},
    optional={
        "lr": st.floats(1e-6, 1.0),
        "batch_size": st.integers(1, 500),
        "clip_norm": st.floats(0.001, 10.0),
        "set": st.fixed_dictionaries({}, optional={"weight_decay": st.floats(1e-6, 1.0)}),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ASKED)
def test_what_was_asked_for_stays_asked_for_though_nobody_changed_it(make_started: MakeStarted, asked: dict[str, Any]):
    config = make_config(asked)
    begun = {
        "learning_rate": 0.01 if config.lr is None else config.lr,
        "weight_decay": config.set.get("weight_decay", 0.0),
        "batch_size": float(config.batch_size),
        "clip_norm": config.clip_norm,
    }
    controls = tuple(Hyperparameter(name, value, 0.0, 1e4, "log", "") for name, value in begun.items())
    assert present_config(make_started(config=config, hyperparameters=controls), begun) == config


def test_dropout_that_nobody_touched_stays_that_of_each_layer(make_started: MakeStarted):
    dropout = Hyperparameter("dropout", 0.2, 0.0, 1.0, "linear", "share")
    batch = Hyperparameter("batch_size", 32.0, 1.0, 65536.0, "log2", "samples")
    started = make_started("Linear(8)", "Linear(3)", hyperparameters=(batch, dropout))
    assert present_config(started, {"batch_size": 32.0, "dropout": 0.2}).set == {}
    assert present_config(started, {"batch_size": 32.0, "dropout": 0.3}).set == {"dropout": 0.3}


@pytest.mark.parametrize(
    ("model", "loss", "target", "expected"),
    [
        ("Linear(8), Linear(3)", "cross_entropy", "", ("Linear(8), Linear(outputs)", "auto")),
        ("Linear(3), Tanh, Linear(1)", "bce", "", ("Linear(3), Tanh, Linear(1)", "bce")),
        ("Linear(8), Linear(1)", "mse", "price", ("Linear(8), Linear(outputs)", "auto")),
        ("Linear(3), Softmax", "cross_entropy", "", ("Linear(3), Softmax", "auto")),
    ],
)
def test_what_the_data_ask_for_is_left_to_them_again(
    make_started: MakeStarted, model: str, loss: str, target: str, expected: tuple[str, str]
):
    names = () if target else ("a", "b", "c")
    started = make_started(class_names=names, target=target)
    found = open_config(make_config({"model": model, "loss": loss}), started)
    assert (found.model, found.loss) == expected
