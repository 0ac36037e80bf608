"""How a table gets onto a screen: whole, with fewer columns, or as a block a row.

Off a terminal a table is as wide as it has to be, and whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.measure import Measurement
from rich.segment import Segment, Segments
from rich.table import Table as RichTable
from rich.text import Text

from nlptrain.reporting.literal import literal
from nlptrain.reporting.wrapping import wrap_line

_NARROWEST_TEXT = 16
"""Columns of the screen that a text which wraps gets at least, or as many as it has."""
_GAP = 2
"""Columns of the screen between two of a table: a space of padding, and one of the box."""
_EVERYTHING = 100_000


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        header: Its title.
        kind: name: tells the rows apart, and is never left out; text: may wrap; number: may not.
        leaves: 0: stays; else when it is left out of a table too wide for the screen, the highest
            first.
    """

    header: str
    kind: Literal["name", "text", "number"]
    leaves: int = 0


@dataclass(frozen=True)
class Table:
    """Rows of cells below headers.

    Attributes:
        columns: At least one.
        rows: A cell for each column in each.
        total: A last row, below a line.
        elsewhere: Where all columns can be read: a file or an option.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None
    elsewhere: str = ""

    def only(self, columns: Sequence[Column]) -> "Table":
        """Leave all other columns out."""
        kept = [place for place, each in enumerate(self.columns) if each in columns]
        return Table(
            tuple(self.columns[place] for place in kept),
            tuple(tuple(row[place] for place in kept) for row in self.rows),
            self.total and tuple(self.total[place] for place in kept),
            self.elsewhere,
        )


def print_table(table: Table, console: Console) -> None:
    """Print a table of which nothing is cut off or broken, and no line ends in spaces.

    On a terminal that is too narrow, columns that matter less are left out and named below; where
    that is not enough, each row becomes a block of lines.
    """
    shown, left_out = table, list[str]()
    for column in sorted(table.columns, key=lambda each: -each.leaves):
        if fits(shown, console) or not column.leaves:
            break
        shown = shown.only([each for each in shown.columns if each is not column])
        left_out.append(column.header)
    if not fits(shown, console):
        _print_blocks(table, console)
        return
    _print_rows(shown, console)
    if left_out:
        where = f"; see {table.elsewhere}" if table.elsewhere else ""
        sentence = f"not shown at this width: {', '.join(left_out)}{where}"
        print_sentence(sentence, console, "dim")


def print_matrix(table: Table, console: Console) -> None:
    """Print a table all of whose columns matter alike: too many for the screen go on below."""
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
    """Print what something came to: a name and a value a line."""
    longest = max((cell_len(literal(name)) for name in facts), default=0)
    for name, value in facts.items():
        _print_hanging(literal(name), literal(value), longest + 2, console)


def print_sentence(sentence: str, console: Console, style: str = "") -> None:
    """Print a sentence, on a terminal wrapped at words."""
    lines = wrap_line(sentence, console.width) if console.is_terminal else [sentence]
    for line in lines:
        console.print(Text(line, style), soft_wrap=True)


def fits(table: Table, console: Console) -> bool:
    """Return whether a table fits the screen with every name and number whole.

    Off a terminal any table does.
    """
    least = sum(_least_width(*each, console.width) for each in _columns(table))
    return least + _GAP * (len(table.columns) - 1) <= console.width or not console.is_terminal


def unwrapped_fits(table: RichTable, console: Console) -> bool:
    """Return whether a table of rich's fits the screen with no cell wrapped or cut."""
    return _measure(table, console).maximum <= console.width or not console.is_terminal


def _measure(table: RichTable, console: Console) -> Measurement:
    return Measurement.get(console, console.options.update(max_width=_EVERYTHING), table)


def _print_hanging(label: str, value: str, indent: int, console: Console) -> None:
    """Print a label and a value, whose further lines begin below its first."""
    width = max(console.width - indent, 1) if console.is_terminal else _EVERYTHING
    for number, part in enumerate(wrap_line(value, width)):
        name = "" if number else label
        gap = " " * (indent - cell_len(name))
        line = Text.assemble((name, "dim"), gap, part)
        line.rstrip()
        console.print(line, soft_wrap=True)


def _print_blocks(table: Table, console: Console) -> None:
    """Print each row as lines: its name, and below it the other columns."""
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
    """Print headers, a rule and the rows; rich's own tables take milliseconds a row."""
    screen = console.width if console.is_terminal else _EVERYTHING
    widths = _choose_widths(table, screen)
    header = _lay_out(table, tuple(column.header for column in table.columns), widths)
    console.print(Text("\n".join(header), "table.header"), soft_wrap=True)
    rule = "─" * (sum(widths) + _GAP * (len(widths) - 1))
    rows = [rule, *(line for row in table.rows for line in _lay_out(table, row, widths))]
    if table.total:
        rows += ["", *_lay_out(table, table.total, widths)]
    console.out("\n".join(rows), highlight=False)


def _choose_widths(table: Table, screen: int) -> list[int]:
    """Assign each column the width it needs, and share what is left among those that wrap."""
    columns = list(_columns(table))
    natural = [max(map(_width, (column.header, *texts))) for column, texts in columns]
    widths = [_least_width(*each, screen) for each in columns]
    room = screen - sum(widths) - _GAP * (len(widths) - 1)
    # The column that needs least first: what it leaves is the others'.
    order = sorted(range(len(widths)), key=lambda place: natural[place] - widths[place])
    for number, place in enumerate(order):
        more = min(natural[place] - widths[place], max(room, 0) // (len(order) - number))
        widths[place] += more
        room -= more
    return widths


def _lay_out(table: Table, row: tuple[str, ...], widths: Sequence[int]) -> list[str]:
    """Write a row: a line, or more where a cell wraps."""
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
    """Break a text at words, and words that are wider than a line anywhere."""
    return [
        part
        for line in wrap_line(text, width)
        for part in (chop_cells(line, width) if cell_len(line) > width else [line])
    ]


def _width(text: str) -> int:
    return cell_len(literal(text))


def _least_width(column: Column, texts: Sequence[str], screen: int) -> int:
    """Compute the narrowest width at which nothing of a column is broken that may not be."""
    natural = max(map(_width, (column.header, *texts)))
    least = {"name": screen // 2, "text": _NARROWEST_TEXT, "number": natural}
    return min(natural, least[column.kind])


def _columns(table: Table) -> Iterable[tuple[Column, Sequence[str]]]:
    """List each column with its cells."""
    rows = (*table.rows, table.total) if table.total else table.rows
    texts = zip(*rows, strict=True) if rows else ((),) * len(table.columns)
    return zip(table.columns, texts, strict=True)


def print_rich_table(table: RichTable, console: Console) -> None:
    """Print a table of rich's as wide as it has to be, on a terminal at most as wide as that."""
    widest = console.width if console.is_terminal else _EVERYTHING
    table.width = min(_measure(table, console).maximum, widest)
    lines = console.render_lines(table, console.options.update(width=table.width), new_lines=True)
    console.print(Segments(chain.from_iterable(map(_trim, lines))), soft_wrap=True, end="")


def _trim(line: list[Segment]) -> list[Segment]:
    """Take the spaces off a line's end."""
    end = len(line)
    while end and not line[end - 1].text.strip():
        end -= 1
    if end == 0:
        return [Segment.line()]
    last = line[end - 1]
    return [*line[: end - 1], Segment(last.text.rstrip(), last.style), Segment.line()]
