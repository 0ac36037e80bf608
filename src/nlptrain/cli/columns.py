"""How a table's column is named on the command line."""


def parse_column(column: str) -> int | str:
    """Read digits as a number from 0, of a table without a header; all else as a name."""
    return int(column) if column.isascii() and column.isdigit() else column
