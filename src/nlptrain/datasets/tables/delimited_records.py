"""Lines of CSV and TSV → records, with a bad one costing no more than its own line."""

import csv
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from itertools import chain, count, islice, repeat

from nlptrain.datasets.tables.delimited_block import LONGEST_RECORD
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import Row, make_row
from nlptrain.datasets.tables.text_stream import check_characters, strip_line_end

_CHUNK_LINES = 500
"""Few enough to stay in the processor's cache."""


def read_records(
    lines: Iterator[str], layout: TableLayout, number: int = 1, behind: Iterable[str] = ()
) -> Generator[Row, None, int]:
    """Read lines one by one.

    Args:
        lines: The lines.
        layout: How fields are separated.
        number: The first line's.
        behind: The lines behind them, where the last record goes on.

    Returns:
        The number of the next line.
    """
    if layout.quoting:
        return (yield from _read_quoted(lines, layout, number, behind))
    return (yield from _read_plain(lines, layout, number))


def _read_plain(
    lines: Iterator[str], layout: TableLayout, number: int
) -> Generator[Row, None, int]:
    """Split each line at the delimiters; quotes are characters like any other."""
    for line in lines:
        content = strip_line_end(line)
        values = tuple(content.split(layout.delimiter)) if content else ()
        yield make_row((number, values, check_characters(line, layout.encoding)))
        number += 1
    return number


def _read_quoted(
    lines: Iterator[str], layout: TableLayout, number: int, behind: Iterable[str]
) -> Generator[Row, None, int]:
    """Read records whose fields may be quoted, and then may hold delimiters and line feeds."""
    csv.field_size_limit(2**31 - 1)  # the limit of 131,072 would break long strings
    # The first line alone, so that nothing behind a header is read with it.
    sizes = chain([1], repeat(_CHUNK_LINES))
    while chunk := list(islice(lines, next(sizes))):
        if _is_record_per_line("".join(chunk), layout.encoding):
            fields = csv.reader(chunk, delimiter=layout.delimiter, strict=True)
            yield from map(make_row, zip(count(number), map(tuple, fields), repeat(None)))
            number += len(chunk)
        else:
            more = chain(lines, behind)
            number = yield from _read_until_even(deque(chunk), more, layout, number)
    return number


def _is_record_per_line(text: str, encoding: str) -> bool:
    """Return whether each of some lines is a record, and a good one."""
    return (
        '"' not in text
        and text.count("\r") == text.count("\r\n")
        and check_characters(text, encoding) is None
    )


def _read_until_even(
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
