import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.datasets.tables import delimited_records
from nlptrain.datasets.tables.delimited import read_delimited
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.errors import DataError

CELLS = st.text(st.characters(codec="utf-8"), max_size=5)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_what_the_csv_module_writes_comes_back(rows, line_end):
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator=line_end).writerows(rows)
    stream = io.StringIO("a,b\n" + written.getvalue(), newline="\n")
    found = list(read_delimited(stream, "x.csv", TableLayout("csv")).rows)
    assert [row.values for row in found] == rows
    assert all(row.problem is None for row in found)


@given(st.text(st.sampled_from('a,"\n\ré\udc80'), max_size=30))
def test_lines_read_together_or_one_at_a_time_are_the_same_rows(text):
    """What decides is speed alone: line by line, the quotes of each line are looked at."""
    found = []
    for lines in (1, 2, 3, 500):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimited_records, "_CHUNK_LINES", lines)
            stream = io.StringIO("a,b\n" + text, newline="\n")
            found.append(list(read_delimited(stream, "x.csv", TableLayout("csv")).rows))
    assert found == found[:1] * 4


def test_each_line_read_together_equals_the_careful_reading(monkeypatch):
    text = "text,label\n" + "".join(f"é{number},{number % 3}\r\n\n" for number in range(700))
    layout = TableLayout("csv")
    together = list(read_delimited(io.StringIO(text, newline="\n"), "x.csv", layout).rows)
    monkeypatch.setattr(delimited_records, "_is_record_per_line", lambda text, encoding: False)
    assert list(read_delimited(io.StringIO(text, newline="\n"), "x.csv", layout).rows) == together
    assert [row.line for row in together] == list(range(2, 1401))


def test_rows_know_their_first_line(read_rows):
    columns, rows = read_rows('text,label\na,1\n"b\nb",2\nc,3\n')
    assert columns == ("text", "label")
    assert [(row.line, *row.values) for row in rows] == [
        (2, "a", "1"),
        (3, "b\nb", "2"),
        (5, "c", "3"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["data.csv", "data.tsv"])
def test_byte_order_mark_line_ends_and_nuls_are_handled(read_rows, end, name):
    content = f"\ufefftext|label{end}a\0b|1{end}é|2"
    columns, rows = read_rows(content, name, delimiter="|")
    assert columns == ("text", "label")
    assert [row.values for row in rows] == [("a\0b", "1"), ("é", "2")]


def test_without_header_columns_are_numbers_and_the_first_row_counts(read_rows):
    columns, rows = read_rows("a,1\nb,2\n", header=False)
    assert columns == ("0", "1")
    assert [row.values for row in rows] == [("a", "1"), ("b", "2")]


def test_tsv_takes_quotes_and_carriage_returns_as_characters(read_rows):
    _, rows = read_rows('t\tl\n"a\tx"\nb\rb\ty\n', "data.tsv")
    assert [row.values for row in rows] == [('"a', 'x"'), ("b\rb", "y")]
    assert [row.problem for row in rows] == [None, None]


def test_string_longer_than_the_csv_modules_limit_is_read(read_rows):
    _, rows = read_rows(f"text,label\n{'a' * 200_000},1\n")
    assert len(rows[0].values[0]) == 200_000
    assert rows[0].problem is None


def test_wrong_number_of_fields_is_bad_and_nothing_is_lost(read_rows):
    _, rows = read_rows("text,label\na\nb,1\nc,d,2\n")
    assert [row.values for row in rows] == [("a", ""), ("b", "1"), ("c", "d,2")]
    assert [row.problem for row in rows] == [
        "1 field instead of 2",
        None,
        "3 fields instead of 2",
    ]


@pytest.mark.parametrize("name", ["data.csv", "data.tsv"])
def test_one_bad_byte_spoils_one_row_and_is_kept(read_rows, name):
    _, rows = read_rows(b"text|label\na\xff|1\nb\xc3\xa9|2\n", name, delimiter="|")
    assert rows[0].problem == "bytes that are not valid utf-8"
    assert rows[0].values[0].encode("utf-8", "surrogateescape") == b"a\xff"
    assert rows[1] == (3, ("bé", "2"), None)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('"a,1', 'a quote (") is opened and not closed'),
        ('"a"b,1', "characters after a closing quote"),
        ("a\rb,1", "a carriage return inside a field"),
    ],
)
@pytest.mark.parametrize("rest", ["", '\nc,2\n"d",3', '\n"e\ne",4'])
def test_uneven_quotes_spoil_their_own_line_only(read_rows, line, problem, rest):
    _, rows = read_rows(f"text,label\n{line}{rest}\n")
    alone = read_rows("text,label" + rest, "alone.csv")[1]
    assert rows[0] == (2, (line, ""), problem)
    assert [row.values for row in rows[1:]] == [row.values for row in alone]
    assert [row.line for row in rows[1:]] == [row.line + 1 for row in alone]


def test_quote_left_open_is_noticed_before_it_fills_the_memory(read_rows, monkeypatch):
    monkeypatch.setattr(delimited_records, "LONGEST_RECORD", 100)
    content = 'text,label\n"a,0\n' + "b,1\n" * 100 + '",2\n'
    _, rows = read_rows(content)
    assert len(rows) == 102
    assert [row.line for row in rows if row.problem] == [2, 103]


def test_blank_lines_are_bad_within_and_nothing_at_the_end(read_rows):
    _, rows = read_rows("text,label\n\n\na,1\n\n\n")
    assert rows == [
        (2, ("", ""), "blank line"),
        (3, ("", ""), "blank line"),
        (4, ("a", "1"), None),
    ]


def test_blank_line_within_one_column_is_the_empty_string(read_rows):
    _, rows = read_rows('text\na\n\nb\n""\n\n')
    assert rows == [(2, ("a",), None), (3, ("",), None), (4, ("b",), None), (5, ("",), None)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\na,b\n", "data.csv:1: the row of column names: blank line"),
        (b"\xff,b\n", "data.csv:1: the row of column names: bytes that are not valid utf-8"),
        (b'"a,b\nc,d\n', "data.csv:1: the row of column names: a quote"),
    ],
)
def test_file_without_readable_column_names_is_refused(read_rows, content, message):
    with pytest.raises(DataError, match=message):
        read_rows(content)
