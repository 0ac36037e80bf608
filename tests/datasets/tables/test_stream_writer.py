import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from nlptrain.datasets.tables.stream_writer import StreamWriter

CELLS = st.text(st.characters(codec="utf-8"), max_size=5)
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4)


def write(table_format, rows, columns=("a", "b")):
    stream = io.BytesIO()
    StreamWriter(stream, columns, table_format).write(list(zip(*rows, strict=True)))
    return stream.getvalue()


@given(ROWS)
def test_csv_reads_back_with_the_csv_module(rows):
    text = write("csv", rows).decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["a", "b"], *map(list, rows)]


@given(ROWS)
def test_tsv_is_one_line_a_row_and_two_fields_a_line(rows):
    lines = write("tsv", rows).decode().split("\n")
    assert lines[-1] == ""
    assert [line.count("\t") for line in lines[:-1]] == [1] * (len(rows) + 1)
    assert not any("\r" in line for line in lines)


def test_tsv_shows_tabs_and_line_ends_and_leaves_the_rest():
    assert write("tsv", [("a\tb", 'c\r\n"d"\\')]) == b'a\tb\na\\tb\tc\\r\\n"d"\\\n'


def test_csv_writes_nothing_for_none_and_json_for_lists():
    assert write("csv", [(None, True), ([1], 0.25)]) == b"a,b\n,true\n[1],0.25\n"


def test_jsonl_has_one_object_a_row_and_no_header():
    assert write("jsonl", [("é", None)]) == '{"a": "é", "b": null}\n'.encode()


def test_undecodable_bytes_come_out_as_they_were():
    assert write("csv", [("\udcff", "é")]) == b"a,b\n\xff,\xc3\xa9\n"
    assert write("tsv", [("\udcff", "é")]) == b"a\tb\n\xff\t\xc3\xa9\n"


def test_csv_quotes_no_more_than_what_needs_it():
    rows = [("a,b", "c"), ('"', "d\r"), ("e", " f")]
    assert write("csv", rows) == b'a,b\n"a,b",c\n"""","d\r"\ne, f\n'
