"""Tables to paste elsewhere: Markdown for a README, CSV for a program."""

import csv
import io
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from nlptrain.reporting.literal import literal
from nlptrain.reporting.table_layout import Table

CsvCell = str | int | float | None
"""None: a number that does not exist, an empty cell."""


def to_markdown(table: Table) -> str:
    """Write a table in Markdown, aligned in the source too; ends with a line feed."""
    rows = [[column.header for column in table.columns], *table.rows]
    cells = [[literal(cell).replace("|", "\\|") for cell in row] for row in rows]
    widths = [max(3, *map(cell_len, column)) for column in zip(*cells, strict=True)]
    is_number = [column.kind == "number" for column in table.columns]
    rule = [
        f"{'-' * (width - 1)}:" if right else "-" * width
        for width, right in zip(widths, is_number, strict=True)
    ]
    lines = []
    for row in (cells[0], rule, *cells[1:]):
        padded = [
            f"{' ' * (width - cell_len(cell))}{cell}"
            if right
            else f"{cell}{' ' * (width - cell_len(cell))}"
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ]
        lines.append(f"| {' | '.join(padded)} |\n")
    return "".join(lines)


def to_csv(header: Sequence[str], rows: Iterable[Sequence[CsvCell]]) -> str:
    """Write rows as CSV with whole, unrounded numbers; lines end with a line feed alone."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
