"""`nlptrain compare-encoders`."""

from typing import Annotated

import typer

from nlptrain.cli.comparing import (
    COMPARISONS_DIR,
    ComparisonOptions,
    ComparisonsDirOption,
    JobsOption,
    OutputOption,
    SchedulerOption,
    SeedsOption,
    TrialsOption,
    override,
    run_comparison,
)
from nlptrain.cli.comparison_output import CsvOption, MarkdownOption, choose_form, show_matrix
from nlptrain.cli.completion import complete_task
from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import ConfigArgument, QuietOption, SetOption
from nlptrain.cli.output import note


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
    comparisons_dir: ComparisonsDirOption = COMPARISONS_DIR,
    as_csv: CsvOption = False,
    as_markdown: MarkdownOption = False,
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

    form = choose_form(as_csv=as_csv, as_markdown=as_markdown)
    settings = [*(overrides or ()), *override({"trials": trials, "seeds": seeds})]
    run_config = read_config(config, settings)
    if not quiet:
        note("generating the strings of each task")
    entries, grid = enter_encoders(run_config, encoders=encoders or (), tasks=tasks or ())
    results, folder = run_comparison(
        entries,
        run_config,
        ComparisonOptions(comparisons_dir, output, jobs, scheduler, quiet),
        write=partial(write_matrix_report, grid=grid),
    )
    show_matrix(results, grid, folder, form)
