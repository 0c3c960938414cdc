"""PyTorch from files to an accuracy, by the same recipe: starting weights, training samples, batch, Adam, schedule.

The usual way draws batches by a DataLoader over a TensorDataset, the tuned one by `index_select`.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.contestants.pytorch import make_network, make_optimizer, memory_format
from benchmarks.contestants.race import EVALUATED_AT_ONCE, Finish, race
from benchmarks.workloads import INPUT_SHAPE, NETWORKS
from engine.datasets.splits import split_validation
from engine.model import Sequential
from engine.schedules import schedule
from engine.training.config import make_config

USUAL = "DataLoader"


def reach(settings: dict[str, Any], folder: str, target: float, variant: str, way: str) -> Finish:
    """By the recipe of the settings, on the files of the folder; the variant is one of a step's."""
    began = perf_counter()
    config = make_config(settings)
    x, labels, test_x, test_labels = read(Path(folder))
    torch.manual_seed(config.seed)
    network = make_network(NETWORKS["lenet"])
    network.load_state_dict(starting_weights(config.model, config.init, config.seed))
    network.to(memory_format=memory_format(variant))
    optimizer = make_optimizer(network, variant, config.lr)
    rate = optimizer.param_groups[0]["lr"]
    factor = schedule(config.schedule)
    criterion = nn.CrossEntropyLoss()
    steps_per_epoch = -(-len(x) // config.batch_size)
    batches = (by_loader if way == USUAL else by_index)(x, labels, config.batch_size)
    step = 0

    def train(count: int) -> None:
        nonlocal step
        network.train()
        for _ in range(count):
            batch_x, batch_labels = next(batches)
            optimizer.param_groups[0]["lr"] = rate * factor(step, step / steps_per_epoch, config.epochs)
            optimizer.zero_grad(set_to_none=True)
            criterion(network(batch_x), batch_labels).backward()
            optimizer.step()
            step += 1

    def evaluate() -> float:
        network.eval()
        correct = 0
        with torch.inference_mode():
            for start in range(0, len(test_x), EVALUATED_AT_ONCE):
                outputs = network(test_x[start : start + EVALUATED_AT_ONCE])
                correct += int((outputs.argmax(1) == test_labels[start : start + EVALUATED_AT_ONCE]).sum())
        return correct / len(test_x)

    return race(began, steps_per_epoch, config.epochs, train, evaluate, target)


def read(folder: Path) -> tuple[Any, Any, Any, Any]:
    """Training pictures and labels without those kept for validation, test pictures and labels; standardized."""
    images, labels = _idx(folder / "train-images-idx3-ubyte"), _idx(folder / "train-labels-idx1-ubyte")
    kept, _ = split_validation(labels)
    x = torch.from_numpy(images[kept]).float().div_(255)
    std, mean = torch.std_mean(x)
    test = torch.from_numpy(_idx(folder / "t10k-images-idx3-ubyte")).float().div_(255)
    return (
        x.sub_(mean).div_(std).unsqueeze_(1),
        torch.from_numpy(labels[kept]).long(),
        test.sub_(mean).div_(std).unsqueeze_(1),
        torch.from_numpy(_idx(folder / "t10k-labels-idx1-ubyte")).long(),
    )


def _idx(path: Path) -> Any:
    data = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4).astype(int)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape).copy()


def starting_weights(model: str, init: str, seed: int) -> dict[str, Any]:
    """Those of our network of the same seed: no contestant has the luckier start."""
    parameters = Sequential(model, INPUT_SHAPE, init=init, seed=seed).parameters
    return {name: torch.from_numpy(parameter.value) for name, parameter in parameters.items()}


def by_loader(x: Any, labels: Any, size: int) -> Iterator[Any]:
    """Epoch after epoch, shuffled."""
    loader = DataLoader(TensorDataset(x, labels), batch_size=size, shuffle=True)
    while True:
        yield from loader


def by_index(x: Any, labels: Any, size: int) -> Iterator[Any]:
    """The same without a call for each sample."""
    while True:
        for chosen in torch.randperm(len(x)).split(size):
            yield x.index_select(0, chosen), labels.index_select(0, chosen)


CALLS = {"reach": reach}
