from collections.abc import Callable
from math import nan
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import datasets
from engine.datasets import Dataset
from engine.errors import UserError
from engine.optimizers import optimizers
from engine.plain_step import SingleStep
from engine.stages.step import CompiledStep
from engine.training.config import make_config, read_preset
from engine.training.learner import EVALUATED, FEW, Learner

Learn = Callable[..., Learner]

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Watched(SingleStep):
    """A compiled step that keeps what its first layer was given: a sample of the tiny data is known by its pixels."""

    def __init__(self, step: CompiledStep, seen: list[np.ndarray]) -> None:
        self._step, self._seen = step, seen

    def run(self, *arguments: Any) -> Any:
        result = self._step.run(*arguments)
        self._seen.append(self._step.samples.reshape(self._step.batch, -1).copy())
        return result


def watch(learner: Learner) -> list[np.ndarray]:
    """The batches that the learner will take."""
    seen: list[np.ndarray] = []
    original = learner._step
    learner._step = lambda count: Watched(original(count), seen)
    return seen


def epoch_batches(learner: Learner) -> list[np.ndarray]:
    """The samples of each step of an epoch."""
    seen = watch(learner)
    while learner.end_epoch() is None:
        learner.train_step(10)
    del learner._step
    return seen


def rows(x: np.ndarray) -> list[bytes]:
    return sorted(row.tobytes() for row in x.reshape(len(x), -1))


@SHARED
@given(batch_size=st.integers(1, 108), seed=st.integers(0, 2**32 - 1))
def test_an_epoch_sees_every_sample_once(learn: Learn, tiny_data: Dataset, batch_size: int, seed: int):
    learner = learn(batch_size=batch_size, seed=seed)
    batches = epoch_batches(learner)
    assert rows(np.concatenate(batches)) == rows(tiny_data.train.x)
    assert len(batches) == learner.steps_per_epoch
    assert {len(batch) for batch in batches[:-1]} <= {batch_size}
    assert (learner.position.epoch, learner.position.sample, learner.position.step) == (1, 0, len(batches))


@SHARED
@given(st.data())
def test_an_epoch_sees_every_sample_once_while_the_batch_size_changes(learn: Learn, tiny_data: Dataset, data: Any):
    learner = learn()
    seen = watch(learner)
    while learner.end_epoch() is None:
        learner.set("batch_size", data.draw(st.integers(1, 108)))
        learner.train_step(1)
    assert rows(np.concatenate(seen)) == rows(tiny_data.train.x)


def test_epochs_and_seeds_differ_in_their_order(learn: Learn):
    learner, other = learn(seed=1), learn(seed=2)
    first, second, third = epoch_batches(learner), epoch_batches(learner), epoch_batches(other)
    assert any((a != b).any() for a, b in zip(first, second, strict=True))
    assert any((a != b).any() for a, b in zip(first, third, strict=True))


def test_the_same_seed_gives_the_same_weights(learn: Learn):
    def trained(seed: int) -> bytes:
        learner = learn(seed=seed, model="Flatten, Linear(9), BatchNorm1d, ReLU, Dropout(0.3), Linear(3)")
        for _ in range(15):
            learner.train_step(3)
            learner.end_epoch()
        return learner.model.values.tobytes()

    assert trained(4) == trained(4)
    assert trained(4) != trained(5)


def test_looking_changes_nothing(learn: Learn, tiny_data: Dataset):
    model = "Flatten, Linear(9), BatchNorm1d, ReLU, Dropout(0.3), Linear(3)"
    left_alone, watched = learn(model=model), learn(model=model)
    for _ in range(6):
        left_alone.train_step(3)
        watched.evaluate(tiny_data.validation)
        watched.train_step(3)
        watched.predict(tiny_data.test.x[:4])
    assert watched.model.values.tobytes() == left_alone.model.values.tobytes()
    for name, buffer in left_alone.model.buffers.items():
        np.testing.assert_array_equal(watched.model.buffers[name], buffer)


