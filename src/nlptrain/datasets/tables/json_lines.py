"""JSON Lines: one object a line, whose keys are the columns."""

from collections.abc import Iterator
from typing import TextIO

from nlptrain.datasets.tables.encoding_guess import describe_encoding
from nlptrain.datasets.tables.json_objects import ObjectDecoder
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import Row, Table, settle_blank_rows
from nlptrain.datasets.tables.text_stream import (
    UNDECODABLE,
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
    rows = _read_rows(stream, name, layout, columns)
    settled = settle_blank_rows(rows, len(columns), "blank line")
    return Table(name, columns, settled, encoding=layout.encoding)


def _read_columns(stream: TextIO, name: str, layout: TableLayout) -> tuple[str, ...]:
    """Collect the keys of all objects, in order of appearance."""
    if not stream.seekable():
        raise DataError(f"{name}: jsonl is read twice, which this stream cannot do: save it first")
    columns: dict[str, None] = {}
    first_problem = "the file is empty"
    decoder = ObjectDecoder(layout.encoding)
    for number, line in enumerate(read_lines(stream, name), 1):
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
    stream: TextIO, name: str, layout: TableLayout, columns: tuple[str, ...]
) -> Iterator[Row]:
    """Make a row of each line; a bad one keeps the line in its first column."""
    rest = (None,) * (len(columns) - 1)
    decoder = ObjectDecoder(layout.encoding)
    for number, line in enumerate(read_lines(stream, name), 1):
        content = strip_line_end(line)
        if not content:
            yield Row(number, (), None)
            continue
        found, problem = decoder.decode(content)
        if problem is None:
            yield Row(number, tuple(map(found.get, columns)), None)
        else:
            yield Row(number, (content, *rest), problem)
