"""Options and functions shared by the commands that compare."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.options import refuse_both
from nlptrain.cli.output import command_line, console, note

if TYPE_CHECKING:
    from nlptrain.comparison.protocol.contestants import Entry
    from nlptrain.comparison.results import Results
    from nlptrain.config.run import RunConfig

SeedsOption = Annotated[
    int | None,
    typer.Option(
        "--seeds",
        min=1,
        metavar="N",
        help="Reported trainings per contestant, each with a new seed; default: the config's.",
    ),
]
TrialsOption = Annotated[
    int | None,
    typer.Option(
        "--trials",
        min=1,
        metavar="N",
        help="Settings to try per contestant; 1: no tuning; default: the config's.",
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
COMPARISONS_DIR = Path("comparisons")
ComparisonsDirOption = Annotated[
    Path,
    typer.Option(
        # The second name is that of 0.2.0, when comparisons lay among the runs.
        "--comparisons-dir",
        "--runs-dir",
        metavar="DIR",
        help="The comparisons' folder (--runs-dir: its former name).",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar="DIR",
        help="Folder of this comparison; default: a new one in the comparisons' folder, or that "
        "of the same comparison, which is resumed.",
    ),
]


@dataclass(frozen=True)
class ComparisonOptions:
    """The options shared by the commands that compare."""

    comparisons_dir: Path
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
    from nlptrain.reporting.audience import Audience
    from nlptrain.reporting.trial_progress import TrialProgress
    from nlptrain.workers.execution import Workers

    refuse_both(options.jobs, options.scheduler)
    progress = TrialProgress(console(stderr=True))
    audience = Audience() if options.quiet else Audience(tell=note, watch_trials=progress.watch)
    try:
        results, folder = compare(
            entries,
            config,
            runs_dir=options.comparisons_dir,
            output=options.output,
            command=command_line(),
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


def override(settings: dict[str, int | None]) -> list[str]:
    """Convert the given options to overrides of the section `comparison`."""
    return [f"comparison.{key}={value}" for key, value in settings.items() if value is not None]
