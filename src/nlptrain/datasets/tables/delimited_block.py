"""A block of CSV or TSV → columns, split by arrays instead of line by line.

Only where each record is surely a good one; all others are the row-by-row reader's, which says
what is wrong with them.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import TextColumns
from nlptrain.datasets.tables.text_stream import encode_block
from nlptrain.text.string_column import StringColumn

LONGEST_RECORD = 1 << 20
"""Characters after which a record that goes on over further lines counts as a quote left open."""

_LINE_FEED, _RETURN, _QUOTE = b'\n\r"'


@dataclass(frozen=True, eq=False)
class _Fields:
    """Where the fields of a block lie.

    Attributes:
        data: The block's bytes.
        starts: The first byte of each field, without its quotes: (R, columns).
        ends: The byte behind its last one: (R, columns).
        doubled: Where a quote stands that is there for the quote behind it.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    doubled: NDArray[np.int64]


def split_block(
    block: str, layout: TableLayout, width: int, used: Collection[int], first_line: int
) -> TextColumns | None:
    """Split whole lines into the columns that are used.

    Args:
        block: Lines, each with its line feed, but perhaps the last.
        layout: How the table is written down.
        width: Columns of the table, two or more.
        used: The places of the columns that are looked at.
        first_line: The number of the block's first line.

    Returns:
        The columns; None where a record may be a bad one, or goes on behind the block.
    """
    content = encode_block(block)
    if content is None:
        return None
    has_returns = layout.quoting and b"\r" in content
    if has_returns and content.count(b"\r") != content.count(b"\r\n"):
        return None
    data = np.frombuffer(content, np.uint8)
    has_quotes = layout.quoting and b'"' in content
    quotes = np.flatnonzero(data == _QUOTE) if has_quotes else np.empty(0, np.int64)
    if quotes.size % 2 or (quotes.size and len(block) > LONGEST_RECORD):
        return None
    fields = _find_fields(data, quotes, ord(layout.delimiter), width)
    if fields is None:
        return None
    return TextColumns(
        values={
            place: StringColumn.of_spans(
                data, fields.starts[:, place], fields.ends[:, place], fields.doubled
            )
            for place in used
        },
        lines=first_line + _count_lines(fields, has_quotes=quotes.size > 0),
        width=width,
    )


def _find_fields(
    data: NDArray[np.uint8], quotes: NDArray[np.int64], delimiter: int, width: int
) -> _Fields | None:
    """Find the fields of records that all have the table's width; None where some have not."""
    is_end = data == _LINE_FEED
    feeds = int(np.count_nonzero(is_end))
    is_end |= data == delimiter
    if quotes.size:
        _clear_quoted(is_end, quotes)
        feeds = int(np.count_nonzero(is_end & (data == _LINE_FEED)))
    found = np.flatnonzero(is_end)
    if len(found) != feeds * width:
        return None
    ends = found.reshape(-1, width)
    if not (data[ends[:, -1]] == _LINE_FEED).all():
        return None
    starts = np.append(0, found[:-1] + 1).reshape(-1, width)
    last = ends[:, -1]
    last -= data[last - 1] == _RETURN
    if not quotes.size:
        return _Fields(data, starts, ends, quotes)
    return _take_quotes_off(_Fields(data, starts, ends, quotes), quotes)


def _clear_quoted(is_end: NDArray[np.bool_], quotes: NDArray[np.int64]) -> None:
    """Clear the marks of what stands between an opening and a closing quote."""
    steps = np.zeros(len(is_end), np.int8)
    steps[quotes[::2]] = 1
    steps[quotes[1::2]] = -1
    np.logical_and(is_end, steps.cumsum(dtype=np.int8) == 0, out=is_end)


def _take_quotes_off(fields: _Fields, quotes: NDArray[np.int64]) -> _Fields | None:
    """Leave out the quotes around fields; None where a quote stands within a field, or alone.

    A quote opens at a field's first byte, and closes at its last; two in a row are one.
    """
    data, starts, ends = fields.data, fields.starts.copy(), fields.ends.copy()
    opening, closing = quotes[::2], quotes[1::2]
    is_start, is_last = np.zeros(len(data) + 1, bool), np.zeros(len(data) + 1, bool)
    is_start[starts.ravel()] = True
    is_last[ends.ravel() - 1] = True
    goes_on = closing[:-1] + 1 == opening[1:]
    begins = is_start[opening]
    begins[1:] |= goes_on
    finishes = is_last[closing]
    finishes[:-1] |= goes_on
    if not (begins.all() and finishes.all()):
        return None
    is_quoted = (data[starts] == _QUOTE) & (ends > starts)
    starts += is_quoted
    ends -= is_quoted
    return _Fields(data, starts, ends, closing[:-1][goes_on])


def _count_lines(fields: _Fields, *, has_quotes: bool) -> NDArray[np.int64]:
    """Count the lines before each record: (R,)."""
    if not has_quotes:
        return np.arange(len(fields.starts))
    feeds = np.flatnonzero(fields.data == _LINE_FEED)
    return np.searchsorted(feeds, fields.starts[:, 0])
