"""Plain text: one string a line, a table of one column."""

from collections.abc import Iterator
from typing import TextIO

from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import Row, Table, make_row
from nlptrain.datasets.tables.text_stream import check_characters, read_lines, strip_line_end


def read_plain_text(stream: TextIO, name: str, layout: TableLayout) -> Table:
    """Read each line as a string, blank ones as empty strings: as many rows as `wc -l` counts."""

    def read_rows() -> Iterator[Row]:
        for number, line in enumerate(read_lines(stream, name), 1):
            problem = None if line.isascii() else check_characters(line, layout.encoding)
            yield make_row((number, (strip_line_end(line),), problem))

    return Table(name, ("text",), read_rows(), encoding=layout.encoding)
