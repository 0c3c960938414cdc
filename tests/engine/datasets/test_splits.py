import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets import Dataset
from engine.datasets.splits import TEST_SHARE, VALIDATION_SHARE, split_samples, split_validation, with_few_samples
from engine.errors import UserError

labels_of_any_kind = st.lists(st.integers(0, 5), max_size=80).map(lambda labels: np.array(labels, dtype=np.uint8))


@given(labels_of_any_kind, st.floats(0.01, 0.99), st.integers(0, 2**32))
def test_parts_are_disjoint_complete_and_stratified(labels: np.ndarray, share: float, seed: int):
    train, validation = split_validation(labels, share, seed)
    assert sorted([*train, *validation]) == list(range(len(labels)))
    for label in np.unique(labels):
        count, kept = np.sum(labels == label), np.sum(labels[validation] == label)
        if count == 1:
            assert kept == 0
        else:
            assert 1 <= kept <= count - 1
            assert abs(kept - share * count) <= 1


def test_indices_ascend():
    train, validation = split_validation(np.arange(100) % 4)
    assert (np.diff(train) > 0).all()
    assert (np.diff(validation) > 0).all()


def test_seed_decides_which():
    labels = np.arange(1000) % 10
    first, again, other = (split_validation(labels, seed=seed)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_class_is_drawn_from_all_over():
    _, validation = split_validation(np.zeros(1000, dtype=np.uint8))
    assert len(validation) == 100
    assert validation.min() < 100
    assert validation.max() >= 900


def test_few_samples_are_some_of_those_there_with_their_labels(tiny_data: Dataset):
    few = with_few_samples(tiny_data, 40)
    assert (len(few.train), few.validation, few.test) == (40, tiny_data.validation, tiny_data.test)
    there = {(x.tobytes(), int(label)) for x, label in zip(tiny_data.train.x, tiny_data.train.labels, strict=True)}
    chosen = {(x.tobytes(), int(label)) for x, label in zip(few.train.x, few.train.labels, strict=True)}
    assert len(chosen) == 40
    assert chosen < there
    assert with_few_samples(tiny_data, 40).train.x.tobytes() == few.train.x.tobytes()


def test_all_or_none_named_is_the_data_as_it_is(tiny_data: Dataset):
    for count in (0, len(tiny_data.train)):
        np.testing.assert_array_equal(with_few_samples(tiny_data, count).train.labels, tiny_data.train.labels)


def test_more_samples_than_there_are_is_a_mistake(tiny_data: Dataset):
    with pytest.raises(UserError, match=r"--samples 109: .* has 108 training samples"):
        with_few_samples(tiny_data, 109)


@given(labels_of_any_kind)
def test_three_parts_are_disjoint_complete_and_stratified(labels: np.ndarray):
    parts = split_samples(labels, test=True)
    assert sorted([*parts.train, *parts.validation, *parts.test]) == list(range(len(labels)))
    for label in np.unique(labels):
        count = np.sum(labels == label)
        tested, validated = (np.sum(labels[part] == label) for part in (parts.test, parts.validation))
        if count > 2:
            assert abs(tested - TEST_SHARE * count) <= 1
            assert abs(validated - VALIDATION_SHARE * (count - tested)) <= 1
            assert np.sum(labels[parts.train] == label) >= 1


def test_numbers_are_one_class():
    parts = split_samples(np.linspace(0, 1, 50), test=True)
    assert tuple(map(len, parts)) == (36, 4, 10)