def test_a_network_learns(learn: Learn, tiny_data: Dataset):
    learner = learn(lr=0.01)
    before = learner.evaluate(tiny_data.test)
    for _ in range(40 * learner.steps_per_epoch):
        learner.train_step(40)
        learner.end_epoch()
    loss, accuracy, count = learner.evaluate(tiny_data.test)
    assert loss < before[0] / 2
    assert accuracy > 0.8
    assert count == 30


@pytest.mark.parametrize("loss", ["cross_entropy", "bce", "mse"])
@pytest.mark.parametrize("batch", [1, 7, 30, 1000])
def test_evaluation_is_the_mean_over_all_samples(
    learn: Learn, tiny_data: Dataset, loss: str, batch: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.training.learner.EVALUATED", batch)
    learner = learn(loss=loss)
    outputs, _ = learner.model.forward(tiny_data.test.x, training=False)
    labels = tiny_data.test.labels
    value, _ = learner.loss.forward(outputs, learner.loss.targets(labels, outputs))
    found = learner.evaluate(tiny_data.test)
    assert found[0] == pytest.approx(value, rel=1e-5)
    assert found[1:] == ((outputs.argmax(axis=1) == labels).mean(), 30)
    assert learner.evaluate(tiny_data.test, limit=10)[2] == 10


@pytest.mark.parametrize("first", ["Conv2d(4, 3), ReLU, MaxPool2d(2), ", ""])
def test_outputs_are_the_models_own_however_many_samples_are_looked_at(first: str, learn: Learn, tiny_data: Dataset):
    learner = learn(model=f"{first}Flatten, Linear(9), BatchNorm1d, ReLU, Linear(3)")
    generator = np.random.default_rng(0)
    for count in (1, FEW, 2 * FEW + 1, EVALUATED // 4 + 1, 3, 2 * EVALUATED + 1):
        learner.train_step(10)
        x = generator.normal(size=(count, *tiny_data.input_shape)).astype(np.float32)
        expected, _ = learner.model.forward(x, training=False)
        np.testing.assert_allclose(learner.outputs(x), expected, rtol=1e-3, atol=1e-5)
        answers, probabilities = learner.predict(x)
        np.testing.assert_array_equal(answers, learner.outputs(x).argmax(axis=1))
        np.testing.assert_allclose(probabilities, learner.loss.probabilities(expected), atol=1e-5)


@pytest.mark.parametrize("preset", ["mlp", "lenet", "cnn", "resnet-small"])
def test_what_is_compiled_to_train_is_enough_to_look_at_few_samples(preset: str):
    """Else the first look would hold up training for as long as that takes."""
    settings = {**read_preset(preset)[1], "dataset": "mnist-5k"}
    learner = Learner(make_config(settings), datasets.load("mnist-5k"))
    assert set(learner._compiled_forward(FEW).phases) <= set(learner.phases)
    learner.close()


def test_figures_of_a_step(learn: Learn):
    learner = learn(
        model="Flatten, Linear(8), ReLU, Linear(3)", optimizer="sgd(learning_rate=0.5)", schedule="warmup(4)"
    )
    for step in range(4):
        figures = learner.train_step(1)
        assert figures.learning_rate == pytest.approx(0.5 * (step + 1) / 4)
        assert figures.samples == 20
        assert 0 <= figures.score <= 20
        parameters = learner.model.parameters
        for norm, layer in zip(figures.norms, (1, 3), strict=True):
            gradients = [parameters[f"{layer}.{name}"].gradient for name in ("weight", "bias")]
            assert norm == pytest.approx(np.sqrt(sum(np.square(g, dtype=np.float64).sum() for g in gradients)))


def test_norms_are_told_before_clipping_and_the_step_is_clipped(learn: Learn):
    options = {"optimizer": "sgd(learning_rate=1)", "init": "he"}
    free, clipped = learn(**options), learn(**options, clip_norm=0.01)
    before = free.model.values.copy()
    figures, same = free.train_step(1), clipped.train_step(1)
    np.testing.assert_array_equal(figures.norms, same.norms)
    assert np.linalg.norm(clipped.model.values - before) == pytest.approx(0.01, rel=1e-3)
    assert np.linalg.norm(free.model.values - before) > 0.02


def test_sums_of_an_epoch_are_those_of_its_steps(learn: Learn):
    learner = learn()
    steps = []
    while (sums := learner.end_epoch()) is None:
        steps.append(learner.train_step(1))
    assert sums.count == 108
    assert sums.loss == pytest.approx(sum(step.loss * step.samples for step in steps))
    assert sums.score == sum(step.score for step in steps)


@pytest.mark.parametrize(
    "name",
    ["learning_rate", "weight_decay", "beta1", "beta2", "batch_size", "clip_norm", "dropout", "augment_intensity"],
)
def test_a_hyperparameter_is_set_and_refused(learn: Learn, name: str):
    learner = learn(model="Flatten, Linear(8), Dropout(0.1), ReLU, Dropout(0.2), Linear(3)", augment="affine")
    item = learner.hyperparameter(name)
    changed = learner.set(name, item.stepped(+1))
    assert changed.value == item.stepped(+1) == learner.hyperparameter(name).value
    for bad in (nan, -1, 1e9, "x"):
        with pytest.raises(UserError):
            learner.set(name, bad)
    assert learner.hyperparameter(name).value == changed.value


def test_dropout_is_set_in_all_layers(learn: Learn):
    learner = learn(model="Flatten, Linear(8), Dropout(0.1), ReLU, Dropout(0.2), Linear(3)")
    learner.set("dropout", 0.5)
    assert [layer.p for layer in learner.model.layers if hasattr(layer, "p")] == [0.5, 0.5]


def test_dropout_is_set_inside_a_residual_and_for_whole_channels(learn: Learn):
    learner = learn(model="Residual(Dropout2d(0.1), ReLU), Flatten, Residual(Residual(Dropout(0.2))), Linear(3)")
    assert learner.hyperparameter("dropout").value == 0.1
    learner.set("dropout", 0.5)
    assert [layer.p for layer in learner.model.dropouts] == [0.5, 0.5]


def test_a_norm_for_each_layer_inside_others(learn: Learn):
    learner = learn(
        model="Conv2d(2, 3), Residual(Conv2d(2, 1), Residual(Conv2d(2, 1, bias=False))), Flatten, Linear(3)"
    )
    norms = learner.train_step(1).norms
    by_layer: dict[str, float] = {}
    for name, parameter in learner.model.parameters.items():
        layer = name.rpartition(".")[0]
        by_layer[layer] = by_layer.get(layer, 0.0) + float((parameter.gradient**2).sum())
    assert list(by_layer) == ["0", "1.0", "1.1.0", "3"]
    np.testing.assert_allclose(norms, np.sqrt(list(by_layer.values())), rtol=1e-5)


def test_what_is_tunable_is_listed_once(learn: Learn):
    learner = learn(optimizer="momentum", model="Flatten, Linear(8), Dropout(0.1), Linear(3)", augment="elastic")
    names = [item.name for item in learner.hyperparameters]
    assert names == [
        "learning_rate",
        "weight_decay",
        "momentum",
        "batch_size",
        "clip_norm",
        "dropout",
        "label_smoothing",
        "augment_intensity",
    ]
    left_out = {"label_smoothing", "augment_intensity"}
    assert [item.name for item in learn(loss="mse").hyperparameters if item.name in left_out] == []


def test_a_learning_rate_set_is_the_one_that_is_used(learn: Learn):
    learner = learn(optimizer="sgd", lr=0.25, schedule="constant")
    assert learner.train_step(1).learning_rate == 0.25
    learner.set("lr", 0.5)
    assert learner.train_step(1).learning_rate == 0.5


@pytest.mark.parametrize("model", ["Flatten, Linear(8), ReLU, Linear(3)", "Flatten, Linear(8), BatchNorm1d, Linear(3)"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adamw"])
def test_a_step_that_is_not_finite_leaves_all_as_it_was(learn: Learn, model: str, optimizer: str):
    learner = learn(model=model, optimizer=optimizer)
    learner.train_step(1)
    learner.model.parameters["1.weight"].value[...] = np.random.default_rng(0).normal(size=(8, 25)) * 1e38
    before = learner.model.values.tobytes()
    moments = {name: moment.tobytes() for name, moment in learner.optimizer.moments.items()}
    position, steps = (learner.position.step, learner.position.sample), learner.optimizer.steps
    with np.errstate(all="ignore"):
        figures = learner.train_step(1)
    assert figures.trouble in ("the loss", "the gradient")
    assert learner.model.values.tobytes() == before
    assert {name: moment.tobytes() for name, moment in learner.optimizer.moments.items()} == moments
    assert (learner.position.step, learner.position.sample, learner.optimizer.steps) == (*position, steps)
    assert all(np.isfinite(buffer).all() for buffer in learner.model.buffers.values())


def test_an_infinite_gradient_of_a_finite_loss_is_found(learn: Learn):
    learner = learn(loss="mse", model="Flatten, Linear(8), Linear(3)")
    learner.model.parameters["1.weight"].value[...] *= 1e12
    learner.model.parameters["2.weight"].value[...] = 1e18
    before = learner.model.values.tobytes()
    with np.errstate(all="ignore"):
        assert learner.train_step(1).trouble != ""
    assert learner.model.values.tobytes() == before


def test_layers_that_give_more_than_there_is_memory_for_are_refused(learn: Learn):
    with pytest.raises(UserError, match="numbers for each sample; there is no memory for 250 samples"):
        learn(model="Conv2d(64, 3, padding=5000), GlobalAvgPool2d, Flatten, Linear(3)")


@pytest.mark.parametrize("model", ["Conv2d(1, 8, 3), Flatten, Linear(3)", "BatchNorm2d(8), Flatten, Linear(3)"])
def test_arguments_as_pytorch_orders_them_are_not_taken_for_others(learn: Learn, model: str):
    with pytest.raises(UserError, match="too many positional arguments"):
        learn(model=model)


THEIRS = {
    "sgd": ("SGD", 0.5, {}),
    "momentum": ("SGD", 0.1, {"momentum": 0.9}),
    "nesterov": ("SGD", 0.1, {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", 0.01, {}),
    "adam": ("Adam", 0.01, {}),
    "adamw": ("AdamW", 0.01, {}),
}


@pytest.mark.parametrize("clip_norm", [0.0, 0.3])
@pytest.mark.parametrize("name", optimizers.names())
def test_update_ratios_are_those_of_pytorch(learn: Learn, tiny_data: Dataset, name: str, clip_norm: float):
    """The same steps in float64, with PyTorch's optimizer, clipping and a schedule."""
    torch = pytest.importorskip("torch")
    kind, rate, options = THEIRS[name]
    learner = learn(
        model="Conv2d(4, 3), ReLU, Flatten, Linear(8), ReLU, Linear(3)",
        optimizer=f"{name}(learning_rate={rate})",
        schedule="warmup(4)",
        clip_norm=clip_norm,
    )
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(36, 8),
        torch.nn.ReLU(),
        torch.nn.Linear(8, 3),
    ).double()
    net.load_state_dict({key: torch.tensor(p.value.astype(float)) for key, p in learner.model.parameters.items()})
    theirs = getattr(torch.optim, kind)(net.parameters(), lr=rate, **options)
    for step in range(8):
        chosen = learner._batch(learner.position.epoch, learner.position.sample, step).chosen
        x, labels = torch.tensor(tiny_data.train.x[chosen]).double(), torch.tensor(tiny_data.train.labels[chosen])
        figures = learner.train_step(2)
        theirs.zero_grad()
        torch.nn.functional.cross_entropy(net(x), labels).backward()
        if clip_norm:
            norm = torch.nn.utils.clip_grad_norm_(net.parameters(), clip_norm)
            assert step or norm > clip_norm
        theirs.param_groups[0]["lr"] = figures.learning_rate
        before = {key: value.clone() for key, value in net.state_dict().items()}
        theirs.step()
        after = net.state_dict()
        expected = [float((after[k] - before[k]).norm() / before[k].norm()) for k in after if k.endswith("weight")]
        np.testing.assert_allclose(figures.update_ratios, expected, rtol=1e-4)
        learner.end_epoch()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_norms_and_ratios_of_all_kinds_of_layers_are_those_of_pytorch(learn: Learn, tiny_data: Dataset, optimizer: str):
    """Convolutions, batch normalization and a residual chain, in float64, layer by layer."""
    torch = pytest.importorskip("torch")
    nn = torch.nn

    class Residual(nn.Sequential):
        def forward(self, x: Any) -> Any:
            return x + super().forward(x)

    learner = learn(
        model="Conv2d(4, 3, bias=False), BatchNorm2d, ReLU, Residual(Conv2d(4, 3, padding=1), BatchNorm2d), ReLU, "
        "MaxPool2d(3), Flatten, Linear(8), BatchNorm1d, Tanh, Linear(3)",
        optimizer=f"{optimizer}(learning_rate=0.02)",
    )
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        Residual(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)),
        nn.ReLU(),
        nn.MaxPool2d(3),
        nn.Flatten(),
        nn.Linear(4, 8),
        nn.BatchNorm1d(8),
        nn.Tanh(),
        nn.Linear(8, 3),
    ).double()
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    theirs = kind(net.parameters(), lr=0.02)
    layers = [leaf.name for leaf in learner.model.learning_layers]
    for step in range(6):
        # From the same weights each time, or Adam would carry rounding from step to step.
        ours = {key: torch.tensor(p.value.astype(float)) for key, p in learner.model.parameters.items()}
        net.load_state_dict(ours, strict=False)
        chosen = learner._batch(learner.position.epoch, learner.position.sample, step).chosen
        x, labels = torch.tensor(tiny_data.train.x[chosen]).double(), torch.tensor(tiny_data.train.labels[chosen])
        figures = learner.train_step(2)
        theirs.zero_grad()
        nn.functional.cross_entropy(net(x), labels).backward()
        gradients = {name: p.grad for name, p in net.named_parameters()}
        norms = [
            float(sum((g**2).sum() for name, g in gradients.items() if name.rpartition(".")[0] == layer)) ** 0.5
            for layer in layers
        ]
        np.testing.assert_allclose(figures.norms, norms, rtol=1e-4)
        theirs.step()
        after = net.state_dict()
        changes = [float((after[f"{n}.weight"] - ours[f"{n}.weight"]).norm()) for n in layers]
        sizes = [float(ours[f"{n}.weight"].norm()) for n in layers]
        np.testing.assert_allclose(figures.update_ratios, np.divide(changes, sizes), rtol=1e-4)
        learner.end_epoch()


def test_weights_of_nothing_have_the_ratio_0_until_they_move(learn: Learn):
    learner = learn(init="zeros", model="Flatten, Linear(8), ReLU, Linear(3)")
    with np.errstate(all="raise"):
        assert learner.train_step(9).update_ratios.tolist() == [0, 0]
    learner = learn(init="zeros", model="Flatten, Linear(3)")
    with np.errstate(all="raise"):
        ratios = [learner.train_step(9).update_ratios[0] for _ in range(3)]
    assert ratios[0] == np.inf
    assert np.isfinite(ratios[1:]).all()


@SHARED
@given(batch_size=st.integers(1, 60), most=st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_steps_in_a_row_are_those_of_one_by_one(learn: Learn, batch_size: int, most: list[int]):
    rows, single = (learn(batch_size=batch_size, schedule="cosine", optimizer="adam") for _ in range(2))
    for limit in most:
        before = rows.position.step
        figures = rows.train_steps(3, limit)
        assert 1 <= len(figures) == rows.position.step - before <= limit
        for found in figures:
            expected = single.train_step(3)
            assert (found.loss, found.score, found.learning_rate) == (
                expected.loss,
                expected.score,
                expected.learning_rate,
            )
            np.testing.assert_array_equal(found.norms, expected.norms)
            np.testing.assert_array_equal(found.update_ratios, expected.update_ratios)
        assert rows.position == single.position
        assert rows.epoch <= rows.position.epoch + 1
        ended = rows.end_epoch()
        assert (ended is None) == (single.end_epoch() is None)
    assert rows.model.values.tobytes() == single.model.values.tobytes()
