import subprocess
import sys

PREPARED = """
from engine import datasets
from engine.kernels.activations import leaky_relu, leaky_relu_backward
from engine.training.config import make_config
from engine.training.preparation import prepare_kernels

config = make_config({"model": "Flatten, Linear(32), ReLU, Linear(10)", "dataset": "mnist-5k"})
prepare_kernels(config, datasets.load("mnist-5k"), lambda event: None)
for kernel in (leaky_relu, leaky_relu_backward):
    assert "_compiled" in vars(kernel) and kernel._compiled.signatures, kernel.__name__
"""


def test_what_looks_inside_layer_by_layer_compiles_nothing_while_a_run_goes_on():
    """In a process of its own: in this one somebody else may have compiled it."""
    subprocess.run([sys.executable, "-c", PREPARED], check=True)
