"""The user's file → labelled strings, cleaned one by one; bad rows named with their lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from sys import intern

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.cleaning_report import count, list_first
from nlptrain.datasets.tables.layout import TableLayout, complete_layout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.datasets.tables.table import Row, Table, read_text
from nlptrain.errors import DataError
from nlptrain.text.normalization import normalize

_LISTED = 10
_BATCH_ROWS = 10_000


@dataclass
class LabelledRows:
    """The good rows of one file, in order.

    Attributes:
        path: The file.
        texts: Strings, normalized and stripped.
        labels: Their labels.
        bad_rows: How many rows could not be used.
        listed: The first of them, as file:line: reason.
    """

    path: str
    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    bad_rows: int = 0
    listed: list[str] = field(default_factory=list)

    def refuse(self, line: int, problem: str) -> None:
        """Count a bad row."""
        self.bad_rows += 1
        if self.bad_rows <= _LISTED:
            self.listed.append(f"{self.path}:{line}: {problem}")


def read_labelled_rows(path: str, file: DataFile, text: TextSection) -> LabelledRows:
    """Read all labelled strings of a file.

    Raises:
        DataError: The file cannot be read, lacks a column, or has no rows.
    """
    found = LabelledRows(path)
    with read_table(Path(path), _find_layout(Path(path), file)) as table:
        columns = table.find_column(file.text), table.find_column(file.label)
        for rows in table.batches(_BATCH_ROWS):
            _add_rows(found, rows, table, columns, file.strip, text)
    if not found.texts and not found.bad_rows:
        raise DataError(f"{path}: no rows, only column names")
    return found


def check_bad_rows(files: Sequence[LabelledRows]) -> None:
    """Refuse files with bad rows.

    Raises:
        DataError: Listing the first ten of all files.
    """
    bad_rows = sum(file.bad_rows for file in files)
    if not bad_rows:
        return
    listed = list_first([line for file in files for line in file.listed], bad_rows)
    raise DataError(
        "\n  ".join([f"{count(bad_rows, 'bad row')}:", *listed])
        + "\nmend them, or leave them out: --set data.file.bad_rows=skip"
    )


def _find_layout(path: Path, file: DataFile) -> TableLayout:
    """Tell how the file is written down; columns given as numbers mean that it has no header."""
    layout = complete_layout(
        path,
        table_format=file.format,
        delimiter=file.delimiter,
        header=file.header,
        quoting=file.quoting,
        encoding=file.encoding,
    )
    if layout.format == "text":
        raise DataError(
            f"{path}: plain text has no labels; say data.file.format if it is csv, tsv or jsonl"
        )
    if file.header is None and isinstance(file.text, int):
        return replace(layout, header=False)
    return layout


def _add_rows(
    found: LabelledRows,
    rows: list[Row],
    table: Table,
    columns: tuple[int, int],
    strip: bool,
    text: TextSection,
) -> None:
    """Add the good rows of a batch, and count the bad ones."""
    texts = []
    for row in rows:
        string, problem = read_text(row, columns[0])
        label, label_problem = read_text(row, columns[1])
        if strip:
            label = label.strip()
        if row.problem is not None:
            found.refuse(row.line, row.problem)
        elif problem is not None:
            found.refuse(row.line, f"{table.columns[columns[0]]}: {problem}")
        elif label_problem is not None:
            found.refuse(row.line, f"{table.columns[columns[1]]}: {label_problem}")
        elif not label:
            found.refuse(row.line, "no label")
        else:
            texts.append(string)
            found.labels.append(intern(label))
    normalized = normalize(texts, text.unicode, text.lowercase)
    # Stripped last: compatibility forms turn some characters into spaces.
    found.texts.extend(map(str.strip, normalized) if strip else normalized)
