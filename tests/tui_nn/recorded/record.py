"""Writes mlp.jsonl anew: what a trainer told of four epochs of the preset mlp, one event a line.

And layers.jsonl: looks into its first layer meanwhile, the last of them with pictures.

python tests/tui_nn/recorded/record.py: only where an event has changed so that the old lines cannot be read.
"""

from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

import msgspec

from engine.training import commands as c
from engine.training import events as e
from engine.training.config import make_config, read_preset
from engine.training.trainer import Trainer

HERE = Path(__file__).parent
EVERY = 5
"""Reports between two looks."""
BINS = 38
"""Columns of a histogram on a terminal of 120."""
CHANGED_AT = 25
"""Reports after which the learning rate is halved."""


def main() -> None:
    events: list[e.AnyEvent] = []
    commands: SimpleQueue[c.AnyCommand] = SimpleQueue()

    def emit(event: e.AnyEvent) -> None:
        # Paths are those of this machine.
        if not isinstance(event, e.CheckpointSaved | e.RunEnded | e.PreparationAdvanced):
            events.append(event)
        reports = sum(isinstance(item, e.StepsEnded) for item in events)
        if isinstance(event, e.StepsEnded) and reports == CHANGED_AT:
            commands.put(c.StepHyperparameter("learning_rate", -1))
        if isinstance(event, e.StepsEnded) and reports % EVERY == 0:
            commands.put(look(events))
        if isinstance(event, e.RunEnded):
            wish = c.PicturesWish(18, 18, count=9)
            last = msgspec.structs.replace(look(events), weights=wish, maps=wish)
            for command in (c.MeasureWeights(), c.PredictDigit(3), last, c.Close()):
                commands.put(command)

    with TemporaryDirectory() as folder:
        Trainer(
            make_config({**read_preset("mlp")[1], "epochs": 4}),
            emit,
            commands,
            checkpoint=Path(folder) / "last.safetensors",
            linger=True,
            pace=2.0,
            report_interval_s=0.1,
        ).run()
    write("mlp", [event for event in events if not isinstance(event, e.LayerInspected)])
    write("layers", [event for event in events if isinstance(event, e.LayerInspected)])


def look(events: list[e.AnyEvent]) -> c.InspectLayer:
    """The first layer again, between the edges of the first look."""
    first = next((event for event in events if isinstance(event, e.LayerInspected)), None)
    if first is None or first.gradients is None:
        return c.InspectLayer(0, BINS)
    tallies = (first.weights, first.gradients, first.activations)
    weights, gradients, activations = ((item.low, item.high) for item in tallies)
    return c.InspectLayer(0, BINS, (weights, gradients, activations))


def write(name: str, events: list[e.AnyEvent]) -> None:
    """A file beside this one."""
    path = HERE / f"{name}.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))


if __name__ == "__main__":
    main()
