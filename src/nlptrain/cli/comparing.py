"""Options and functions shared by the commands that compare."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.output import console, note, say, show_facts, show_table

if TYPE_CHECKING:
    from nlptrain.comparison.protocol.contestants import Entry
    from nlptrain.comparison.results import Results
    from nlptrain.config.run import RunConfig

SeedsOption = Annotated[
    int | None,
    typer.Option("--seeds", min=1, metavar="N", help="Reported trainings per contestant."),
]
TrialsOption = Annotated[
    int | None,
    typer.Option(
        "--trials", min=1, metavar="N", help="Settings tried per contestant; 1: no tuning."
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs", min=1, metavar="N", help="Parallel processes; default: one per processor."
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Train on the workers of this Dask scheduler, such as tcp://host:8786.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar="DIR",
        help="Folder of the comparison; default: one in the runs folder. Repeat the command to "
        "resume an interrupted comparison.",
    ),
]


@dataclass(frozen=True)
class ComparisonOptions:
    """The options shared by the commands that compare."""

    runs_dir: Path
    output: Path | None
    jobs: int | None
    scheduler: str | None
    quiet: bool


def run_comparison(
    entries: Sequence["Entry"],
    config: "RunConfig",
    options: ComparisonOptions,
    write: "Callable[[Results, Path], None] | None" = None,
) -> "tuple[Results, Path]":
    """Run a comparison with progress on standard error.

    `write` writes the report; without it, that of a ranking is written.

    Returns:
        The results, and the comparison's folder.
    """
    from nlptrain.comparison.run import compare
    from nlptrain.comparison.trials.execution import Workers
    from nlptrain.reporting.audience import Audience
    from nlptrain.reporting.trial_progress import TrialProgress

    if options.jobs is not None and options.scheduler is not None:
        raise typer.BadParameter(
            "--jobs cannot be combined with --scheduler, which sets the workers"
        )
    progress = TrialProgress(console(stderr=True))
    audience = Audience() if options.quiet else Audience(tell=note, watch_trials=progress.watch)
    try:
        results, folder = compare(
            entries,
            config,
            runs_dir=options.runs_dir,
            output=options.output,
            workers=Workers(options.jobs, options.scheduler),
            audience=audience,
            write=write,
        )
    except KeyboardInterrupt:
        note("interrupted; finished trials are kept, and the same command resumes the comparison")
        raise typer.Exit(130) from None
    finally:
        progress.close()
    return results, folder


def show_ranking(results: "Results", folder: Path) -> None:
    """Print the ranking, its interpretation, and the files with the results."""
    from nlptrain.comparison.report.answer import adam_rows, answer_sentences, ranking_rows
    from nlptrain.reporting.table_layout import print_table
    from nlptrain.reporting.tables import comparison_table

    numbers = str(folder / "comparison.json")
    print_table(comparison_table(ranking_rows(results), numbers), console())
    typer.echo()
    for sentence in answer_sentences(results):
        say(sentence)
    typer.echo()
    if results.adams:
        steps = len(results.adams[0].differences)
        say(f"Largest parameter difference from PyTorch's fused Adam over {steps} steps:")
        columns = ["first step", "last step", "ms a step", "PyTorch's"]
        show_table(["Adam", "precision"], columns, adam_rows(results))
        typer.echo()
    show_files(folder)


def show_files(folder: Path, **more: str) -> None:
    """Print the paths of the report and the numbers, and of further files by title."""
    rows = {
        **{name: str(folder / file) for name, file in more.items()},
        "report": str(folder / "report.html"),
        "numbers": str(folder / "comparison.json"),
        "trials": str(folder / "trials.parquet"),
        "curves": shlex.join(["tensorboard", "--logdir", str(folder / "tensorboard")]),
    }
    show_facts(rows)


def override(settings: dict[str, int | None]) -> list[str]:
    """Convert the given options to overrides of the section `comparison`."""
    return [f"comparison.{key}={value}" for key, value in settings.items() if value is not None]
