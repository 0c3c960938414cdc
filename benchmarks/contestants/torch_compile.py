"""PyTorch with `torch.compile` around network and loss, and, as a variant, around the optimizer's step."""

from collections.abc import Sequence

import torch
from torch import nn

from benchmarks import workloads as w
from benchmarks.contestants.pytorch import batches, make_network, memory_format, stepping
from benchmarks.contestants.steps import Steps, Timer


def variants(workload: w.Workload) -> Sequence[str]:
    """Known to be fast somewhere."""
    layouts = ("", ", channels last") if workload.convolutional else ("",)
    return [f"fused{layout}" for layout in layouts] + ["compiled Adam"]


def build(workload: w.Workload, variant: str) -> Steps:
    """Steps through the ready-made batches in turn."""
    torch._dynamo.reset()
    layout = memory_format(variant)
    network = make_network(workload.layers).to(memory_format=layout)
    criterion = nn.CrossEntropyLoss()
    loss = torch.compile(lambda x, labels: criterion(network(x), labels))
    compiled = variant.startswith("compiled")
    optimizer = torch.optim.Adam(network.parameters(), lr=w.LEARNING_RATE, fused=not compiled)
    update = torch.compile(optimizer.step) if compiled else optimizer.step
    return stepping(loss, optimizer, update, batches(workload, layout))


CALLS = Timer(variants, build).calls
