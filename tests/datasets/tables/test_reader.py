import io
import sys
from pathlib import Path

import pytest

from nlptrain.datasets.tables.layout import TableLayout, complete_layout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.errors import DataError


def read_all(source, layout):
    with read_table(source, layout) as table:
        return [row.values for row in table.rows]


@pytest.mark.parametrize("table_format", ["csv", "jsonl", "parquet", "text"])
def test_missing_file_and_folder_are_refused(tmp_path, table_format):
    for path, message in ((tmp_path / "x", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(DataError, match=message):
            read_all(path, TableLayout(table_format))


def test_dash_is_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\n\nb\n")))
    assert read_all("-", TableLayout("text")) == [("a",), ("",), ("b",)]


def test_parquet_from_a_stream_is_refused():
    with pytest.raises(DataError, match="cannot be read from a stream"):
        read_all(io.BytesIO(b""), TableLayout("parquet"))


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp1252", "utf-8-sig"])
def test_other_encodings_are_read(tmp_path, encoding):
    path = Path(tmp_path / "a.csv")
    path.write_bytes("text,label\r\né,1\r\n".encode(encoding))
    assert read_all(path, complete_layout(path, encoding=encoding)) == [("é", "1")]


def test_utf16_read_as_utf8_is_recognized(tmp_path):
    path = Path(tmp_path / "a.csv")
    path.write_bytes("text,label\n".encode("utf-16"))
    with pytest.raises(DataError, match="looks like utf-16"):
        read_all(path, complete_layout(path))


def test_utf8_read_as_utf16_is_refused_in_plain_words(tmp_path):
    path = Path(tmp_path / "a.csv")
    path.write_bytes(b"text,label\na,1\n")
    with pytest.raises(DataError, match="not valid utf-16"):
        read_all(path, complete_layout(path, encoding="utf-16"))
