"""What the commands that compare print when they have finished."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nlptrain.cli.output import console, note, say, show_facts, show_table

if TYPE_CHECKING:
    from nlptrain.comparison.encoders.entries import Grid
    from nlptrain.comparison.results import Results

Form = Literal["text", "csv", "markdown"]

CsvOption = Annotated[
    bool,
    typer.Option("--csv", help="Print only the table, as CSV; accuracies are between 0 and 1."),
]
MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="Print only the table, as Markdown.")
]


def choose_form(*, as_csv: bool, as_markdown: bool) -> Form:
    """Return what is printed."""
    if as_csv and as_markdown:
        raise typer.BadParameter("--csv cannot be combined with --markdown")
    return "csv" if as_csv else "markdown" if as_markdown else "text"


def show_ranking(results: "Results", folder: Path, form: Form) -> None:
    """Print the ranking, its interpretation, and the files with the results."""
    from nlptrain.comparison.report.answer import ranking_rows
    from nlptrain.comparison.report.csv_rows import RANKING_HEADER, ranking_csv
    from nlptrain.reporting.export import to_csv, to_markdown
    from nlptrain.reporting.tables import comparison_table

    table = comparison_table(ranking_rows(results), str(folder / "comparison.json"))
    if form == "csv":
        sys.stdout.write(to_csv(RANKING_HEADER, ranking_csv(results)))
    elif form == "markdown":
        sys.stdout.write(to_markdown(table))
    else:
        from nlptrain.reporting.table_layout import print_table

        print_table(table, console())
        _explain_ranking(results, folder)


def _explain_ranking(results: "Results", folder: Path) -> None:
    from nlptrain.comparison.report.answer import adam_rows, answer_sentences

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
    _show_files(folder)


def show_matrix(results: "Results", grid: "Grid", folder: Path, form: Form) -> None:
    """Print the matrix and its interpretation; exit with 1 if a ceiling is violated."""
    from nlptrain.comparison.encoders.answer import matrix_rows, other_rows, say_check
    from nlptrain.comparison.encoders.csv_rows import MATRIX_HEADER, matrix_csv
    from nlptrain.comparison.encoders.matrix import build_matrix, check_ceilings
    from nlptrain.reporting.export import to_csv, to_markdown
    from nlptrain.reporting.tables import plain_table

    cells = build_matrix(results, grid)
    if form == "csv":
        sys.stdout.write(to_csv(MATRIX_HEADER, matrix_csv(cells, grid)))
    elif form == "markdown":
        rows = [*matrix_rows(cells, grid), *other_rows(cells, grid)]
        sys.stdout.write(to_markdown(plain_table(["task", "lengths"], grid.encoders, rows)))
    else:
        _explain_matrix(results, grid, folder)
    check = check_ceilings(cells, grid)
    if not check.holds:
        for sentence in say_check(check):
            note(sentence)
        raise typer.Exit(1)


def _explain_matrix(results: "Results", grid: "Grid", folder: Path) -> None:
    from nlptrain.comparison.encoders.answer import (
        CANNOT,
        answer_sentences,
        matrix_rows,
        other_rows,
    )
    from nlptrain.comparison.encoders.matrix import build_matrix
    from nlptrain.comparison.encoders.report import HEAT_MAP
    from nlptrain.reporting.table_layout import print_matrix
    from nlptrain.reporting.tables import plain_table

    cells, terminal = build_matrix(results, grid), console()
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
    _show_files(folder, picture=HEAT_MAP)


def _show_files(folder: Path, **more: str) -> None:
    """Print the paths of the report and the numbers, and of further files by title."""
    rows = {
        **{name: str(folder / file) for name, file in more.items()},
        "report": str(folder / "report.html"),
        "numbers": str(folder / "comparison.json"),
        "trials": str(folder / "trials.parquet"),
        "curves": shlex.join(["tensorboard", "--logdir", str(folder / "tensorboard")]),
    }
    show_facts(rows)
