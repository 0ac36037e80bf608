"""`nlptrain compare-encoders`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.comparing import (
    ComparisonOptions,
    JobsOption,
    OutputOption,
    SchedulerOption,
    SeedsOption,
    TrialsOption,
    override,
    run_comparison,
    show_files,
)
from nlptrain.cli.completion import complete_task
from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import RUNS_DIR, ConfigArgument, QuietOption, RunsDirOption, SetOption
from nlptrain.cli.output import console, note, say

if TYPE_CHECKING:
    from nlptrain.comparison.encoders.entries import Grid
    from nlptrain.comparison.results import Results


def compare_encoders(
    config: ConfigArgument = "encoders",
    encoders: Annotated[
        list[str] | None,
        typer.Option("--encoder", metavar="NAME", help="Use only this encoder; may be repeated."),
    ] = None,
    tasks: Annotated[
        list[str] | None,
        typer.Option(
            "--task",
            metavar="NAME",
            help="Use only this task; may be repeated.",
            autocompletion=complete_task,
        ),
    ] = None,
    trials: TrialsOption = None,
    seeds: SeedsOption = None,
    overrides: SetOption = None,
    jobs: JobsOption = None,
    scheduler: SchedulerOption = None,
    output: OutputOption = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    quiet: QuietOption = False,
) -> None:
    """Find out which tasks each encoder can learn.

    Trains every encoder on every task with the same seeds, and prints a matrix of accuracies. If an
    encoder cannot distinguish pairs of strings from different classes, it scores 50 % by
    construction. Such cells are marked and checked: if one deviates by more than chance, there is a
    bug, and the exit status is 1. A config without comparison.tasks is its own task.

    \b
    Examples:
      nlptrain compare-encoders
      nlptrain compare-encoders --task sorted --encoder CNN --encoder "mean pooling" --seeds 5
      nlptrain compare-encoders rnn --set training.epochs=3
    """
    from functools import partial

    from nlptrain.comparison.encoders.entries import enter_encoders
    from nlptrain.comparison.encoders.report import write_matrix_report

    settings = [*(overrides or ()), *override({"trials": trials, "seeds": seeds})]
    run_config = read_config(config, settings)
    if not quiet:
        note("generating the strings of each task")
    entries, grid = enter_encoders(run_config, encoders=encoders or (), tasks=tasks or ())
    results, folder = run_comparison(
        entries,
        run_config,
        ComparisonOptions(runs_dir, output, jobs, scheduler, quiet),
        write=partial(write_matrix_report, grid=grid),
    )
    _show(results, grid, folder)


def _show(results: "Results", grid: "Grid", folder: Path) -> None:
    """Print the matrix and its interpretation; exit with 1 if a ceiling is violated."""
    from nlptrain.comparison.encoders.answer import (
        CANNOT,
        answer_sentences,
        matrix_rows,
        other_rows,
        say_check,
    )
    from nlptrain.comparison.encoders.matrix import build_matrix, check_ceilings
    from nlptrain.comparison.encoders.report import HEAT_MAP
    from nlptrain.reporting.table_layout import print_matrix
    from nlptrain.reporting.tables import plain_table

    cells, terminal = build_matrix(results, grid), console()
    check = check_ceilings(cells, grid)
    say("Test accuracy (%), with the best seed in brackets if the seeds differ:")
    rows = matrix_rows(cells, grid)
    print_matrix(plain_table(["task", "lengths"], grid.encoders, rows), terminal)
    if others := other_rows(cells, grid):
        say("\nAt lengths not seen in training:")
        print_matrix(plain_table(["task", "lengths"], grid.encoders, others), terminal)
    if grid.ceilings:
        say(f"\n{CANNOT}: 50 % by construction, however it is trained")
    typer.echo()
    for sentence in answer_sentences(results, grid):
        say(sentence)
    typer.echo()
    show_files(folder, picture=HEAT_MAP)
    if not check.holds:
        for sentence in say_check(check):
            note(sentence)
        raise typer.Exit(1)
