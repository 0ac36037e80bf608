"""CSV and TSV: records of fields, with a bad one costing no more than its own line."""

import csv
from collections import deque
from collections.abc import Generator, Iterator
from itertools import chain, count, islice, repeat
from typing import TextIO

from nlptrain.datasets.tables.encoding_guess import describe_encoding
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import Row, Table, make_row, settle_blank_rows
from nlptrain.datasets.tables.text_stream import (
    UNDECODABLE,
    check_characters,
    read_lines,
    strip_line_end,
    to_bytes,
)
from nlptrain.errors import DataError

LONGEST_RECORD = 1 << 20
"""Characters after which a record that goes on over further lines counts as a quote left open."""

_CHUNK_LINES = 500
"""Few enough to stay in the processor's cache."""


def read_delimited(stream: TextIO, name: str, layout: TableLayout) -> Table:
    """Read a table whose fields a delimiter separates.

    Raises:
        DataError: The file is empty, or its header cannot be read.
    """
    lines = read_lines(stream, name)
    records = (_read_quoted if layout.quoting else _read_plain)(lines, layout)
    first = next(records, None)
    if first is None:
        raise DataError(f"{name}: the file is empty")
    if layout.header:
        problem = first.problem if first.values else "blank line"
        if problem is not None:
            advice = _advise(first, problem, layout)
            raise DataError(f"{name}:{first.line}: the row of column names: {problem}{advice}")
        columns = first.values
    else:
        columns = tuple(map(str, range(max(1, len(first.values)))))
        records = chain([first], records)
    rows = _fit_rows(records, len(columns), layout.delimiter)
    blank_problem = None if len(columns) == 1 else "blank line"
    settled = settle_blank_rows(rows, len(columns), blank_problem)
    return Table(name, columns, settled, encoding=layout.encoding)


def _advise(first: Row, problem: str, layout: TableLayout) -> str:
    """Return what to do about a row of column names that cannot be read."""
    if problem.startswith(UNDECODABLE):
        line = layout.delimiter.join(first.values)
        return f"; {describe_encoding(to_bytes(line, layout.encoding))}"
    return "; do the lines end in two ways? save it with line feeds" * ("carriage" in problem)


def _fit_rows(records: Iterator[Row], width: int, delimiter: str) -> Iterator[Row]:
    """Bring rows to one width; a blank one stays without values."""
    for row in records:
        if len(row.values) == width or not row.values:
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


def _read_plain(lines: Iterator[str], layout: TableLayout) -> Iterator[Row]:
    """Split each line at the delimiters; quotes are characters like any other."""
    for number, line in enumerate(lines, 1):
        content = strip_line_end(line)
        values = tuple(content.split(layout.delimiter)) if content else ()
        yield make_row((number, values, check_characters(line, layout.encoding)))


def _read_quoted(lines: Iterator[str], layout: TableLayout) -> Iterator[Row]:
    """Read records whose fields may be quoted, and then may hold delimiters and line feeds."""
    csv.field_size_limit(2**31 - 1)  # the limit of 131,072 would break long strings
    number = 1
    while chunk := list(islice(lines, _CHUNK_LINES)):
        if _is_record_per_line("".join(chunk), layout.encoding):
            fields = csv.reader(chunk, delimiter=layout.delimiter, strict=True)
            yield from map(make_row, zip(count(number), map(tuple, fields), repeat(None)))
            number += len(chunk)
        else:
            number = yield from _read_records(deque(chunk), lines, layout, number)


def _is_record_per_line(text: str, encoding: str) -> bool:
    """Return whether each of some lines is a record, and a good one."""
    return (
        '"' not in text
        and text.count("\r") == text.count("\r\n")
        and check_characters(text, encoding) is None
    )


def _read_records(
    again: deque[str], lines: Iterator[str], layout: TableLayout, number: int
) -> Generator[Row, None, int]:
    """Read records until the lines at hand are used up.

    Where the quotes do not come out even, the record's first line is bad, and reading goes on
    with its second, so that a quote left open does not swallow what follows.

    Args:
        again: The lines at hand.
        lines: The lines behind them, where the last record goes on.
        layout: How fields are separated.
        number: The first line's.

    Returns:
        The number of the next line.
    """
    record: list[str] = []
    while again:
        reader = csv.reader(_feed(lines, again, record), delimiter=layout.delimiter, strict=True)
        try:
            for fields in reader:
                text = record[0] if len(record) == 1 else "".join(record)
                yield make_row((number, tuple(fields), check_characters(text, layout.encoding)))
                number += len(record)
                record.clear()
                if not again:
                    break
        except csv.Error as error:
            yield Row(number, (strip_line_end(record[0]),), _explain(error, len(record)))
            number += 1
            again.extendleft(reversed(record[1:]))
            record.clear()
    return number


def _feed(lines: Iterator[str], again: deque[str], record: list[str]) -> Iterator[str]:
    """Feed lines to a csv reader and keep those of the current record, until it gets too long.

    Args:
        lines: Lines not read so far.
        again: Lines to be read once more, before them.
        record: Lines of the record at hand; cleared by the reader after each record.
    """
    size = 0
    while line := again.popleft() if again else next(lines, ""):
        size = size + len(line) if record else len(line)
        record.append(line)
        yield line
        if record and size > LONGEST_RECORD:
            return


def _explain(error: csv.Error, lines: int) -> str:
    """Describe what the csv module could not read, in a record of so many lines."""
    if lines > 1 or "end of data" in str(error):
        return 'a quote (") is opened and not closed'
    if "expected after" in str(error):
        return "characters after a closing quote"
    if "new-line character" in str(error):
        return "a carriage return inside a field"
    return str(error)
