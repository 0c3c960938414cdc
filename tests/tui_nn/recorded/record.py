"""Writes mlp.jsonl anew: what a trainer told of four epochs of the preset mlp, one event a line.

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

PATH = Path(__file__).parent / "mlp.jsonl"
CHANGED_AT = 25
"""Reports after which the learning rate is halved."""


def main() -> None:
    events: list[e.AnyEvent] = []
    commands: SimpleQueue[c.AnyCommand] = SimpleQueue()

    def emit(event: e.AnyEvent) -> None:
        # Paths are those of this machine.
        if not isinstance(event, e.CheckpointSaved | e.RunEnded | e.PreparationAdvanced):
            events.append(event)
        if isinstance(event, e.StepsEnded) and sum(isinstance(item, e.StepsEnded) for item in events) == CHANGED_AT:
            commands.put(c.StepHyperparameter("learning_rate", -1))
        if isinstance(event, e.RunEnded):
            for command in (c.MeasureWeights(), c.PredictDigit(3), c.Close()):
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
    PATH.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))


if __name__ == "__main__":
    main()
