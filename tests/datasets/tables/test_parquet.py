import datetime as dt

import polars as pl
import pytest

from nlptrain.datasets.tables import parquet
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.parquet import ParquetWriter
from nlptrain.datasets.tables.reader import read_table
from nlptrain.errors import DataError


@pytest.fixture(autouse=True)
def slices_of_two_rows(monkeypatch):
    monkeypatch.setattr(parquet, "SLICE_ROWS", 2)


@pytest.mark.parametrize("size", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("group", [1, 3])
def test_rows_come_in_order_whatever_the_slices(tmp_path, size, group):
    frame = pl.DataFrame({"text": [f"s{row}" for row in range(size)], "n": list(range(size))})
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=group)
    with read_table(tmp_path / "a.parquet", TableLayout("parquet")) as table:
        assert table.columns == ("text", "n")
        rows = list(table.rows)
    assert [row.values for row in rows] == frame.rows()
    assert [row.line for row in rows] == list(range(1, size + 1))


@pytest.mark.parametrize("content", [b"", b"not parquet at all", b"PAR1" + b"\xff" * 50 + b"PAR1"])
def test_foreign_file_is_refused(tmp_path, content):
    (tmp_path / "a.parquet").write_bytes(content)
    with (
        pytest.raises(DataError, match="cannot be read as parquet"),
        read_table(tmp_path / "a.parquet", TableLayout("parquet")),
    ):
        pass


def test_damage_within_is_a_data_error(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"text": [f"s{row * row}" for row in range(1000)]}).write_parquet(path)
    content = bytearray(path.read_bytes())
    content[4:1004] = b"\xff" * 1000
    path.write_bytes(content)
    with (
        read_table(path, TableLayout("parquet")) as table,
        pytest.raises(DataError, match="cannot be read as parquet"),
    ):
        list(table.rows)


@pytest.mark.parametrize("size", [0, 1, 5])
def test_writer_keeps_rows_order_and_types(tmp_path, size):
    rows = [(f"é{row}", dt.date(2020, 1, 1 + row), 0.5) for row in range(size)]
    dtypes = {"day": pl.Date, "p": float}
    writer = ParquetWriter(tmp_path / "a.parquet", ["text", "day", "p"], dtypes)
    for row in rows:
        writer.write([[value] for value in row])
    writer.finish()
    writer.close()
    found = pl.read_parquet(tmp_path / "a.parquet")
    assert found.rows() == rows
    assert found.schema == {"text": pl.String, "day": pl.Date, "p": pl.Float64}
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_columns_without_a_type_become_strings(tmp_path):
    writer = ParquetWriter(tmp_path / "a.parquet", ["x"], {})
    writer.write([[1, None, [1, "a"], "\udcff"]])
    writer.finish()
    writer.close()
    assert pl.read_parquet(tmp_path / "a.parquet")["x"].to_list() == [
        "1",
        None,
        '[1, "a"]',
        "\ufffd",
    ]


def test_names_are_no_patterns(tmp_path):
    path = tmp_path / "all[1]*" / "a[2]?.parquet"
    path.parent.mkdir()
    writer = ParquetWriter(path, ["text"], {})
    writer.write([["a", "b", "c"]])
    writer.finish()
    writer.close()
    with read_table(path, TableLayout("parquet")) as table:
        assert [row.values for row in table.rows] == [("a",), ("b",), ("c",)]
