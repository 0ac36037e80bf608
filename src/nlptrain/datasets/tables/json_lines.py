"""JSON Lines: one object a line, whose keys are the columns."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import Row, Table, settle_blank_rows
from nlptrain.datasets.tables.text_stream import (
    SURROGATE,
    check_characters,
    read_lines,
    strip_line_end,
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
    return Table(name, columns, settle_blank_rows(rows, len(columns), "blank line"))


def _read_columns(stream: TextIO, name: str, layout: TableLayout) -> tuple[str, ...]:
    """Collect the keys of all objects, in order of appearance."""
    if not stream.seekable():
        raise DataError(f"{name}: jsonl is read twice, which this stream cannot do: save it first")
    columns: dict[str, None] = {}
    first_problem = "the file is empty"
    for number, line in enumerate(read_lines(stream, name), 1):
        found, problem = _parse(strip_line_end(line), layout.encoding)
        if problem is None:
            if not found.keys() <= columns.keys():
                columns.update(dict.fromkeys(found))
        elif not columns and first_problem == "the file is empty":
            first_problem = f"no object in any line; line {number}: {problem}"
    if not columns:
        raise DataError(f"{name}: {first_problem}")
    return tuple(columns)


def _read_rows(
    stream: TextIO, name: str, layout: TableLayout, columns: tuple[str, ...]
) -> Iterator[Row]:
    """Make a row of each line; a bad one keeps the line in its first column."""
    rest = (None,) * (len(columns) - 1)
    for number, line in enumerate(read_lines(stream, name), 1):
        content = strip_line_end(line)
        if not content:
            yield Row(number, (), None)
            continue
        found, problem = _parse(content, layout.encoding)
        if problem is None:
            yield Row(number, tuple(map(found.get, columns)), None)
        else:
            yield Row(number, (content, *rest), problem)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no value of JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _parse(line: str, encoding: str) -> tuple[dict[str, Any], str | None]:
    """Parse a line, or say why it is no object."""
    problem = check_characters(line, encoding)
    if problem is not None:
        return {}, problem
    try:
        found = _DECODER.decode(line)
    except RecursionError:
        return {}, "not valid JSON: nested too deep"
    except ValueError as error:
        return {}, f"not valid JSON: {error}"
    if not isinstance(found, dict):
        return {}, f"JSON, but not an object: {line[:40]}"
    # An escape such as \ud800 gives half a character, which no output file can hold.
    if "\\u" in line and SURROGATE.search(json.dumps(found, ensure_ascii=False)):
        return {}, "half of a surrogate pair"
    return found, None
