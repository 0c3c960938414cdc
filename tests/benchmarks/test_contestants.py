import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.contestants import ours, sgemm
from benchmarks.contestants.race import race
from benchmarks.contestants.steps import Timer
from benchmarks.process import contestant
from benchmarks.workloads import BATCHES, NETWORKS, WORKLOADS, Workload

ROOT = Path(__file__).parents[2]


def test_the_fastest_variant_is_chosen_and_one_that_fails_says_why(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("benchmarks.contestants.steps.TRIAL_S", 0.01)
    monkeypatch.setattr("benchmarks.contestants.steps.WARM_S", 0.01)

    def build(workload: Workload, variant: str):
        assert workload.name == "lenet-32"
        if variant == "odd":
            raise ValueError("no")
        return lambda count: sum(range(count * (20_000 if variant == "slow" else 1_000)))

    timer = Timer(lambda workload: ["slow", "quick", "odd"], build)
    choice = timer.choose("lenet-32")
    assert choice["variant"] == "quick"
    assert choice["tried"]["odd"] == "ValueError: no"
    assert choice["tried"]["quick"] < choice["tried"]["slow"]
    timer.prepare("lenet-32", "quick")
    run = timer.run(0.01)
    assert run["ms"] > 0
    assert run["peak_mb"] > 10


def test_without_a_variant_that_works_the_reasons_are_told():
    def build(workload: Workload, variant: str):
        raise ValueError(f"no {variant}")

    with pytest.raises(RuntimeError, match="a: ValueError: no a; b: ValueError: no b"):
        Timer(lambda workload: ["a", "b"], build).choose("lenet-32")


@pytest.mark.parametrize("network", NETWORKS)
def test_our_data_has_all_batches(network: str):
    dataset = ours.random_pictures(Workload(network, 2))
    assert dataset.train.x.shape == (2 * BATCHES, 1, 28, 28)
    assert len(dataset.class_names) == 10


def test_ours_answers_orders_in_a_process_of_its_own():
    with contestant("ours", 1) as process:
        assert process.call("prepare", workload="mlp-small-32", variant="default")["first_call_s"] > 0
        assert process.call("run", seconds=0.01)["ms"] > 0


def test_products_of_square_matrices(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sgemm, "PEAK_SIZE", 8)
    sgemm.build(WORKLOADS["cnn-128"], "default")(2)


@pytest.mark.filterwarnings("default")
def test_pytorch_takes_steps_in_each_variant():
    pytest.importorskip("torch")
    from benchmarks.contestants import pytorch

    workload = Workload("lenet", 2)
    assert len(pytorch.variants(workload)) == 4
    for variant in pytorch.variants(workload):
        pytorch.build(workload, variant)(2)


JAX = """
import jax.numpy as jnp
from benchmarks.contestants import jax_jit
from benchmarks.workloads import Workload

jax_jit.build(Workload("mlp-small", 2), "jit")(2)
x = jnp.arange(2 * 5 * 4 * 3, dtype=jnp.float32).reshape(2, 5, 4, 3)
for axis, shape in ((1, (2, 2, 2, 3)), (2, (2, 5, 2, 1))):
    window, reshaped = jax_jit._pool_window(x, 2, axis), jax_jit._pool_reshaped(x, 2, axis)
    assert window.shape == shape
    assert (window == reshaped).all()
"""


def test_jax_takes_steps_and_pools_alike_in_each_variant():
    if find_spec("jax") is None:
        pytest.skip("needs jax")
    # In a process of its own: where JAX was imported, starting another program is warned about.
    subprocess.run([sys.executable, "-c", JAX], cwd=ROOT, check=True)


def test_a_race_ends_at_the_first_lap_that_reaches_the_target():
    trained: list[int] = []
    accuracies = iter([0.5, 0.9, 0.99, 1.0])
    finish = race(0.0, 10, 3, trained.append, lambda: next(accuracies), 0.99)
    assert trained == [2, 3, 3]
    assert finish["epochs"] == 0.75
    assert finish["accuracies"] == [0.5, 0.9, 0.99]
    assert finish["seconds"] is not None
    assert finish["seconds"] >= finish["evaluation_s"]


def test_a_race_that_is_not_won_has_no_time():
    trained: list[int] = []
    finish = race(0.0, 10, 2, trained.append, lambda: 0.5, 0.99)
    assert finish["seconds"] is None
    assert finish["epochs"] == 2
    assert sum(trained) == 20
