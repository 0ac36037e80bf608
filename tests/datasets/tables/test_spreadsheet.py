import sys
from datetime import date, datetime, time, timedelta

import pytest

from nlptrain.datasets.tables.layout import complete_layout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.errors import DataError, MissingPackageError
from spreadsheets import Formula, write_spreadsheet

ENDINGS = (".xlsx", ".ods")
CELLS = [
    ("abc", "abc"),
    ("00123", "00123"),
    (" é\n", " é\n"),
    (1, "1"),
    (-2.5, "-2.5"),
    (0.1 + 0.2, "0.3"),
    (123456789012345, "123456789012345"),
    (1e20, "1e+20"),
    (True, "TRUE"),
    (date(2024, 3, 1), "2024-03-01"),
    (datetime.fromisoformat("2024-03-01T12:30:00"), "2024-03-01T12:30:00"),
    (Formula("A1+1", 2.0), "2"),
    (None, ""),
]


@pytest.fixture(params=ENDINGS)
def read(tmp_path, request):
    """Write sheets to a file of either kind, and read it: columns and rows."""

    def read_sheets(sheets, **said):
        path = tmp_path / f"a{request.param}"
        write_spreadsheet(path, sheets)
        with read_table(path, complete_layout(path, **said)) as table:
            return table.columns, list(table.rows)

    return read_sheets


@pytest.mark.parametrize(("cell", "expected"), CELLS, ids=[repr(cell) for cell, _ in CELLS])
def test_cell_is_the_text_that_it_shows(read, cell, expected):
    columns, rows = read({"Sheet1": [["text", "x"], [cell, "y"]]})
    assert columns == ("text", "x")
    assert [row.values for row in rows] == [(expected, "y")]


def test_time_of_day_and_duration_are_iso_8601(tmp_path):
    path = tmp_path / "a.xlsx"
    write_spreadsheet(path, {"S": [["t", "d"], [time(13, 5), timedelta(hours=30)]]})
    with read_table(path, complete_layout(path)) as table:
        assert [row.values for row in table.rows] == [("13:05:00", "P1DT6H")]


def test_rows_have_their_numbers_in_the_sheet_and_blank_ones_are_bad(read):
    columns, rows = read({"S": [[], ["text", "x"], ["a", "1"], [], ["b", "2"], []]})
    assert columns == ("text", "x")
    assert [(row.line, row.problem) for row in rows] == [(3, None), (4, "blank row"), (5, None)]


def test_only_sheet_with_cells_is_taken(read):
    assert read({"Empty": [], "S": [["text"], ["a"]]})[0] == ("text",)


def test_of_several_sheets_one_has_to_be_named(read):
    sheets = {"S": [["text"], ["a"]], "T t": [["text"], ["b"]]}
    with pytest.raises(DataError, match=r"2 sheets, 'S', 'T t'; name one: --sheet 'S', or"):
        read(sheets)
    assert read(sheets, sheet="T t")[1][0].values == ("b",)
    with pytest.raises(DataError, match="no sheet 'U'; there is 'S', 'T t'"):
        read(sheets, sheet="U")


def test_without_a_header_columns_are_numbers(read):
    columns, rows = read({"S": [["a", 1], ["b", 2]]}, header=False)
    assert columns == ("0", "1")
    assert [row.values for row in rows] == [("a", "1"), ("b", "2")]


def test_empty_sheets_are_refused(read):
    with pytest.raises(DataError, match="no sheet has any cells"):
        read({"S": []})
    with pytest.raises(DataError, match="the sheet 'S' is empty"):
        read({"S": []}, sheet="S")


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_no_spreadsheet_is_refused(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    for content in (b"", b"text,label\n", b"PK\x03\x04" + bytes(50)):
        path.write_bytes(content)
        with (
            pytest.raises(DataError, match=f"{path}: cannot be read as a spreadsheet"),
            read_table(path, complete_layout(path)),
        ):
            pass


def test_without_the_library_the_extra_is_named(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'nlptrain\[excel\]'"):
        read({"S": [["text"]]})


def test_sheet_goes_with_spreadsheets_only(tmp_path):
    with pytest.raises(DataError, match="sheet: only excel have it, this is csv"):
        complete_layout(tmp_path / "a.csv", sheet="S")
