"""`nlptrain compare report`."""

from pathlib import Path
from typing import Annotated

import typer

from nlptrain.cli.comparison_output import (
    CsvOption,
    MarkdownOption,
    choose_form,
    show_matrix,
    show_ranking,
)


def compare_report(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="FOLDER", help="Folders of finished comparisons."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="DIR",
            help="Folder of the joined comparison; required for several folders.",
        ),
    ] = None,
    all_curves: Annotated[
        bool,
        typer.Option(
            "--all-curves",
            help="Give TensorBoard every trial: of tuning, and of seeds beyond its first 40 runs.",
        ),
    ] = False,
    as_csv: CsvOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Report finished comparisons again, or join them.

    Writes the report from the stored trials; nothing is trained. Comparisons can be joined if they
    differ only in their final seeds, as when another machine has trained more of them
    (comparison.first_seed).

    \b
    Examples:
      nlptrain compare report comparisons/compare-optimizers-001 --markdown
      nlptrain compare report here from-there --output joined
    """
    from nlptrain.comparison.stored import join, report_again

    form = choose_form(as_csv=as_csv, as_markdown=as_markdown)
    if len(folders) > 1 and output is None:
        raise typer.BadParameter("several folders: --output DIR says where to join them")
    if output is not None:
        join(folders, output)
    reported = report_again(output or folders[0], all_events=all_curves)
    if reported.grid is None:
        show_ranking(reported.results, reported.folder, form)
    else:
        show_matrix(reported.results, reported.grid, reported.folder, form)
