import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine

ROOT = Path(engine.__file__).parents[1]
MODULES = [module.name for module in pkgutil.walk_packages(engine.__path__, "engine.")]
COMPILED = (
    "engine.stages.",
    "engine.kernels.crew",
    "engine.kernels.intrinsics",
    "engine.kernels.operands",
    "engine.kernels.product",
    "engine.kernels.vectors",
)
"""What compiled code is written in: imported when the first network runs."""

UNWANTED = ["numba", "llvmlite", "textual", "rich", "typer", "tui_nn", "plotext", "torch", "hypothesis"]


def loaded_by(program: str) -> set[str]:
    """The unwanted packages that a fresh interpreter holds after the program."""
    tell = f"import sys; print(*({{name.partition('.')[0] for name in sys.modules}} & set({UNWANTED!r})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{tell}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_no_module_of_the_engine_needs_a_terminal_or_a_compiler():
    assert len(MODULES) > 40
    names = [name for name in MODULES if not name.startswith(COMPILED)]
    assert loaded_by("\n".join(f"import {name}" for name in names)) == set()


@pytest.mark.parametrize("module", ["engine.training.trainer", "engine.gradient_check", "engine.training.checkpoint"])
def test_what_others_import_needs_neither(module: str):
    assert loaded_by(f"import {module}") == set()


def test_looking_up_layers_and_building_a_model_does_not_load_the_compiler():
    assert loaded_by("from engine.model import Sequential; Sequential('Flatten, Linear(3), ReLU', (2, 2))") == set()


def test_the_first_kernel_loads_the_compiler():
    program = (
        "import numpy as np; from engine.kernels.norms import square_sums; sums = np.zeros(1);"
        "square_sums(np.full(3, 2.0), np.array([0, 3]), sums); assert sums[0] == 12"
    )
    assert loaded_by(program) == {"numba", "llvmlite"}
