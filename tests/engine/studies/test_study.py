import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import datasets
from engine.datasets.splits import with_few_samples
from engine.errors import UserError
from engine.studies.figures import CURVES, FIGURES
from engine.studies.sentences import sentences
from engine.studies.study import Plan, make_plan, read_study, study_names, with_options
from engine.training.learner import Learner

BAD: list[tuple[dict[str, Any], list[str]]] = [
    # What is changed, and the words that say where it is wrong and what would be right.
    ({"colums": ["seconds"]}, ["key 'colums'", "columns"]),
    ({"curve": None}, ["has no 'curve'"]),
    ({"vary": None}, ["has no 'vary'"]),
    ({"curve": "validation_acuracy"}, ["curve 'validation_acuracy'", "did you mean 'validation_accuracy'"]),
    ({"columns": ["trainloss"]}, ["column 'trainloss'", "did you mean 'train_loss'"]),
    ({"columns": []}, ["columns", "must be"]),
    ({"columns": ["ratio"]}, ["column 'ratio'"]),
    ({"sentence": "fastst"}, ["sentence", "'fastst'", "did you mean 'fastest'"]),
    ({"sentence": "vanishing"}, ["sentence", "'vanishing'", "best, fastest, gap"]),
    ({"curve": "bias_gradient"}, ["column", "known: ratio"]),
    ({"curve": "bias_gradient", "columns": ["ratio"]}, ["sentence", "'fastest'", "known: vanishing"]),
    ({"target": None}, ["has no 'target'"]),
    ({"target": "high"}, ["target", "must be a number"]),
    ({"by": "hour"}, ["by", "hour"]),
    ({"seeds": 0}, ["seeds", ">= 1"]),
    ({"seeds": [1, 2]}, ["seeds", "whole number"]),
    ({"settings": {"optimzer": "adam"}}, ["[settings]", "setting 'optimzer'", "did you mean 'optimizer'"]),
    ({"settings": {"epochs": "many"}}, ["[settings]", "epochs many", "whole number"]),
    ({"settings": {"preset": "mpl"}}, ["preset", "'mpl'", "did you mean 'mlp'"]),
    ({"vary": {}}, ["vary", "length"]),
    ({"vary": {"lr": [0.1, "fast"]}}, ["[vary] fast", "lr fast", "number"]),
    ({"vary": {"lrr": [0.1, 0.2]}}, ["[vary]", "setting 'lrr'", "did you mean 'lr'", "a table of settings"]),
    ({"vary": {"network": {"a": {"modl": "x"}, "b": {}}}}, ["[vary] a", "setting 'modl'", "did you mean 'model'"]),
    ({"vary": {"lr": [0.1]}}, ["[vary]", "makes 1 rows", "2 to 20"]),
    ({"vary": {"lr": [0.1, 0.1]}}, ["[vary]", "'0.1'", "twice"]),
    ({"vary": {"epochs": list(range(1, 22))}}, ["[vary]", "makes 21 rows"]),
    ({"vary": {"seed": [1, 2]}}, ["[vary] seed", "'seeds'"]),
    ({"vary": {"lr": [1, 2], "epochs": [1, 2], "init": ["he"]}}, ["vary", "length"]),
    ({"published": {"source": "a book", "figures": {"0.2": 1}}}, ["[published.figures]", "'0.2'", "0.01, 0.5"]),
    ({"published": {"sauce": "a book", "figures": {}}}, ["[published]", "'sauce'", "did you mean 'source'"]),
]


@pytest.mark.parametrize(("changes", "words"), BAD, ids=[str(changes) for changes, _ in BAD])
def test_a_mistake_is_one_line_that_names_the_key(
    changes: dict[str, Any], words: list[str], content: Callable[..., dict[str, Any]]
):
    given = content(**changes)
    with pytest.raises(UserError) as caught:
        make_plan("small", given)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("curve = = 3", ["not a readable TOML file", "line 1"]),
        ("colour = 3", ["unknown key 'colour'"]),
        (None, ["no such file"]),
    ],
)
def test_and_the_file(text: str | None, words: list[str], tmp_path: Path):
    file = tmp_path / "mine.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UserError) as caught:
        read_study(str(file))
    for word in [str(file), *words]:
        assert word in str(caught.value)


def test_an_unknown_name_comes_with_the_nearest_and_the_way_to_ones_own():
    with pytest.raises(UserError, match=r"did you mean 'depth'\?; or give the path of a .toml file"):
        read_study("deph")


@pytest.mark.parametrize("name", study_names())
def test_each_study_that_comes_along_can_be_trained_in_every_case(name: str):
    plan = read_study(name)
    study = plan.study
    assert 10 < len(study.description) <= 120
    assert study.curve in CURVES
    assert set(study.columns) <= set(FIGURES)
    assert len({str(case.config) for case in plan.cases}) == len(plan.cases) >= 3
    for case in plan.cases:
        data = with_few_samples(datasets.load(case.config.dataset), case.config.samples)
        learner = Learner(case.config, data)
        assert learner.train_step(1).trouble == ""
        learner.close()


def test_the_studies_are_there():
    named = {"learning-rate", "activation", "initialization", "optimizer", "batch-size", "depth", "regularization"}
    assert named <= set(study_names())


def test_a_list_gives_labels_of_its_own_and_numbers_the_name_of_the_setting(plan: Callable[..., Plan]):
    assert [(case.label, case.name, case.config.lr) for case in plan().cases] == [
        ("0.01", "lr 0.01", 0.01),
        ("0.5", "lr 0.5", 0.5),
    ]
    words = plan(vary={"init": {"small": "normal(0.01)", "He": "he"}})
    assert [(case.label, case.name, case.config.init) for case in words.cases] == [
        ("small", "small", "normal(0.01)"),
        ("He", "He", "he"),
    ]


