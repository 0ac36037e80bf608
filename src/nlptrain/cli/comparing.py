"""What the commands that compare share: their options, and how they run and end."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.output import console, note, say

if TYPE_CHECKING:
    from nlptrain.comparison.protocol.contestants import Entry
    from nlptrain.comparison.results import Results
    from nlptrain.config.run import RunConfig

SeedsOption = Annotated[
    int | None,
    typer.Option("--seeds", min=1, metavar="N", help="Reported trainings of each contestant."),
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs", min=1, metavar="N", help="Processes side by side; one a processor without it."
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Train on the workers of this Dask scheduler, as tcp://host:8786.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar="DIR",
        help="The comparison's folder; one in the runs folder without it. Called again, an "
        "interrupted comparison goes on.",
    ),
]


def run_comparison(
    entries: Sequence["Entry"],
    config: "RunConfig",
    *,
    runs_dir: Path,
    output: Path | None,
    jobs: int | None,
    scheduler: str | None,
    quiet: bool,
    write: "Callable[[Results, Path], None] | None" = None,
) -> "tuple[Results, Path]":
    """Compare with progress on standard error.

    Args:
        entries: Who takes part.
        config: What they have in common.
        runs_dir: Where runs live.
        output: The comparison's folder, if one is named.
        jobs: Processes side by side; None: one a processor.
        scheduler: Address of a Dask scheduler instead.
        quiet: Whether to keep quiet about progress.
        write: Writes the report; None: that of a ranking.

    Returns:
        What came of it, and its folder.
    """
    from nlptrain.comparison.run import compare
    from nlptrain.comparison.trials.execution import Workers
    from nlptrain.reporting.audience import Audience
    from nlptrain.reporting.trial_progress import TrialProgress

    if jobs is not None and scheduler is not None:
        raise typer.BadParameter("--jobs is for this machine; with --scheduler its workers decide")
    progress = TrialProgress(console(stderr=True))
    audience = Audience() if quiet else Audience(tell=note, watch_trials=progress.watch)
    try:
        results, folder = compare(
            entries,
            config,
            runs_dir=runs_dir,
            output=output,
            workers=Workers(jobs, scheduler),
            audience=audience,
            write=write,
        )
    except KeyboardInterrupt:
        note("interrupted: what has finished is kept, and the same command goes on")
        raise typer.Exit(130) from None
    finally:
        progress.close()
    return results, folder


def show_ranking(results: "Results", folder: Path) -> None:
    """Print the ranking, what it means, and where all of it is."""
    from nlptrain.comparison.report.answer import adam_rows, answer_sentences, ranking_rows
    from nlptrain.reporting.table_layout import print_table
    from nlptrain.reporting.tables import adams_table, comparison_table

    numbers = str(folder / "comparison.json")
    print_table(comparison_table(ranking_rows(results), numbers), console())
    typer.echo()
    for sentence in answer_sentences(results):
        say(sentence)
    typer.echo()
    if results.adams:
        steps = len(results.adams[0].differences)
        say(f"Largest difference of a parameter from PyTorch's Adam (fused), {steps} steps:")
        print_table(adams_table(adam_rows(results)), console())
        typer.echo()
    show_files(folder)


def show_files(folder: Path, **more: str) -> None:
    """Print where the report and the numbers are.

    Args:
        folder: Of the comparison.
        more: Further files, by what they are.
    """
    from nlptrain.reporting.table_layout import print_facts

    rows = {
        **{name: str(folder / file) for name, file in more.items()},
        "report": str(folder / "report.html"),
        "numbers": str(folder / "comparison.json"),
        "trials": str(folder / "trials.parquet"),
        "curves": f"tensorboard --logdir {folder / 'tensorboard'}",
    }
    print_facts(rows, console())


def override(settings: dict[str, int | None]) -> list[str]:
    """Write those options that were given as overrides of the section `comparison`."""
    return [f"comparison.{key}={value}" for key, value in settings.items() if value is not None]
