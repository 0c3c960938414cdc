from math import inf, nan
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine import datasets
from engine.errors import UserError
from engine.training.config import Config, make_config, preset_names, read_config_file, read_preset
from engine.training.learner import Learner


def refused(settings: dict[str, Any]) -> str:
    with pytest.raises(UserError) as caught:
        make_config(settings)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_an_unknown_setting_comes_with_the_nearest_one():
    message = refused({"batchsize": 3})
    assert "unknown setting 'batchsize'" in message
    assert "did you mean 'batch_size'?" in message


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"epochs": "many"}, "--epochs many"),
        ({"epochs": 0}, "--epochs 0"),
        ({"epochs": 2.5}, "--epochs 2.5"),
        ({"batch_size": "big"}, "--batch-size big"),
        ({"batch_size": None}, "--batch-size None"),
        ({"lr": "fast"}, "--lr fast"),
        ({"lr": [1]}, "--lr [1]"),
        ({"lr": 10**400}, "--lr 1"),
        ({"seed": -1}, "--seed -1"),
        ({"seed": 2**32}, "--seed 4294967296"),
        ({"threads": 10**6}, "--threads 1000000"),
        ({"model": 3}, "--model 3"),
        ({"set": {"momentum": "much"}}, "--set {'momentum': 'much'}"),
        ({"set": 3}, "--set 3"),
    ],
)
def test_a_wrong_type_names_the_option_and_its_value(settings: dict[str, Any], option: str):
    assert refused(settings).startswith(f"{option}")


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"lr": nan}, "--lr nan"),
        ({"lr": inf}, "--lr inf"),
        ({"lr": -0.1}, "--lr -0.1"),
        ({"lr": 0}, "--lr 0"),
        ({"batch_size": 0}, "--batch-size 0"),
        ({"batch_size": -5}, "--batch-size -5"),
        ({"batch_size": 109}, "--batch-size 109"),
        ({"batch_size": 10**9}, "--batch-size 1000000000"),
        ({"clip_norm": nan}, "--clip-norm nan"),
        ({"clip_norm": -1}, "--clip-norm -1"),
        ({"set": {"weight_decay": nan}}, "--set weight_decay=nan"),
        ({"set": {"momentum": 0.9}}, "--set momentum=0.9"),
        ({"set": {"dropout": 0.5}}, "--set dropout=0.5"),
        ({"optimizer": "adam(beta1=2)"}, "--optimizer adam(beta1=2)"),
        ({"optimizer": "adam(learning_rate=-1)"}, "--optimizer adam(learning_rate=-1)"),
        ({"loss": "cross_entropy(label_smoothing=5)"}, "--loss cross_entropy(label_smoothing=5)"),
        ({"augment": "affine(augment_intensity=3)"}, "--augment affine(augment_intensity=3)"),
        ({"set": {"augment_intensity": 1}}, "--set augment_intensity=1"),
    ],
)
def test_a_number_out_of_bounds_names_the_option_before_anything_is_trained(
    settings: dict[str, Any], option: str, tiny: str, tiny_data: datasets.Dataset
):
    config = make_config({"dataset": tiny, "model": "Flatten, Linear(3)", **settings})
    with pytest.raises(UserError) as caught:
        Learner(config, tiny_data)
    assert str(caught.value).startswith(option)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"model": "Flatten, Linear(4)"}, "layer 1 (Linear) gives (4,)"),
        ({"model": "Flatten, Linear(3)", "loss": "bc"}, "unknown loss 'bc'"),
        ({"model": "Linear(3)"}, "put Flatten before it"),
        ({"optimizer": "adm"}, "did you mean 'adam'"),
        ({"optimizer": "adam, sgd"}, "adam, sgd"),
        ({"loss": "mse, bce"}, "mse, bce"),
        ({"init": "he, zeros"}, "he, zeros"),
        ({"schedule": "cosin"}, "did you mean 'cosine'"),
        ({"init": "hee"}, "unknown initializer 'hee'"),
        ({"augment": "elastik"}, "did you mean 'elastic'"),
        ({"augment": "affine, elastic"}, "name one"),
        ({"augment": "affine(15)"}, "write affine(rotation=12.0, "),
        ({"augment": "affine(rotation=900)"}, "rotation 900 must be"),
        ({"augment": "affine(shear=90)"}, "shear 90 must be"),
        ({"augment": "elastic(sigma=0)"}, "sigma 0 must be"),
        ({"augment": "elastic(alpha=1e999)"}, "alpha inf must be"),
        ({"augment": "none(1)"}, "write none()"),
    ],
)
def test_what_does_not_fit_is_said(settings: dict[str, Any], part: str, tiny_data: datasets.Dataset):
    config = make_config({"model": "Flatten, Linear(3)", "batch_size": 8, **settings})
    with pytest.raises(UserError) as caught:
        Learner(config, tiny_data)
    assert part in str(caught.value)


def test_numbers_may_come_as_text():
    config = make_config({"lr": "0.01", "batch_size": "64", "epochs": "3", "set": {"beta1": "0.5"}})
    assert (config.lr, config.batch_size, config.epochs, config.set) == (0.01, 64, 3, {"beta1": 0.5})


def test_a_configuration_is_kept_as_plain_values():
    config = make_config({"lr": 0.1, "set": {"momentum": 0.5}})
    assert make_config(msgspec.to_builtins(config)) == config
    assert msgspec.convert(msgspec.to_builtins(config), Config) == config


def test_every_setting_says_what_it_is():
    for field in msgspec.structs.fields(Config):
        meta = [extra for extra in field.type.__metadata__ if isinstance(extra, msgspec.Meta)]
        assert meta[0].description


@pytest.mark.parametrize("name", preset_names())
def test_each_preset_takes_a_step(name: str):
    description, settings = read_preset(name)
    assert 10 < len(description) <= 120
    learner = Learner(make_config(settings), datasets.load(settings.get("dataset", "mnist-5k")))
    before = learner.model.values.copy()
    for _ in range(1 if learner.search is None else 20):  # a try is not always better
        assert learner.train_step(1).trouble == ""
        learner.end_epoch()
    assert (learner.model.values != before).any()


def test_presets_are_there_and_found_by_name():
    assert "mlp" in preset_names()
    with pytest.raises(UserError, match="did you mean 'mlp'"):
        read_preset("mpl")


def test_a_file_of_settings(tmp_path: Path):
    path = tmp_path / "run.toml"
    path.write_text('model = "Flatten, Linear(3)"\nlr = 1\n[set]\nbeta1 = 0.5\n', encoding="utf-8")
    config = make_config(read_config_file(path))
    assert (config.model, config.lr, config.set) == ("Flatten, Linear(3)", 1.0, {"beta1": 0.5})


@pytest.mark.parametrize("content", [b"lr = ", b"\xff\xfe", b"lr = 1\nlr = 2", b"[set", b"\0"])
def test_a_damaged_file_of_settings_is_named(content: bytes, tmp_path: Path):
    path = tmp_path / "run.toml"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_config_file(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_missing_file_of_settings_is_named(tmp_path: Path):
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(UserError, match=r"^--config "):
            read_config_file(path)
