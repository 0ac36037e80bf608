"""Options shared by several commands."""

from pathlib import Path
from typing import Annotated

import typer

from nlptrain.cli.completion import complete_config, complete_run, complete_setting
from nlptrain.tracking.stage import silence


def _hide_stages(is_quiet: bool) -> bool:
    if is_quiet:
        silence()
    return is_quiet


ConfigArgument = Annotated[
    str,
    typer.Argument(
        metavar="CONFIG",
        help="A YAML file, or the name of a packaged config.",
        autocompletion=complete_config,
    ),
]
ConfigsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CONFIG",
        help="YAML files, or names of packaged configs; default: optimizers.",
        autocompletion=complete_config,
    ),
]
RunArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        help="A run's folder or name; default: the newest finished run.",
        autocompletion=complete_run,
    ),
]
RunOption = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="RUN",
        help="A run's folder or name, or a model file; default: the newest finished run.",
        autocompletion=complete_run,
    ),
]
RunsDirOption = Annotated[Path, typer.Option("--runs-dir", metavar="DIR", help="The runs' folder.")]
DelimiterOption = Annotated[
    str | None, typer.Option("--delimiter", metavar="C", help="Column separator of the table.")
]
EncodingOption = Annotated[
    str, typer.Option("--encoding", metavar="NAME", help="Text encoding of the table.")
]
SheetOption = Annotated[
    str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of an .xlsx or .ods file.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY.PATH=VALUE",
        help="Change a setting; may be repeated.",
        autocompletion=complete_setting,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
QuietOption = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Hide the progress; notes about the data remain.",
        callback=_hide_stages,
    ),
]
BaselineOption = Annotated[
    bool,
    typer.Option(
        "--no-baseline", help="Skip the linear model that is scored beside a network on a file."
    ),
]
SafeCsvOption = Annotated[
    bool,
    typer.Option(
        "--safe-csv", help="Prefix ' to text that a spreadsheet would run as a formula (= + - @)."
    ),
]
RUNS_DIR = Path("runs")


def refuse_both(jobs: int | None, scheduler: str | None) -> None:
    """Refuse two places to work at.

    Raises:
        typer.BadParameter: Both are given.
    """
    if jobs is not None and scheduler is not None:
        raise typer.BadParameter(
            "--jobs cannot be combined with --scheduler, which sets the workers"
        )
