"""JSON Lines: one object a line, whose keys are the columns."""

import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TextIO

from nlptrain.datasets.tables.encoding_guess import describe_encoding
from nlptrain.datasets.tables.json_block import split_objects
from nlptrain.datasets.tables.json_objects import ObjectDecoder
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import Row, Table, TextColumns, group_rows, settle_blank_rows
from nlptrain.datasets.tables.text_stream import (
    BLOCK_CHARACTERS,
    UNDECODABLE,
    read_block,
    read_lines,
    strip_line_end,
    to_bytes,
)
from nlptrain.errors import DataError


def read_json_lines(stream: TextIO, name: str, layout: TableLayout) -> Table:
    """Read a table of objects; a key that an object lacks has no value there.

    Reads the file twice, the first time for the keys: a late row may bring a new one.

    Raises:
        DataError: The file is empty, or holds no object.
    """
    columns = _read_columns(stream, name, layout)
    stream.seek(0)
    rows = _read_rows(read_lines(stream, name), layout, columns, 1)
    settled = settle_blank_rows(rows, len(columns), "blank line")
    table = Table(name, columns, settled, encoding=layout.encoding)
    return _JsonLinesTable(**vars(table), stream=stream, layout=layout)


@dataclass(frozen=True, kw_only=True)
class _JsonLinesTable(Table):
    """A table that arrays split where all lines of a block are objects written alike.

    Attributes:
        stream: Stands at its begin.
        layout: How the table is written down.
    """

    stream: TextIO
    layout: TableLayout

    def parts(self, size: int, used: Collection[int]) -> Iterator[list[Row] | TextColumns]:
        """Read the rows on, a block of lines at a time."""
        settled = settle_blank_rows(self._read_blocks(used), len(self.columns), "blank line")
        return group_rows(settled, size)

    def _read_blocks(self, used: Collection[int]) -> Iterator[Row | TextColumns]:
        """Split block after block by arrays, or else line by line."""
        number = 1
        for block, lines in _read_blocks(self.stream, self.name):
            objects = split_objects(block, self.layout.encoding)
            if objects is not None and {self.columns[place] for place in used} <= set(
                objects.names
            ):
                names = {place: self.columns[place] for place in used}
                yield objects.to_columns(names, number, len(self.columns))
            else:
                yield from _read_rows(lines, self.layout, self.columns, number)
            number += block.count("\n")


def _read_blocks(stream: TextIO, name: str) -> Iterator[tuple[str, Iterator[str]]]:
    """Iterate over blocks of lines, and over the lines of each; in files of old Macs no block."""
    lines = read_lines(stream, name)
    first = next(lines, "")
    if first.endswith("\r"):
        yield "", chain([first], lines)
        return
    while block := first + read_block(stream, name, lines, BLOCK_CHARACTERS):
        yield block, io.StringIO(block, newline="\n")
        first = ""


def _read_columns(stream: TextIO, name: str, layout: TableLayout) -> tuple[str, ...]:
    """Collect the keys of all objects, in order of appearance."""
    if not stream.seekable():
        raise DataError(f"{name}: jsonl is read twice, which this stream cannot do: save it first")
    columns: dict[str, None] = {}
    first_problem = "the file is empty"
    decoder = ObjectDecoder(layout.encoding)
    number = 0
    for block, lines in _read_blocks(stream, name):
        objects = split_objects(block, layout.encoding)
        if objects is not None:
            columns.update(dict.fromkeys(objects.names))
            number += block.count("\n")
            continue
        for line in lines:
            number += 1
            found, problem = decoder.decode(strip_line_end(line))
            if problem is None:
                if not found.keys() <= columns.keys():
                    columns.update(dict.fromkeys(found))
            elif not columns and first_problem == "the file is empty":
                first_problem = f"no object in any line; line {number}: {problem}"
                if problem.startswith(UNDECODABLE):
                    first_problem += f"; {describe_encoding(to_bytes(line, layout.encoding))}"
    if not columns:
        raise DataError(f"{name}: {first_problem}")
    return tuple(columns)


def _read_rows(
    lines: Iterator[str], layout: TableLayout, columns: tuple[str, ...], first: int
) -> Iterator[Row]:
    """Make a row of each line; a bad one keeps the line in its first column."""
    rest = (None,) * (len(columns) - 1)
    decoder = ObjectDecoder(layout.encoding)
    for number, line in enumerate(lines, first):
        content = strip_line_end(line)
        if not content:
            yield Row(number, (), None)
            continue
        found, problem = decoder.decode(content)
        if problem is None:
            yield Row(number, tuple(map(found.get, columns)), None)
        else:
            yield Row(number, (content, *rest), problem)
