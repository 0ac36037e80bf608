"""`nlptrain train`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.options import RUNS_DIR, ConfigArgument, QuietOption, RunsDirOption, SetOption
from nlptrain.cli.output import command_line, console, note, run_argument

if TYPE_CHECKING:
    from nlptrain.config.run import RunConfig
    from nlptrain.training.run import Outcome


def train(
    config: ConfigArgument,
    overrides: SetOption = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Check all, show the network, train one batch; write nothing."
        ),
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Train the network of a config. Ends with its test scores and where the run is.

    \b
    Examples:
      nlptrain train configs/rnn.yaml
      nlptrain train rnn --set model.encoder.cell=lstm --set training.epochs=3
      nlptrain train rnn --dry-run
    """
    from nlptrain.config.load import load_config

    loaded = load_config(config, overrides or ())
    for sentence in loaded.notes:
        note(sentence)
    if dry_run:
        _show_dry_run(loaded.config, quiet=quiet)
        return
    from nlptrain.api import build_audience
    from nlptrain.training.run import start

    audience = build_audience(progress=not quiet)
    outcome = start(loaded.config, runs_dir=runs_dir, command=command_line(), audience=audience)
    show_outcome(outcome, runs_dir)


def show_outcome(outcome: "Outcome", runs_dir: Path) -> None:
    """Print the table that ends a training, or how to go on with an interrupted one."""
    from nlptrain.reporting.tables import final_table, print_table

    folder = outcome.folder.path
    run = run_argument(folder, runs_dir)
    if outcome.interrupted_by is not None:
        note(f"interrupted and saved; go on with: nlptrain resume {run}")
        raise typer.Exit(128 + outcome.interrupted_by)
    scores = outcome.scores
    if scores is None:
        return
    rows = {
        "test accuracy": f"{scores.accuracy:.4f}",
        "test macro F1": f"{scores.macro_f1:.4f}",
        "test loss": f"{scores.loss:.4g}",
        "majority class": f"{scores.majority_rate:.4f}",
        "best step": f"{outcome.best_step:,}",
        "seconds": f"{outcome.seconds:.1f}",
        "strings/s": f"{outcome.strings_per_second:,.0f}",
        "run": str(folder),
        "next": f'nlptrain predict "abcd" --run {run}',
    }
    print_table(final_table(rows), console())


def _show_dry_run(config: "RunConfig", *, quiet: bool) -> None:
    from nlptrain.reporting.tables import final_table, network_table, print_table
    from nlptrain.training.dry_run import dry_run

    result = dry_run(config)
    for sentence in () if quiet else result.notes:
        note(sentence)
    print_table(network_table(result.layers), console())
    typer.echo()
    print_table(final_table(result.facts), console())
