"""What a step takes and leaves: the batch that it was given, whatever was made ready; the same bits, whoever works."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernels.crew import Crew
from engine.stages.step import CompiledStep

Make = Callable[..., Any]

PICTURE = (2, 6, 5)
AUGMENTS = ["none", "affine", "elastic(sigma=2)"]
EVERYTHING = (
    "Conv2d(9, 3, padding=1), ReLU, MaxPool2d(2), Residual(Dropout(0.2), Conv2d(9, 3, padding=1), BatchNorm2d), Tanh, "
    "Dropout2d(0.2), MaxPool2d(2, stride=1, padding=1), AvgPool2d(2, stride=1), Flatten, "
    "Linear(70), LeakyReLU(0.1), Residual(Linear(70), Sigmoid), BatchNorm1d, Dropout(0.3), Linear(3)"
)
FIRST = {
    "rows": "Flatten, Linear(3)",
    "maps": "Conv2d(3, (6, 5)), Flatten",
    "border": "Conv2d(4, 3, padding=(0, 2)), Flatten, Linear(3)",
    "around": "Residual(Conv2d(2, 3, padding=1)), Flatten, Linear(3)",
}


def assert_took(step: CompiledStep, network: Any, batch: Any) -> None:
    expected = network.gathered(batch)
    np.testing.assert_allclose(step.samples, expected.reshape(step.samples.shape), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(step.labels, network.split.labels[batch.chosen])


def announcements(network: Any, batch: Any) -> dict[str, Any]:
    """What may have been said to come where that batch comes."""
    chosen = batch.chosen
    return {
        "nothing": None,
        "this": batch,
        "its copy": batch._replace(chosen=chosen.copy()),
        "another": network.batch(len(chosen), seed=9),
        "another order": batch._replace(chosen=chosen[::-1].copy()),
        "one sample else": batch._replace(chosen=np.append(chosen[:-1], (chosen[-1] + 1) % 50)),
        "fewer": network.batch(len(chosen) - 1),
        "more": network.batch(len(chosen) + 1),
        "another epoch": batch._replace(epoch=batch.epoch + 1),
        "another seed": batch._replace(seed=batch.seed + 1),
    }


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("augment", AUGMENTS)
def test_what_was_announced_makes_no_difference(network: Make, crew: Crew, augment: str, first: str):
    states, results = {}, {}
    for said in announcements(network(FIRST[first], PICTURE), network(FIRST[first], PICTURE).batch(7)):
        ours = network(FIRST[first], PICTURE, augment=augment)
        step = ours.compiled(7, crew)
        before, batch = ours.batch(7, seed=3), ours.batch(7, seed=4, epoch=2)
        step.run(before, announcements(ours, batch)[said], 1.0, 0.0)
        assert_took(step, ours, before)
        results[said] = step.run(batch, None, 1.0, 0.0)[:2]
        assert_took(step, ours, batch)
        states[said] = ours.state
    assert all(state == states["nothing"] for state in states.values())
    assert len(set(results.values())) == 1


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_a_batch_made_ready_is_the_next_and_no_other(network: Make, crew: Crew, loss: str):
    ours = network(EVERYTHING, PICTURE, loss=loss, augment="affine")
    step = ours.compiled(7, crew)
    batches = [ours.batch(7, seed=number // 3, epoch=number) for number in range(6)]
    for number, batch in enumerate(batches):
        step.run(batch, batches[number + 1] if number < 5 else None, 0.1, 0.0)
        assert_took(step, ours, batch)
    # And the one announced two steps ago is not taken for the one that was announced last.
    step.run(batches[0], batches[1], 0.1, 0.0)
    step.run(batches[2], None, 0.1, 0.0)
    step.run(batches[1], None, 0.1, 0.0)
    assert_took(step, ours, batches[1])


@pytest.mark.parametrize("augment", ["affine", "elastic(sigma=2)"])
def test_a_change_of_intensity_acts_on_a_batch_that_was_made_ready(network: Make, crew: Crew, augment: str):
    ours = network(FIRST["border"], PICTURE, augment=augment)
    step = ours.compiled(7, crew)
    batches = [ours.batch(7, seed=1, epoch=number) for number in range(4)]
    for number, intensity in enumerate((1.0, 0.0, 2.0)):
        ours.augmentation.augment_intensity = intensity
        step.run(batches[number], batches[number + 1], 1.0, 0.0)
        assert_took(step, ours, batches[number])
    ours.augmentation.background = -3.0
    step.run(batches[3], None, 1.0, 0.0)
    assert_took(step, ours, batches[3])


def test_steps_of_two_sizes_share_a_network(network: Make, crew: Crew):
    ours = network(EVERYTHING, PICTURE, optimizer="adam")
    alone = network(EVERYTHING, PICTURE, optimizer="adam")
    steps = {size: ours.compiled(size, crew) for size in (13, 4)}
    for number, size in enumerate((13, 4, 13, 13, 4)):
        batch = ours.batch(size, number)
        steps[size].run(batch, ours.batch(13, number + 1), 1.0, 0.0)
        alone.compiled(size, crew).run(batch, None, 1.0, 0.0)
    assert ours.state == alone.state


@pytest.mark.parametrize("loss", ["cross_entropy", "bce"])
@pytest.mark.parametrize("batch", [5, 33])
def test_any_number_of_threads_computes_the_same_bits(network: Make, loss: str, batch: int):
    found = []
    for threads in (1, 1, 2, 3, 5):
        ours = network(EVERYTHING, PICTURE, loss=loss, optimizer="adam", augment="affine", seed=3)
        with Crew(threads) as crew:
            step = ours.compiled(batch, crew)
            results = [step.run(ours.batch(batch, number), None, 1.0, 1.0) for number in range(4)]
            figures = [(result.loss, result.score, result.finite) for result in results]
            last = results[-1]
            found_squares = (last.gradient_squares, last.change_squares, last.weight_squares)
            squares = [values.tobytes() for values in found_squares]
        found.append((ours.state, figures, squares))
    assert all(other == found[0] for other in found)


# A step that is not finite.

SPOILT = {
    "a weight of the first layer": ("0.weight", np.nan),
    "an infinite weight": ("0.weight", np.inf),
    "a bias": ("0.bias", -np.inf),
    "a weight inside": ("3.1.weight", np.nan),
    "a normalization": ("3.2.weight", np.nan),
    "a rectified bias": ("9.bias", np.nan),
    "the last weight": ("14.weight", np.nan),
    "the last bias": ("14.bias", np.inf),
}


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "rmsprop", "adamw"])
@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_network_that_is_not_finite_is_left_as_it_was(network: Make, crew: Crew, spoilt: str, optimizer: str):
    ours = network(EVERYTHING, PICTURE, optimizer=optimizer)
    step = ours.compiled(7, crew)
    step.run(ours.batch(7), None, 0.1, 0.0)
    name, value = SPOILT[spoilt]
    ours.model.parameters[name].value.flat[0] = value
    before = ours.state
    assert not step.run(ours.batch(7, 1), ours.batch(7, 2), 0.1, 1.0).finite
    assert all(ours.state[name] == before[name] for name in ["values", "steps", *ours.optimizer.moments])
    assert all(np.isfinite(buffer).all() for buffer in ours.model.buffers.values())


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("loss", ["cross_entropy", "mse", "bce"])
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_data_that_are_not_finite_are_left_out(network: Make, crew: Crew, loss: str, value: float, first: str):
    ours = network(FIRST[first], PICTURE, loss=loss, optimizer="adam")
    x = ours.split.x.copy()
    x[11, 1, 5, 4] = value
    object.__setattr__(ours.split, "x", x)
    step, batch = ours.compiled(7, crew), ours.batch(7)
    good = batch._replace(chosen=np.arange(7))
    assert step.run(good, None, 1.0, 0.0).finite
    before = ours.state
    assert not step.run(batch._replace(chosen=np.arange(6, 13)), good, 1.0, 0.0).finite
    assert ours.state == before
    assert step.run(good, None, 1.0, 0.0).finite
    assert ours.state != before


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_loss_that_is_not_finite_counts_though_its_gradient_is(network: Make, crew: Crew):
    ours = network("Flatten, Linear(3)", PICTURE, loss="bce")
    ours.model.parameters["1.bias"].value[0] = np.inf
    result = ours.compiled(7, crew).run(ours.batch(7), None, 1.0, 0.0)
    assert np.isfinite(result.gradient_squares).all()
    assert not np.isfinite(result.loss)
    assert not result.finite


def test_after_a_step_that_was_not_finite_all_goes_on_as_if_it_had_not_been(network: Make, crew: Crew):
    chain = "Flatten, Linear(9), ReLU, Linear(3)"
    ours, spared = (network(chain, PICTURE, optimizer="adam") for _ in range(2))
    steps = [one.compiled(7, crew) for one in (ours, spared)]
    for one, step in zip((ours, spared), steps, strict=True):
        step.run(one.batch(7), None, 1.0, 0.0)
    weight = ours.model.parameters["1.weight"].value
    weight[2, 3], kept = np.nan, weight[2, 3]
    assert not steps[0].run(ours.batch(7, 1), ours.batch(7, 2), 1.0, 0.0).finite
    weight[2, 3] = kept
    for one, step in zip((ours, spared), steps, strict=True):
        assert step.run(one.batch(7, 2), None, 1.0, 0.0).finite
    assert ours.state == spared.state


@pytest.mark.parametrize("kind", ["1d", "2d"])
def test_a_batch_that_is_not_finite_moves_no_running_statistics(network: Make, crew: Crew, kind: str):
    chain = {"1d": "Flatten, Linear(9), BatchNorm1d, Linear(3)", "2d": "Conv2d(9, 3), BatchNorm2d, Flatten, Linear(3)"}
    ours, theirs = (network(chain[kind], PICTURE) for _ in range(2))
    for one in (ours, theirs):
        next(iter(one.model.parameters.values())).value[4] = np.nan
    ours.compiled(7, crew).run(ours.batch(7), None, 1.0, 0.0)
    theirs.plain().run(theirs.batch(7), None, 1.0, 0.0)
    for name, buffer in theirs.model.buffers.items():
        np.testing.assert_array_equal(ours.model.buffers[name], buffer, err_msg=name)


# What is changed between two steps acts on the next.


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
@given(st.data())
def test_a_change_acts_at_once(network: Make, crew: Crew, loss: str, data: Any):
    chain = "Flatten, Linear(20), Dropout(0.5), ReLU, Residual(Dropout(0.5), Linear(20)), Linear(3)"
    options = {"loss": loss, "optimizer": data.draw(st.sampled_from(["sgd", "nesterov", "adam", "rmsprop"]))}
    ours, theirs = network(chain, PICTURE, **options), network(chain, PICTURE, **options)
    compiled, plain = ours.compiled(7, crew), theirs.plain()
    share = st.floats(0, 1)
    for number in range(3):
        rate, decay, p, smoothing = (data.draw(share) for _ in range(4))
        for one in (ours, theirs):
            one.optimizer.learning_rate, one.optimizer.weight_decay = 0.1 * rate, 0.1 * decay
            for layer in one.model.dropouts:
                layer.p = p
            if loss == "cross_entropy":
                one.loss.label_smoothing = smoothing / 2
        factor, clip_norm = data.draw(share), data.draw(st.sampled_from([0.0, 0.01, 1.0]))
        batch = ours.batch(7, number)
        found = compiled.run(batch, ours.batch(7, number + 1), factor, clip_norm)
        expected = plain.run(batch, None, factor, clip_norm)
        assert found.loss == pytest.approx(expected.loss, rel=1e-5)
        changes = np.sqrt(expected.change_squares.sum())
        np.testing.assert_allclose(np.sqrt(found.change_squares.sum()), changes, rtol=2e-3, atol=1e-6)
        theirs.become(ours)
