"""A sheet of a spreadsheet (Excel, OpenDocument): every cell as the text that it shows."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from nlptrain.datasets.tables.cells import to_duration
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import Row, Table, settle_blank_rows
from nlptrain.datasets.tables.text_stream import open_bytes
from nlptrain.errors import DataError
from nlptrain.packages import require

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_LONGEST_WHOLE = 1e15
"""From here on a float has no room for every whole number."""


def read_spreadsheet(path: Path, name: str, layout: TableLayout) -> Table:
    """Read a sheet, whose first row with a cell names the columns.

    The sheet lies in memory as a whole, which its formats limit to about a million rows.

    Raises:
        DataError: The file is no spreadsheet, or it is not clear which sheet is meant.
        MissingPackageError: What reads it is not installed.
    """
    workbook = _open(path, name)
    sheet = _find_sheet(workbook, name, layout.sheet)
    rows = _read_rows(sheet)
    first = next((row for row in rows if row.values), None)
    if first is None:
        raise DataError(f"{name}: the sheet {sheet.name!r} is empty")
    if layout.header:
        columns = first.values
    else:
        columns = tuple(map(str, range(len(first.values))))
        rows = chain([first], rows)
    problem = None if len(columns) == 1 else "blank row"
    return Table(name, columns, settle_blank_rows(rows, len(columns), problem))


def _open(path: Path, name: str) -> "CalamineWorkbook":
    require("python_calamine", purpose=f"{name}: a spreadsheet", extra="excel")
    import python_calamine

    open_bytes(path, name).close()
    try:
        return python_calamine.load_workbook(path)
    except python_calamine.PasswordError as error:
        raise DataError(f"{name}: it has a password: save it without one") from error
    except (python_calamine.CalamineError, OSError) as error:
        raise DataError(f"{name}: cannot be read as a spreadsheet: {error!s:.200}") from error


def _find_sheet(workbook: "CalamineWorkbook", name: str, wanted: str | None) -> "CalamineSheet":
    """Find the sheet of a name; without one the only sheet that has cells."""
    names = workbook.sheet_names
    listed = ", ".join(map(repr, names))
    if wanted is not None:
        if wanted not in names:
            raise DataError(f"{name}: no sheet {wanted!r}; there is {listed}")
        return workbook.get_sheet_by_name(wanted)
    sheets = [workbook.get_sheet_by_name(each) for each in names]
    filled = [sheet for sheet in sheets if sheet.start is not None]
    if len(filled) > 1:
        shown = filled[0].name
        raise DataError(
            f"{name}: {len(filled)} sheets, {listed}; name one: --sheet {shown!r}, "
            f"or data.file.sheet: {shown!r}"
        )
    if not filled:
        raise DataError(f"{name}: no sheet has any cells")
    return filled[0]


def _read_rows(sheet: "CalamineSheet") -> Iterator[Row]:
    """Read the rows with their numbers in the sheet; a row without cells has no values."""
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = tuple(map(_show, cells))
        yield Row(number, texts if any(texts) else (), None)


def _show(cell: object) -> str:
    """Write a cell as it shows: whole numbers without a point, dates and times as ISO 8601."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        is_whole = cell.is_integer() and abs(cell) <= _LONGEST_WHOLE
        return str(int(cell)) if is_whole else f"{cell:.15g}"
    if isinstance(cell, date | time):
        return cell.isoformat()
    return to_duration(cell) if isinstance(cell, timedelta) else str(cell)
