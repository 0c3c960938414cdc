"""Writes mlp.jsonl anew: what a trainer told of four epochs of the preset mlp, one event a line.

And layers.jsonl: looks into its first layer meanwhile, the last of them with pictures. And errors.jsonl, inside.jsonl:
what such a network is wrong about, and what is inside its fourth digit, moved and turned.

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


def record_answers() -> None:
    """What the screens of errors and of one digit ask for."""
    told: list[e.AnyEvent] = []
    wish = c.PicturesWish(8, 8, count=6)
    change = c.Variation(right=2.0, rotation=-30.0)
    story: list[tuple[type[e.AnyEvent], c.AnyCommand]] = [
        (e.RunEnded, c.MeasureErrors()),
        (e.ErrorsMeasured, c.PickSamples("mistakes", count=40)),
        (e.SamplesPicked, c.PickSamples("suspects", count=40)),
        (e.SamplesPicked, c.PickSamples("cell", 4, 9, count=40)),
        (e.SamplesPicked, c.VaryDigit(3, change)),
        (e.DigitVaried, c.ExplainDigit(3, change, wish, wish)),
        (e.DigitExplained, c.Close()),
    ]
    commands: SimpleQueue[c.AnyCommand] = SimpleQueue()

    def emit(event: e.AnyEvent) -> None:
        if story and isinstance(event, story[0][0]):
            commands.put(story.pop(0)[1])
        if isinstance(event, e.ErrorsMeasured):
            # JSON has no NaN.
            bins = tuple(part if part.count else e.ReliabilityBin(0.0, 0.0, 0) for part in event.bins)
            event = msgspec.structs.replace(event, bins=bins)
        told.append(event)

    with TemporaryDirectory() as folder:
        config = make_config({**read_preset("mlp")[1], "epochs": 6, "seed": 0})
        Trainer(config, emit, commands, checkpoint=Path(folder) / "last.safetensors", linger=True).run()
    write("errors", [event for event in told if isinstance(event, e.ErrorsMeasured | e.SamplesPicked)])
    write("inside", [event for event in told if isinstance(event, e.DigitVaried | e.DigitExplained)])


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
    record_answers()
