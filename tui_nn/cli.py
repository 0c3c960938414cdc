"""The command line: each command is a few lines that call the part which does the work."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import click
import typer

from engine.errors import UserError
from engine.training.commands import LONGEST_EPOCH_S
from tui_nn import __version__
from tui_nn.exit_status import DONE, FAILED, INTERRUPTED, MISTAKE
from tui_nn.pace import LINKS, WATCHABLE_S
from tui_nn.run_options import RunRequest, with_run_options

app = typer.Typer(
    help="Train a neural network in the terminal and watch it learn.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)

datasets_app = typer.Typer(rich_markup_mode=None)
app.add_typer(datasets_app, name="datasets")

PACE_HELP = f"least seconds an epoch takes in the dashboard; 0: full speed  [default: {WATCHABLE_S:g}]"
Pace = Annotated[str | None, typer.Option("--pace", metavar="SECONDS", help=PACE_HELP)]
LINK_HELP = "normal or slow (2 KB a second): what the dashboard sends at most by itself  [default: as in the settings]"
Link = Annotated[str | None, typer.Option("--link", metavar="LINK", help=LINK_HELP)]
THEME_HELP = "dark, light, high-contrast or colour-blind  [default: as in the settings]"
Theme = Annotated[str | None, typer.Option("--theme", metavar="NAME", help=THEME_HELP)]
Version = Annotated[bool, typer.Option("--version", help="print the version")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object as the last line, progress on stderr")]


def run(arguments: list[str]) -> int:
    """Do what the arguments say; returns the exit status. A user's mistake is one line on stderr, and 2."""
    try:
        status = app(arguments, prog_name="tui-nn", standalone_mode=False)
    except (UserError, click.ClickException) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        print(f"tui-nn: {' '.join(message.split())}", file=sys.stderr)
        return MISTAKE
    except OSError as error:  # a full disk behind stdout, a pipe that was closed
        print(f"tui-nn: {error.strerror}", file=sys.stderr)
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return status if isinstance(status, int) else DONE


@app.callback(invoke_without_command=True)
@with_run_options
def dashboard(
    make_request: Callable[[], RunRequest],
    context: typer.Context,
    pace: Pace = None,
    link: Link = None,
    theme: Theme = None,
    version: Version = False,
) -> int:
    """Open the dashboard and train; without a terminal on stdout, train in plain lines."""
    if version:
        print(f"tui-nn {__version__}")
        return DONE
    if context.invoked_subcommand is not None:
        if any(context.params.values()):
            raise UserError(f"write options after the command: tui-nn {context.invoked_subcommand} --...")
        return DONE
    if link not in (None, *LINKS):
        raise UserError(f"--link {link}: must be one of {', '.join(LINKS)}")
    if theme is not None:
        from tui_nn.themes import read_palette

        read_palette(theme)
    request, seconds = make_request(), WATCHABLE_S if pace is None else _seconds(pace)
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        from tui_nn.headless import train_headless

        return train_headless(request, json=False)
    from tui_nn.interactive import open_dashboard

    return open_dashboard(request, seconds, link=link, theme=theme)


@app.command()
@with_run_options
def train(make_request: Callable[[], RunRequest], json: Json = False) -> int:
    """Train without a dashboard: a progress bar on a terminal, a line an epoch otherwise."""
    from tui_nn.headless import train_headless

    return train_headless(make_request(), json=json)


@app.command()
@with_run_options
def preflight(make_request: Callable[[], RunRequest], json: Json = False) -> int:
    """Check data, gradients and the start of a run before it is begun; exit status 1 if a check fails."""
    from tui_nn.preflight import print_preflight

    return print_preflight(make_request().config, json=json)


@datasets_app.callback(invoke_without_command=True)
def datasets(context: typer.Context) -> int:
    """List the data sets; `tui-nn datasets fetch NAME` downloads one."""
    from tui_nn.datasets import list_datasets

    if context.invoked_subcommand is None:
        list_datasets()
    return DONE


