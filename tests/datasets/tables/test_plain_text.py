import io

from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.reader import read_table


def test_each_line_is_a_string_blank_ones_and_the_last_too(read_rows):
    columns, rows = read_rows("a,b\n\n \tc\r\n\nd\n\n", "data.txt")
    assert columns == ("text",)
    assert [row.values for row in rows] == [("a,b",), ("",), (" \tc",), ("",), ("d",), ("",)]


def test_last_line_needs_no_line_end(read_rows):
    assert [row.values for row in read_rows("a\nb", "data.txt")[1]] == [("a",), ("b",)]


def test_undecodable_line_is_bad_and_keeps_its_bytes(read_rows):
    _, rows = read_rows(b"a\n\xe9\nb\n", "data.txt")
    assert [row.problem is None for row in rows] == [True, False, True]
    assert rows[1].values[0].encode("utf-8", "surrogateescape") == b"\xe9"


def test_stream_is_read_and_left_open():
    stream = io.BytesIO(b"a\nb\n")
    with read_table(stream, TableLayout("text")) as table:
        assert [row.values for row in table.rows] == [("a",), ("b",)]
    assert not stream.closed
