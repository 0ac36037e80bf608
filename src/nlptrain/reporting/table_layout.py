"""Fitting a table to the screen: whole, with fewer columns, or as one block per row.

If the output is not a terminal, a table is whole and as wide as necessary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from nlptrain.reporting.literal import literal
from nlptrain.reporting.wrapping import wrap_line

_MIN_TEXT_WIDTH = 16
"""Minimum width of a column that wraps, unless its text is narrower."""
_GAP = 2
"""Spaces between two columns."""
_UNLIMITED = 100_000


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        header: Its title.
        kind: name: identifies the row, never omitted; text: may wrap; number: never wraps.
        omit_order: On a narrow screen, columns are omitted from the highest down; 0: never.
    """

    header: str
    kind: Literal["name", "text", "number"]
    omit_order: int = 0


@dataclass(frozen=True)
class Table:
    """Rows of cells with headers.

    Attributes:
        columns: At least one.
        rows: Each has one cell per column.
        total: A last row, set apart.
        complete_in: File or option that has all columns.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None
    complete_in: str = ""

    @cached_property
    def natural_widths(self) -> list[int]:
        """The width of each column whose cells are not wrapped."""
        rows = (*self.rows, self.total) if self.total else self.rows
        headers = tuple(column.header for column in self.columns)
        return [max(map(_width, texts)) for texts in zip(headers, *rows, strict=True)]

    def only(self, columns: Sequence[Column]) -> "Table":
        """Return the table with these columns only."""
        kept = [place for place, each in enumerate(self.columns) if each in columns]
        return Table(
            tuple(self.columns[place] for place in kept),
            tuple(tuple(row[place] for place in kept) for row in self.rows),
            self.total and tuple(self.total[place] for place in kept),
            self.complete_in,
        )


def print_table(table: Table, console: Console) -> None:
    """Print a table without truncated cells or trailing spaces.

    On a narrow terminal, less important columns are omitted and named below the table; if that is
    not enough, each row becomes a block of lines.
    """
    shown, omitted = table, list[str]()
    for column in sorted(table.columns, key=lambda each: -each.omit_order):
        if fits(shown, console) or not column.omit_order:
            break
        shown = shown.only([each for each in shown.columns if each is not column])
        omitted.append(column.header)
    if not fits(shown, console):
        _print_blocks(table, console)
        return
    _print_rows(shown, console)
    if omitted:
        where = f"; see {table.complete_in}" if table.complete_in else ""
        sentence = f"not shown at this width: {', '.join(omitted)}{where}"
        print_sentence(sentence, console, "dim")


def print_matrix(table: Table, console: Console) -> None:
    """Print a table of equally important columns; those that do not fit continue below."""
    names = [column for column in table.columns if column.kind == "name"]
    parts: list[list[Column]] = [[]]
    for column in table.columns[len(names) :]:
        if parts[-1] and not fits(table.only([*names, *parts[-1], column]), console):
            parts.append([])
        parts[-1].append(column)
    for number, part in enumerate(parts):
        if number:
            console.print()
        print_table(table.only([*names, *part]), console)


def print_facts(facts: dict[str, str], console: Console) -> None:
    """Print one name and value per line."""
    longest = max((cell_len(literal(name)) for name in facts), default=0)
    for name, value in facts.items():
        _print_hanging(literal(name), literal(value), longest + 2, console)


def print_sentence(sentence: str, console: Console, style: str) -> None:
    """Print a sentence, wrapped between words on a terminal."""
    lines = wrap_line(sentence, console.width) if console.is_terminal else [sentence]
    for line in lines:
        console.print(Text(line, style), soft_wrap=True)


def fits(table: Table, console: Console) -> bool:
    """Return whether a table fits the screen without breaking names and numbers."""
    if not console.is_terminal:
        return True
    least = sum(_least_widths(table, console.width))
    return least + _GAP * (len(table.columns) - 1) <= console.width


def _print_hanging(label: str, value: str, indent: int, console: Console) -> None:
    width = max(console.width - indent, 1) if console.is_terminal else _UNLIMITED
    for number, part in enumerate(wrap_line(value, width)):
        name = "" if number else label
        gap = " " * (indent - cell_len(name))
        line = Text.assemble((name, "dim"), gap, part)
        line.rstrip()
        console.print(line, soft_wrap=True)


def _print_blocks(table: Table, console: Console) -> None:
    others = [column for column in table.columns if column.kind != "name"]
    longest = max((cell_len(literal(column.header)) for column in others), default=0)
    totals = [table.total] if table.total else []
    for row in (*table.rows, *totals):
        names = [
            f"{column.header} {cell}" if column.header else cell
            for column, cell in zip(table.columns, row, strict=True)
            if column.kind == "name" and cell
        ]
        print_sentence(literal(", ".join(names)), console, "bold")
        for column, cell in zip(table.columns, row, strict=True):
            if column.kind != "name" and cell:
                _print_hanging(f"  {column.header}", literal(cell), longest + 4, console)


def _print_rows(table: Table, console: Console) -> None:
    """Print headers, a rule and the rows; rich's own tables take milliseconds per row."""
    screen = console.width if console.is_terminal else _UNLIMITED
    widths = _choose_widths(table, screen)
    header = _lay_out(table, tuple(column.header for column in table.columns), widths)
    console.print(Text("\n".join(header), "table.header"), soft_wrap=True)
    rule = "─" * (sum(widths) + _GAP * (len(widths) - 1))
    rows = [rule, *(line for row in table.rows for line in _lay_out(table, row, widths))]
    if table.total:
        rows += ["", *_lay_out(table, table.total, widths)]
    console.out("\n".join(rows), highlight=False)


def _choose_widths(table: Table, screen: int) -> list[int]:
    """Assign each column its minimum width, and share the rest among those that wrap."""
    natural = table.natural_widths
    widths = _least_widths(table, screen)
    room = screen - sum(widths) - _GAP * (len(widths) - 1)
    # The column that needs the least first; what it leaves goes to the others.
    order = sorted(range(len(widths)), key=lambda place: natural[place] - widths[place])
    for number, place in enumerate(order):
        more = min(natural[place] - widths[place], max(room, 0) // (len(order) - number))
        widths[place] += more
        room -= more
    return widths


def _lay_out(table: Table, row: tuple[str, ...], widths: Sequence[int]) -> list[str]:
    """Format a row as one line, or more if a cell wraps."""
    cells = [
        [text] if len(text) * 2 <= width or _width(text) <= width else _fold(text, width)
        for text, width in zip(map(literal, row), widths, strict=True)
    ]
    lines = []
    for number in range(max(map(len, cells))):
        parts = []
        for column, cell, width in zip(table.columns, cells, widths, strict=True):
            text = cell[number] if number < len(cell) else ""
            padding = " " * (width - cell_len(text))
            parts.append(padding + text if column.kind == "number" else text + padding)
        lines.append((" " * _GAP).join(parts).rstrip())
    return lines


def _fold(text: str, width: int) -> list[str]:
    """Break a text between words, and words wider than a line anywhere."""
    return [
        part
        for line in wrap_line(text, width)
        for part in (chop_cells(line, width) if cell_len(line) > width else [line])
    ]


def _width(text: str) -> int:
    return cell_len(literal(text))


def _least_widths(table: Table, screen: int) -> list[int]:
    least = {"name": screen // 2, "text": _MIN_TEXT_WIDTH, "number": _UNLIMITED}
    return [
        min(natural, least[column.kind])
        for column, natural in zip(table.columns, table.natural_widths, strict=True)
    ]
