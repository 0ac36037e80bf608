"""CSV and TSV: whole blocks of good records by arrays, all others line by line."""

import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TextIO

from nlptrain.datasets.tables.delimited_block import split_block
from nlptrain.datasets.tables.delimited_records import read_records
from nlptrain.datasets.tables.encoding_guess import describe_encoding
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import (
    Part,
    Row,
    Table,
    TextColumns,
    group_rows,
    settle_blank_rows,
)
from nlptrain.datasets.tables.text_stream import (
    BLOCK_CHARACTERS,
    UNDECODABLE,
    read_block,
    read_lines,
    to_bytes,
)
from nlptrain.errors import DataError


def read_delimited(stream: TextIO, name: str, layout: TableLayout) -> Table:
    """Read a table whose fields a delimiter separates.

    Raises:
        DataError: The file is empty, or its header cannot be read.
    """
    lines = read_lines(stream, name)
    first_line = next(lines, "")
    records: Iterator[Row] = read_records(chain([first_line] * bool(first_line), lines), layout)
    first = next(records, None)
    if first is None:
        raise DataError(f"{name}: the file is empty")
    if layout.header:
        problem = first.problem if first.values else "blank line"
        if problem is not None:
            advice = _advise(first, problem, layout)
            raise DataError(f"{name}:{first.line}: the row of column names: {problem}{advice}")
        columns, begun = first.values, []
    else:
        columns, begun = tuple(map(str, range(max(1, len(first.values))))), [first]
    rows = _settle(chain(begun, records), len(columns), layout)
    table = Table(name, columns, rows, encoding=layout.encoding)
    # A carriage return ends the lines of old Macs.
    is_split_by_arrays = (
        len(columns) > 1
        and first.problem is None
        and layout.delimiter.isascii()
        and not first_line.endswith("\r")
    )
    if not is_split_by_arrays:
        return table
    next_line = 2 + sum(value.count("\n") for value in first.values)
    return _DelimitedTable(
        **vars(table), stream=stream, layout=layout, begun=begun, next_line=next_line
    )


@dataclass(frozen=True, kw_only=True)
class _DelimitedTable(Table):
    """A table of several columns, which arrays split where all records of a block are good.

    Attributes:
        stream: Stands behind the first record.
        layout: How the table is written down.
        begun: The first record, where it is no header.
        next_line: The number of the line behind it.
    """

    stream: TextIO
    layout: TableLayout
    begun: list[Row]
    next_line: int

    def parts(self, size: int, used: Collection[int]) -> Iterator[list[Row] | TextColumns]:
        """Read the rows on, a block of lines at a time."""
        blocks = self._read_blocks(used)
        settled = _settle(chain(self.begun, blocks), len(self.columns), self.layout)
        return group_rows(settled, size)

    def _read_blocks(self, used: Collection[int]) -> Iterator[Row | TextColumns]:
        """Split block after block by arrays, or else line by line."""
        lines, number = read_lines(self.stream, self.name), self.next_line
        while block := self._read_block(lines):
            split = split_block(block, self.layout, len(self.columns), used, number)
            if split is not None:
                yield split
                # Only quotes let a record go on over further lines.
                number += block.count("\n") if '"' in block else len(split.lines)
            else:
                at_hand = io.StringIO(block, newline="\n")
                number = yield from read_records(at_hand, self.layout, number, behind=lines)

    def _read_block(self, lines: Iterator[str]) -> str:
        """Read some whole lines, on to where quotes come out even, unless that is far; "": none."""
        block = [read_block(self.stream, self.name, lines, BLOCK_CHARACTERS)]
        # To look for one is much faster than to count, even if there is none.
        has_quotes = self.layout.quoting and '"' in block[0]
        quotes = block[0].count('"') if has_quotes else 0
        size = 0
        while quotes % 2 and size < BLOCK_CHARACTERS and (line := next(lines, "")):
            block.append(line)
            quotes += line.count('"')
            size += len(line)
        return "".join(block)


def _settle(rows: Iterable[Part], width: int, layout: TableLayout) -> Iterator[Part]:
    """Bring rows to one width, and say what blank ones are."""
    fitted = _fit_rows(rows, width, layout.delimiter)
    return settle_blank_rows(fitted, width, None if width == 1 else "blank line")


def _advise(first: Row, problem: str, layout: TableLayout) -> str:
    """Return what to do about a row of column names that cannot be read."""
    if problem.startswith(UNDECODABLE):
        line = layout.delimiter.join(first.values)
        return f"; {describe_encoding(to_bytes(line, layout.encoding))}"
    return "; do the lines end in two ways? save it with line feeds" * ("carriage" in problem)


def _fit_rows(rows: Iterable[Part], width: int, delimiter: str) -> Iterator[Part]:
    """Bring rows to one width; a blank one stays without values."""
    for row in rows:
        if not isinstance(row, Row) or len(row.values) == width or not row.values:
            yield row
        else:
            yield _fit(row, width, delimiter)


def _fit(row: Row, width: int, delimiter: str) -> Row:
    """Bring a bad row to the width; fields too many stay in the last column, as they stood."""
    line, values, problem = row
    found = len(values)
    if found > width:
        fitted = (*values[: width - 1], delimiter.join(values[width - 1 :]))
    else:
        fitted = values + ("",) * (width - found)
    count = f"{found} field{'s' if found > 1 else ''} instead of {width}"
    return Row(line, fitted, problem or count)
