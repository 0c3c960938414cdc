import json

import pytest

from benchmarks.accuracy import recipe
from benchmarks.workloads import BATCHES, INPUT_SHAPE, NETWORKS, PEAK_FLOPS, WORKLOADS, Workload, select
from engine.errors import UserError
from engine.model import Sequential
from engine.training.config import make_config


def test_the_eight_workloads():
    assert list(WORKLOADS) == [
        *("mlp-small-32", "mlp-small-128", "mlp-large-64", "mlp-large-256"),
        *("lenet-32", "lenet-128", "cnn-128", "keras-cnn-128"),
    ]
    assert BATCHES > 1


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("mlp-small-32", 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10),
        ("mlp-large-64", 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10),
        ("lenet-32", 61_706),
        ("cnn-128", 16 * 9 + 16 + 32 * 16 * 9 + 32 + 1568 * 128 + 128 + 1290),
        ("keras-cnn-128", 1_199_882),
    ],
)
def test_our_network_has_the_parameters_of_the_workload(name: str, parameters: int):
    workload = WORKLOADS[name]
    assert workload.parameters == parameters
    model = Sequential(workload.text, INPUT_SHAPE)
    assert sum(parameter.size for parameter in model.parameters.values()) == parameters
    assert model.output_shape == (10,)


@pytest.mark.parametrize("network", NETWORKS)
def test_torch_has_as_many_parameters_of_the_same_shapes(network: str):
    pytest.importorskip("torch")
    from benchmarks.contestants.pytorch import make_network

    workload = Workload(network, 2)
    theirs = {name: tuple(tensor.shape) for name, tensor in make_network(workload.layers).named_parameters()}
    ours = Sequential(workload.text, INPUT_SHAPE).parameters
    assert theirs == {name: parameter.shape for name, parameter in ours.items()}


def test_the_steps_products_are_counted_by_hand():
    # Two for each weight and sample; forward, weights, input, the last not for the first layer.
    small = 784 * 128, 128 * 64, 64 * 10
    assert Workload("mlp-small", 32).flops == 2 * 32 * (2 * small[0] + 3 * small[1] + 3 * small[2])
    large = 784 * 512, 512 * 512, 512 * 10
    assert WORKLOADS["mlp-large-256"].flops == 2 * 256 * (2 * large[0] + 3 * large[1] + 3 * large[2])
    # A convolution multiplies at each place of its output: 26 x 26 and 24 x 24.
    keras = 26 * 26 * 32 * 9, 24 * 24 * 64 * 32 * 9, 12 * 12 * 64 * 128, 128 * 10
    assert WORKLOADS["keras-cnn-128"].flops == 2 * 128 * (2 * keras[0] + 3 * sum(keras[1:]))
    # Padding: 28 x 28 places, then 10 x 10.
    lenet = 28 * 28 * 6 * 25, 10 * 10 * 16 * 6 * 25, 400 * 120, 120 * 84, 84 * 10
    assert Workload("lenet", 1).flops == 2 * (2 * lenet[0] + 3 * sum(lenet[1:]))
    assert PEAK_FLOPS == 17_179_869_184


def test_a_network_stands_for_all_its_batches():
    assert select("lenet,cnn-128") == ["lenet-32", "lenet-128", "cnn-128"]
    assert select("lenet-32,lenet") == ["lenet-32", "lenet-128"]
    with pytest.raises(UserError, match=r"unknown workload 'lenett'.*did you mean"):
        select("lenett")


def test_the_preset_of_the_race_to_an_accuracy_is_the_workload():
    settings = recipe()
    assert make_config(settings).model == WORKLOADS["lenet-32"].text
    assert json.loads(json.dumps(settings)) == settings, "it is told to contestants in other processes"