@datasets_app.command()
def fetch(name: Annotated[str, typer.Argument(metavar="NAME", help="mnist, fashion-mnist or kmnist")]) -> int:
    """Download a data set, or go on with a download that was cut; check what is here."""
    from tui_nn.datasets import fetch_dataset

    return fetch_dataset(name)


@app.command()
def presets() -> int:
    """List the named configurations."""
    from engine.training.config import preset_names, read_preset

    width = max(map(len, preset_names()))
    for name in preset_names():
        print(f"{name:<{width}} {read_preset(name)[0]}")
    return DONE


@app.command()
def studies() -> int:
    """List the studies."""
    from tui_nn.study import print_studies

    print_studies()
    return DONE


@app.command()
def study(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="a study, or a .toml file of your own")] = None,
    seeds: Annotated[str | None, typer.Option("--seeds", metavar="N", help="runs of each case")] = None,
    epochs: Annotated[str | None, typer.Option("--epochs", metavar="N", help="epochs of each run")] = None,
    json: Json = False,
) -> int:
    """Run a small grid of trainings and compare them; without a name, list the studies."""
    from tui_nn.study import print_studies, run_and_show

    if name is None:
        print_studies()
        return DONE
    return run_and_show(name, seeds=seeds, epochs=epochs, json=json)


@app.command()
def predict(
    checkpoint: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="a .safetensors file of a run")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="PNG, JPEG or .npy, of any size")],
    number: Annotated[bool, typer.Option("--number", help="several digits  [default: as it looks]")] = False,
    digit: Annotated[bool, typer.Option("--digit", help="one digit")] = False,
    steps: Annotated[
        Path | None,
        typer.Option(
            "--steps", metavar="FOLDER", help="save what became of each picture, step by step", show_default=False
        ),
    ] = None,
    as_is: Annotated[bool, typer.Option("--as-is", help="scale only: do not bring digits to MNIST's form")] = False,
    json: Annotated[bool, typer.Option("--json", help="print a JSON list, an object a file")] = False,
) -> int:
    """What a trained network takes pictures for: classes with probabilities, digits also as numbers."""
    from tui_nn.predict import predict_files

    if number and digit:
        raise UserError("--number, --digit: cannot both be; give one of them, or neither")
    asked = True if number else False if digit else None
    return predict_files(checkpoint, files, number=asked, as_is=as_is, json=json, steps=steps)


@app.command()
def replay(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="NAME.commands.jsonl, or the checkpoint beside it")],
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", metavar="FILE", help="file for the last checkpoint", show_default=False),
    ] = None,
    json: Json = False,
) -> int:
    """Train once more as a log of commands tells, every change at its step, and compare the weights."""
    from tui_nn.replay import replay_log

    return replay_log(log, checkpoint, json=json)


@app.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="print one JSON object instead of lines")] = False,
) -> int:
    """Print what the terminal can do, what was chosen by it, and what would make more of it."""
    from tui_nn.doctor import print_doctor

    return print_doctor(as_json=json)


@app.command()
def gradcheck(
    model: Annotated[
        str | None, typer.Option("--model", metavar="TEXT", help="a model of your own  [default: every layer and loss]")
    ] = None,
    loss: Annotated[str, typer.Option("--loss", metavar="TEXT", help="the loss behind that model")] = "cross_entropy",
    input_shape: Annotated[str, typer.Option("--input-shape", metavar="C,H,W", help="shape of one sample")] = "1,28,28",
) -> int:
    """Check every gradient numerically, in float64, and print the table."""
    from tui_nn.gradcheck import print_gradient_check

    return DONE if print_gradient_check(model, loss, input_shape) else FAILED


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= LONGEST_EPOCH_S:
        raise UserError(f"--pace {text}: must be a number of seconds from 0 to {LONGEST_EPOCH_S}")
    return seconds
