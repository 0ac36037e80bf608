import json

import pytest

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.labelled_rows import check_bad_rows, read_labelled_rows
from nlptrain.errors import DataError


@pytest.fixture
def read(tmp_path):
    def read_content(content, name="data.csv", text=None, **settings):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        file = DataFile(path=str(path), **settings)
        return read_labelled_rows(str(path), file, text or TextSection())

    return read_content


def check(*files):
    check_bad_rows([(rows.path, rows.bad) for rows in files])


def test_strings_are_normalized_and_stripped_and_labels_stripped(read):
    text = TextSection(unicode="NFKC", lowercase=True)
    rows = read("text,label\n ÀB\u00a0, x \nu\u0308,Y\n\u00a8,z\n", text=text)
    assert rows.texts == ["àb", "ü", "\u0308"]
    assert rows.labels == ["x", "Y", "z"]


def test_without_strip_spaces_stay(read):
    rows = read("text,label\n a , x \n", strip=False)
    assert (rows.texts, rows.labels) == ([" a "], [" x "])


def test_empty_string_is_an_example(read):
    assert read("text,label\n,x\n  ,y\n").texts == ["", ""]


def test_columns_given_as_numbers_mean_no_header(tmp_path):
    path = tmp_path / "data.tsv"
    path.write_text('x\t"a\ny\tb\n')
    rows = read_labelled_rows(str(path), DataFile(path=str(path), text=1, label=0), TextSection())
    assert (rows.texts, rows.labels) == (['"a', "b"], ["x", "y"])


def test_bad_rows_are_counted_with_their_lines(read):
    lines = ["text,label", "a,x", "b", "c, ", "", "d,y"]
    rows = read("\n".join(lines) + "\n")
    assert rows.texts == ["a", "d"]
    assert [line.removeprefix(rows.path) for line in rows.bad.listed] == [
        ":3: 1 field instead of 2",
        ":4: no label",
        ":5: blank line",
    ]


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ({"text": "a"}, "label: no value"),
        ({"text": None, "label": 1}, "text: no value"),
        ({"text": ["a"], "label": 1}, "text: list is neither a string nor a number"),
    ],
)
def test_value_that_is_no_text_is_bad_and_its_column_named(read, found, problem):
    rows = read(f'{json.dumps(found)}\n{{"text": 5, "label": true}}\n', "data.jsonl")
    assert rows.bad.listed == [f"{rows.path}:1: {problem}"]
    assert (rows.texts, rows.labels) == (["5"], ["true"])


def test_first_ten_bad_rows_of_all_files_are_listed(read):
    first = read("text,label\n" + "a\n" * 7, "first.csv")
    second = read("text,label\n" + "b\n" * 1007, "second.csv")
    with pytest.raises(DataError) as caught:
        check(first, second)
    lines = str(caught.value).splitlines()
    assert lines[0] == "1,014 bad rows:"
    assert lines[10].endswith("second.csv:4: 1 field instead of 2")
    assert lines[11] == "  … and 1,004 more"


def test_single_bad_rows_may_be_left_out(read):
    with pytest.raises(DataError, match=r"data\.file\.bad_rows=skip"):
        check(read("text,label\na\n" + "b,x\n" * 3))


@pytest.mark.parametrize(
    "content",
    [
        "text,label\n" + "a\n" * 20 + "b,x\n" * 100,
        ("text,label\n" + "Müller 1 café,0\nabc,1\n" * 3).encode("cp1252"),
    ],
)
def test_fault_that_many_rows_share_is_said_once_and_never_to_be_left_out(read, content):
    with pytest.raises(DataError) as caught:
        check(read(content))
    message = str(caught.value)
    assert message.count("of 120 rows: ") + message.count("of 6 rows: ") == 1
    assert "skip" not in message


def test_damaged_rows_among_rows_of_utf8_are_single_ones(read):
    content = "text,label\né,x\nü,x\nñ,x\n".encode() + b"\xff\xfe,x\n\xfc,x\n"
    with pytest.raises(DataError, match=r":5: bytes[^$]*:6: bytes[^$]*bad_rows=skip"):
        check(read(content))


def test_skipped_rows_of_another_encoding_are_named_by_their_fault(read):
    rows = read("text,label\nMüller,0\nStraße,1\n".encode("cp1252"))
    assert "2 of 2 rows: the file is probably in cp1252, which reads 'Müller'" in rows.bad.fault


def test_files_without_bad_rows_pass(read):
    check(read("text,label\na,x\n"))


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("text,label\n", "data.csv", "no rows, only column names"),
        ("text,lable\na,x\n", "data.csv", "did you mean 'lable'"),
        ("text;label\na;x\n", "data.csv", "is ';' the delimiter"),
        ("a\n", "data.txt", "plain text has no labels"),
        ("a\n", "data.dat", "data.file.format"),
    ],
)
def test_file_that_cannot_give_labelled_strings_is_refused(read, content, name, message):
    with pytest.raises(DataError, match=message):
        read(content, name)
