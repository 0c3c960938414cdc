"""PyTorch as its users write it, eager: nn.Sequential, Adam in one fused call, gradients set to None.

Variants: Adam fused or by lists of tensors (foreach); for pictures also channels last in memory.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from benchmarks import workloads as w
from benchmarks.contestants.steps import Steps, Timer

torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def variants(workload: w.Workload) -> Sequence[str]:
    """Known to be fast somewhere."""
    layouts = ("", ", channels last") if workload.convolutional else ("",)
    return [f"{adam}{layout}" for layout in layouts for adam in ("fused", "foreach")]


def build(workload: w.Workload, variant: str) -> Steps:
    """Steps through the ready-made batches in turn."""
    layout = memory_format(variant)
    network = make_network(workload.layers).to(memory_format=layout)
    optimizer = make_optimizer(network, variant, w.LEARNING_RATE)
    criterion = nn.CrossEntropyLoss()
    return stepping(
        lambda x, labels: criterion(network(x), labels), optimizer, optimizer.step, batches(workload, layout)
    )


def stepping(
    loss: Callable[[Any, Any], Any], optimizer: Any, update: Callable[[], object], data: Sequence[tuple[Any, Any]]
) -> Steps:
    """zero_grad, forward, backward, update, batch after batch."""
    at = 0

    def steps(count: int) -> None:
        nonlocal at
        for _ in range(count):
            x, labels = data[at]
            at = (at + 1) % len(data)
            optimizer.zero_grad(set_to_none=True)
            loss(x, labels).backward()
            update()

    return steps


def make_optimizer(network: Any, variant: str, rate: float | None) -> Any:
    """Adam; without a rate at its own, which is ours."""
    setting = {"foreach" if "foreach" in variant else "fused": True}
    return torch.optim.Adam(network.parameters(), lr=w.LEARNING_RATE if rate is None else rate, **setting)


def memory_format(variant: str) -> Any:
    """Where a pixel's channels are: side by side, or each in its own plane."""
    return torch.channels_last if "channels last" in variant else torch.contiguous_format


def make_network(chain: w.Chain) -> Any:
    """The same layers, in the same order."""
    modules: list[Any] = []
    shape: w.Shape = w.INPUT_SHAPE
    for layer in chain:
        match layer:
            case w.Conv2d(channels, kernel, padding):
                modules.append(nn.Conv2d(shape[0], channels, kernel, padding=padding))
            case w.MaxPool2d(size):
                modules.append(nn.MaxPool2d(size))
            case w.Flatten():
                modules.append(nn.Flatten())
            case w.ReLU():
                modules.append(nn.ReLU())
            case w.Linear(units):
                modules.append(nn.Linear(shape[0], units))
        shape = layer.output(shape)
    return nn.Sequential(*modules)


def batches(workload: w.Workload, layout: Any) -> list[tuple[Any, Any]]:
    """Random pictures and labels."""
    torch.manual_seed(0)
    return [
        (
            torch.randn(workload.batch, *w.INPUT_SHAPE).contiguous(memory_format=layout),
            torch.randint(w.CLASSES, (workload.batch,)),
        )
        for _ in range(w.BATCHES)
    ]


CALLS = Timer(variants, build).calls