def test_two_settings_make_a_grid(plan: Callable[..., Plan]):
    grid = plan(vary={"lr": [0.1, 0.2], "batch_size": [10, 20]})
    assert grid.axis == "lr, batch size"
    assert [case.label for case in grid.cases] == ["0.1, 10", "0.1, 20", "0.2, 10", "0.2, 20"]
    assert grid.cases[1].name == "lr 0.1, batch size 20"
    assert [(case.config.lr, case.config.batch_size) for case in grid.cases] == [
        (0.1, 10), (0.1, 20), (0.2, 10), (0.2, 20),
    ]  # fmt: skip


def test_a_label_may_stand_for_several_settings_and_adds_to_the_shared_numbers(
    plan: Callable[..., Plan], content: Callable[..., dict[str, Any]]
):
    settings = content()["settings"] | {"set": {"weight_decay": 0.1}}
    both = plan(settings=settings, vary={"way": {"a": {"lr": 0.3, "set": {"clip_norm": 2}}, "b": {"epochs": 5}}})
    first, second = (case.config for case in both.cases)
    assert (first.lr, first.set, first.epochs) == (0.3, {"weight_decay": 0.1, "clip_norm": 2}, 3)
    assert (second.lr, second.set, second.epochs) == (None, {"weight_decay": 0.1}, 5)


def test_a_preset_is_begun_from_and_its_rate_is_for_its_own_optimizer(plan: Callable[..., Plan]):
    begun = plan(settings={"preset": "deep-relu", "epochs": 2})
    assert begun.cases[0].config.model.count("Linear") == 5
    assert begun.cases[0].config.epochs == 2
    other = plan(settings={"preset": "deep-relu"}, vary={"optimizer": ["sgd", "adam"]})
    assert [case.config.lr for case in other.cases] == [None, None]


def test_every_case_runs_with_every_seed_from_the_settings_own_on(
    plan: Callable[..., Plan], content: Callable[..., dict[str, Any]]
):
    runs = plan(settings=content()["settings"] | {"seed": 7}).runs
    assert [(case.label, config.seed) for case, config in runs] == [("0.01", 7), ("0.5", 7), ("0.01", 8), ("0.5", 8)]


def test_options_overrule_the_file(plan: Callable[..., Plan]):
    other = with_options(plan(), "3", "9")
    assert len(other.runs) == 6
    assert {config.epochs for _, config in other.runs} == {9}
    for options, word in ((("none", None), "--seeds none"), ((None, "0"), "--epochs 0")):
        with pytest.raises(UserError, match=word):
            with_options(plan(), *options)
    with pytest.raises(UserError, match="varies the epochs"):
        with_options(plan(vary={"epochs": [1, 2]}), None, "3")


@pytest.mark.parametrize("vary", [{"way": {"a": {}, "b": {"epochs": 5}}}, {"epochs": {"few": 1, "b": 2}}])
def test_epochs_that_a_case_has_of_its_own_are_not_overruled_in_silence(
    vary: dict[str, Any], plan: Callable[..., Plan]
):
    with pytest.raises(
        UserError, match=r"^--epochs 3: the study small varies the epochs \(\[vary\] (b|few)\)"
    ) as caught:
        with_options(plan(vary=vary), None, "3")
    assert "\n" not in str(caught.value)
    assert len(with_options(plan(vary=vary), "4", None).runs) == 8


def test_seeds_do_not_run_past_the_largest_there_is(plan: Callable[..., Plan], content: Callable[..., dict[str, Any]]):
    late = content()["settings"] | {"seed": 2**32 - 2}
    last = plan(settings=late)
    assert [config.seed for _, config in last.runs][-1] == 2**32 - 1
    with pytest.raises(UserError, match=r"^seeds 3: lr 0.01 begins with seed 4294967294; must be <= 2$"):
        plan(settings=late, seeds=3)
    with pytest.raises(UserError, match=r"^--seeds 3: lr 0.01 begins with seed 4294967294; must be <= 2$"):
        with_options(last, "3", None)
    with pytest.raises(UserError, match=r"^seeds 2: b begins with seed 4294967295; must be <= 1$"):
        plan(vary={"way": {"a": {}, "b": {"seed": 2**32 - 1}}})


def test_without_a_dataset_it_is_the_embedded_one(plan: Callable[..., Plan]):
    text = (Path(__file__).parents[3] / "docs" / "studies.md").read_text(encoding="utf-8")
    assert "a study without `dataset`, here or in its preset, uses `mnist-5k`" in text
    assert {case.config.dataset for case in plan(settings={"preset": "mlp"}).cases} == {"mnist-5k"}


def test_the_example_in_the_docs_is_a_study():
    text = (Path(__file__).parents[3] / "docs" / "studies.md").read_text(encoding="utf-8")
    plan = make_plan("mine", tomllib.loads(text.split("```toml\n")[1].split("```")[0]))
    assert [case.label for case in plan.cases] == ["sgd, 0.1", "sgd, 0.01", "momentum, 0.1", "momentum, 0.01"]


def test_every_curve_column_and_sentence_is_in_the_docs():
    text = (Path(__file__).parents[3] / "docs" / "studies.md").read_text(encoding="utf-8")
    for name in [*CURVES, *(name for name in FIGURES if not name.startswith("test_")), *sentences, *study_names()]:
        assert f"`{name}`" in text or f"## {name}\n" in text
