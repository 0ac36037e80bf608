"""Columns of a table on the command line."""


def parse_column(column: str) -> int | str:
    """Parse a number from 0, for a table without a header, or else a name."""
    return int(column) if column.isascii() and column.isdigit() else column
