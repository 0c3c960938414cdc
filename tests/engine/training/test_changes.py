"""Changes of the network and of how it learns, against a learner that is made so from the beginning."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.errors import UserError
from engine.layers.leaky_relu import LeakyReLU
from engine.training import commands as c
from engine.training import events as e
from engine.training.changes import activations, change
from engine.training.config import make_config
from engine.training.learner import Learner

Learn = Callable[..., Learner]

DEEP = "Flatten, Linear(8), ReLU, Dropout(0.3), Residual(Linear(8), BatchNorm1d, Tanh), Linear(8), Sigmoid, Linear(3)"


def take(learner: Learner, steps: int, epochs: int = 100) -> None:
    for _ in range(steps):
        learner.end_epoch()
        assert not learner.train_step(epochs).trouble


def weights(learner: Learner) -> dict[str, np.ndarray]:
    return {name: parameter.value.copy() for name, parameter in learner.model.parameters.items()}


def copy_into(target: Learner, source: Learner) -> None:
    target.model.values[:] = source.model.values
    for name, moment in source.optimizer.moments.items():
        target.optimizer.moments[name][:] = moment
    for name, buffer in source.model.buffers.items():
        target.model.buffers[name][...] = buffer
    target.optimizer.steps = source.optimizer.steps
    target.position = msgspec.convert(msgspec.to_builtins(source.position), type(source.position))
    for mine, dropout in zip(target.model.dropouts, source.model.dropouts, strict=True):
        mine.draws = dropout.draws


def test_the_activations_are_those_that_bend_number_by_number():
    assert activations() == ["LeakyReLU", "ReLU", "Sigmoid", "Tanh"]


@pytest.mark.parametrize(
    ("layer", "activation", "model"),
    [
        ("1", "Tanh", DEEP.replace("ReLU", "Tanh")),
        ("1 Linear(8)", "LeakyReLU(0.2)", DEEP.replace("ReLU", "LeakyReLU(0.2)")),
        ("2 ReLU", "Sigmoid", DEEP.replace("ReLU", "Sigmoid")),
        ("4.0", "ReLU", DEEP.replace("Tanh", "ReLU")),
        ("4.1 BatchNorm1d", "LeakyReLU", DEEP.replace("Tanh", "LeakyReLU")),
        ("4.2 Tanh", "LeakyReLU(negative_slope=0.5)", DEEP.replace("Tanh", "LeakyReLU(negative_slope=0.5)")),
        ("5 Linear(8)", "Tanh", DEEP.replace("Sigmoid", "Tanh")),
    ],
)
def test_another_activation_goes_on_as_a_network_that_has_it_with_the_same_weights(
    learn: Learn, layer: str, activation: str, model: str
):
    ours, theirs = learn(model=DEEP), learn(model=model)
    take(ours, 7)
    copy_into(theirs, ours)
    changed = change(ours, c.SetActivation(layer, activation))
    assert (changed.what, changed.after) == ("activation", activation)
    assert ours.config.model == model
    take(ours, 5)
    take(theirs, 5)
    assert ours.model.values.tobytes() == theirs.model.values.tobytes()
    assert ours.evaluate(ours.dataset.test) == theirs.evaluate(theirs.dataset.test)


def test_a_slope_that_is_changed_is_that_of_the_layer(learn: Learn):
    learner = learn()
    change(learner, c.SetActivation("1", "LeakyReLU(0.3)"))
    assert [leaf.layer.negative_slope for leaf in learner.model.leaves if isinstance(leaf.layer, LeakyReLU)] == [0.3]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (c.SetActivation("9", "Tanh"), "layer '9': there is none"),
        (c.SetActivation("3 Linear(3)", "Tanh"), "has no activation behind it"),
        (c.SetActivation("1", "Rilu"), "unknown layer 'Rilu'"),
        (c.SetActivation("1", "Linear(8)"), "unknown activation 'Linear(8)'"),
        (c.SetActivation("1", "Softmax"), "unknown activation"),
        (c.SetActivation("1", "Tanh, Tanh"), "2 are named"),
        (c.SetActivation("1", "LeakyReLU('a')"), "negative_slope"),
        (c.SetActivation("1", "ReLU"), "its activation is ReLU already"),
        (c.SetActivation("1", "ReLU()"), "its activation is ReLU already"),
        (c.Reinitialize("2 ReLU"), "has no weights"),
        (c.Reinitialize("1", "his"), "unknown initializer 'his'"),
        (c.Freeze("0"), "has no weights to freeze"),
        (c.Freeze("1", False), "is learning already"),
        (c.SetSchedule("cosin"), "unknown schedule 'cosin'"),
        (c.SetSchedule(""), "cannot read the schedule"),
        (c.SetOptimizer("adm"), "unknown optimizer 'adm'"),
        (c.SetOptimizer("adam(beta1=2)"), "beta1 2"),
        (c.SetAugmentation("affin"), "unknown augmentation"),
        (c.SetAugmentation("affine(rotation=-1)"), "rotation -1"),
    ],
)
def test_what_cannot_be_is_named_and_changes_nothing(learn: Learn, command: Any, words: str):
    learner, untouched = learn(), learn()
    take(learner, 3)
    take(untouched, 3)
    with pytest.raises(UserError, match=r".") as caught:
        change(learner, command)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert learner.config == untouched.config
    take(learner, 3)
    take(untouched, 3)
    assert learner.model.values.tobytes() == untouched.model.values.tobytes()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam", "adamw(weight_decay=0.1)"])
def test_a_frozen_layer_is_neither_moved_nor_are_its_moments(learn: Learn, optimizer: str):
    learner = learn(optimizer=optimizer, clip_norm=0.1)
    take(learner, 4)
    moments = {name: moment.copy() for name, moment in learner.optimizer.moments.items()}
    before = weights(learner)
    change(learner, c.Freeze("1 Linear(8)"))
    figures = learner.train_step(9)
    after, layer = weights(learner), slice(*learner.model.offsets[[0, 2]])
    assert all(after[name].tobytes() == before[name].tobytes() for name in ("1.weight", "1.bias"))
    assert all(after[name].tobytes() != before[name].tobytes() for name in ("3.weight", "3.bias"))
    for name, moment in learner.optimizer.moments.items():
        assert moment[layer].tobytes() == moments[name][layer].tobytes()
    assert figures.norms[0] > 0 == figures.update_ratios[0]
    assert figures.update_ratios[1] > 0
    change(learner, c.Freeze("1", False))
    take(learner, 1)
    assert weights(learner)["1.weight"].tobytes() != before["1.weight"].tobytes()


def test_a_network_with_frozen_layers_trains_as_in_pytorch(learn: Learn):
    torch = pytest.importorskip("torch")
    learner = learn(model="Flatten, Linear(8), Tanh, Linear(6), Tanh, Linear(3)", optimizer="adam", clip_norm=0.05)
    theirs = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(25, 8), torch.nn.Tanh(), torch.nn.Linear(8, 6), torch.nn.Tanh(),
        torch.nn.Linear(6, 3),
    )  # fmt: skip
    theirs.load_state_dict({name: torch.tensor(array) for name, array in weights(learner).items()})
    optimizer = torch.optim.Adam(theirs.parameters(), lr=1e-3)
    for step in range(12):
        if step == 3:
            change(learner, c.Freeze("3"))
            theirs[3].requires_grad_(False)
        if step == 9:
            change(learner, c.Freeze("3", False))
            theirs[3].requires_grad_(True)
        learner.end_epoch()
        batch = learner._batch(learner.position.epoch, learner.position.sample, step)
        learner.train_step(9)
        x, labels = learner.dataset.train.x[batch.chosen], learner.dataset.train.labels[batch.chosen]
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(labels)).backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.05)
        optimizer.step()
        for name, array in weights(learner).items():
            np.testing.assert_allclose(array, theirs.state_dict()[name].numpy(), atol=2e-6, err_msg=f"{name}, {step}")


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_reinitialized_weights_are_drawn_anew_and_learn_as_in_a_first_step(learn: Learn, optimizer: str):
    learner = learn(model=DEEP, optimizer=optimizer)
    take(learner, 9)
    before, buffers = weights(learner), {name: array.copy() for name, array in learner.model.buffers.items()}
    change(learner, c.Reinitialize("5 Linear(8)", "he"))
    after = weights(learner)
    assert {name for name in after if after[name].tobytes() != before[name].tobytes()} == {"5.weight", "5.bias"}
    assert not after["5.bias"].any()
    assert abs(after["5.weight"].std() - (2 / 8) ** 0.5) < 0.15
    assert all(array.tobytes() == buffers[name].tobytes() for name, array in learner.model.buffers.items())
    figures = learner.train_step(9)
    place = list(learner.model.parameters).index("5.bias")
    start, stop = learner.model.offsets[place : place + 2]
    gradient, rate = learner.model.gradients[start:stop], learner.optimizer.learning_rate
    # The first step of either, from a bias of zero: lr g, or Adam's lr sign(g).
    moved = -rate * (np.sign(gradient) if optimizer == "adam" else gradient)
    np.testing.assert_allclose(learner.model.values[start:stop], moved, rtol=1e-3, atol=1e-9)
    assert not figures.trouble


def test_all_layers_begin_anew_with_their_running_statistics(learn: Learn):
    learner, again = learn(model=DEEP), learn(model=DEEP)
    for each in (learner, again):
        take(each, 9)
        change(each, c.Reinitialize("", "xavier"))
    assert learner.config.init == "xavier"
    assert learner.model.values.tobytes() == again.model.values.tobytes()
    buffers = learner.model.buffers
    assert not buffers["4.1.running_mean"].any()
    assert buffers["4.1.num_batches_tracked"] == 0
    assert (buffers["4.1.running_var"] == 1).all()
    change(again, c.Reinitialize("", "xavier"))
    assert learner.model.values.tobytes() == again.model.values.tobytes()
    take(again, 1)
    change(again, c.Reinitialize("", "xavier"))
    assert learner.model.values.tobytes() != again.model.values.tobytes()


def test_another_optimizer_begins_without_a_past_at_the_present_rate(learn: Learn):
    learner, theirs = learn(optimizer="adam", lr=0.02), learn(optimizer="momentum", lr=0.02)
    take(learner, 6)
    theirs.model.values[:] = learner.model.values
    theirs.position = msgspec.convert(msgspec.to_builtins(learner.position), type(learner.position))
    change(learner, c.SetOptimizer("momentum"))
    take(learner, 5)
    take(theirs, 5)
    assert learner.model.values.tobytes() == theirs.model.values.tobytes()
    assert [item.name for item in learner.hyperparameters] == [item.name for item in theirs.hyperparameters]
    change(learner, c.SetOptimizer("sgd(learning_rate=0.5)"))
    assert (learner.optimizer.learning_rate, learner.config.optimizer) == (0.5, "sgd(learning_rate=0.5)")


def test_another_schedule_acts_on_the_next_step(learn: Learn):
    learner = learn(lr=0.02)
    assert learner.train_step(2).learning_rate == 0.02
    change(learner, c.SetSchedule("exponential(0.5)"))
    take(learner, 5)
    learner.end_epoch()
    assert learner.train_step(2).learning_rate == 0.01
    assert make_config(msgspec.to_builtins(learner.config)).schedule == "exponential(0.5)"


def test_another_augmentation_varies_the_next_batch(learn: Learn):
    plain, varied = learn(), learn(augment="affine(rotation=30)")
    take(plain, 3)
    copy_into(varied, plain)
    change(plain, c.SetAugmentation("affine(rotation=30)"))
    assert "augment_intensity" in [item.name for item in plain.hyperparameters]
    take(plain, 6)
    take(varied, 6)
    assert plain.model.values.tobytes() == varied.model.values.tobytes()
    assert plain.config.augment == "affine(rotation=30)"
    change(plain, c.SetAugmentation("none"))
    assert "augment_intensity" not in [item.name for item in plain.hyperparameters]


def test_a_search_leaves_frozen_layers_alone_and_measures_what_was_changed(learn: Learn):
    learner = learn(strategy="hill_climbing(scale=0.3)")
    take(learner, 3)
    change(learner, c.Freeze("1"))
    before = weights(learner)
    take(learner, 20)
    after = weights(learner)
    assert after["1.weight"].tobytes() == before["1.weight"].tobytes()
    assert after["3.weight"].tobytes() != before["3.weight"].tobytes()
    change(learner, c.SetActivation("1", "Sigmoid"))
    assert learner.train_step(9).loss <= learner.evaluate(learner.dataset.train)[0] + 1e-6
    for command in (c.SetOptimizer("sgd"), c.SetAugmentation("affine")):
        with pytest.raises(UserError, match="hill_climbing"):
            change(learner, command)


def test_the_trainer_tells_what_it_changed(train: Callable[..., Any]):
    run = train(
        c.RunSteps(2),
        c.SetActivation("1", "Tanh"),
        c.Freeze("3 Linear(3)"),
        c.Reinitialize("", "zeros"),
        c.SetSchedule("cosine"),
        c.SetOptimizer("rmsprop"),
        c.SetAugmentation("elastic"),
        c.Freeze("7"),
        paused=True,
    )
    told = run.of(e.NetworkChanged)
    assert [(item.what, item.layer, item.before, item.after) for item in told] == [
        ("activation", "1 Linear(8)", "ReLU", "Tanh"),
        ("frozen", "3 Linear(3)", "learning", "frozen"),
        ("weights", "", "auto", "zeros"),
        ("schedule", "", "constant", "cosine"),
        ("optimizer", "", "adam", "rmsprop"),
        ("augmentation", "", "none", "elastic"),
    ]
    assert [(layer.activation, layer.frozen) for layer in told[-1].layers] == [("Tanh", False), ("", True)]
    assert told[-1].config.model == "Flatten, Linear(8), Tanh, Linear(3)"
    assert {item.step for item in told} == {2}
    assert "there is none" in run.the(e.CommandRefused).reason
    assert told[0].text == "activation of 1 Linear(8) changed from ReLU to Tanh"


def test_a_restart_keeps_the_network_as_it_is_now(train: Callable[..., Any]):
    run = train(
        c.SetActivation("1", "Tanh"), c.Freeze("1"), c.SetOptimizer("sgd"), c.RunSteps(2), c.Restart(), c.Pause(),
        paused=True, linger=True, epochs=1,
    )  # fmt: skip
    second = run.of(e.RunStarted)[1]
    assert (second.config.model, second.config.optimizer) == ("Flatten, Linear(8), Tanh, Linear(3)", "sgd")
    assert [layer.frozen for layer in second.layers] == [True, False]
