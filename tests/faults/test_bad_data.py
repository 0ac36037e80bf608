"""Data files that are not what they should be: the right rows, or a message that names the line."""

import codecs
import json
import random

import pytest

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.labelled_rows import read_labelled_rows
from nlptrain.errors import DataError

HEAD = b"text,label\n"
SOME = [("a", "x"), ("b", "y")]
GOOD = b"a,x\nb,y\n"
ROWS = {
    "byte-order mark": (codecs.BOM_UTF8 + HEAD + GOOD, SOME, {}),
    "byte-order mark inside": (HEAD + codecs.BOM_UTF8 + GOOD, [("\ufeffa", "x"), SOME[1]], {}),
    "CRLF": ((HEAD + GOOD).replace(b"\n", b"\r\n"), SOME, {}),
    "both line ends": (HEAD + b"a,x\r\nb,y\n", SOME, {}),
    "no last line end": (HEAD + GOOD[:-1], SOME, {}),
    "NULs": (
        HEAD + b"a\0b,x\n" + b"\0" * 99 + b"\nb,y\n",
        [("a\0b", "x"), SOME[1]],
        {3: "1 field"},
    ),
    "two encodings": (HEAD + b"\xc3\xa9,x\n\xe9,x\nb,y\n", [("é", "x"), SOME[1]], {3: "not valid"}),
    "lone surrogate": (HEAD + b"\xed\xa0\x80,x\n" + GOOD, SOME, {2: "not valid utf-8"}),
    "ragged": (HEAD + b"a,x\nb\nc,x,y\nb,y\n", SOME, {3: "1 field", 4: "3 fields"}),
    "open quote": (HEAD + b'"a,x\n' + GOOD, SOME, {2: "opened and not closed"}),
    "open quote at the end": (HEAD + GOOD + b'"a,x\n', SOME, {4: "opened and not closed"}),
    "quote inside": (HEAD + b'a,x\n"b"c,y\nb,y\n', SOME, {3: "after a closing quote"}),
    "line ends in quotes": (HEAD + b'"a\r\nb",x\nb,y\n', [("a\r\nb", "x"), SOME[1]], {}),
    "line ends of Unicode": (
        HEAD + "a\u2028\x85b,x\nb,y\n".encode(),
        [("a\u2028\x85b", "x"), SOME[1]],
        {},
    ),
    "old line ends": ((HEAD + GOOD).replace(b"\n", b"\r"), SOME, {}),
    "old line ends, none at the end": ((HEAD + GOOD[:-1]).replace(b"\n", b"\r"), SOME, {}),
    "lone carriage return": (HEAD + b"a,x\rb,y\nb,y\na,x\n", SOME[::-1], {2: "carriage return"}),
    "empty columns": (b",text,,label\n,a,,x\n,b,,y\n", SOME, {}),
    "empty label": (HEAD + b"a,x\nc,\nb,y\n", SOME, {3: "no label"}),
    "blank line": (HEAD + b"a,x\n\nb,y\n\n\n", SOME, {3: "blank line"}),
    "labels that differ in spaces": (
        HEAD + "a,x\na,x \na, x\na,x\u2003\nb,\ty\n".encode(),
        [SOME[0]] * 4 + [SOME[1]],
        {},
    ),
}
"""Bytes of a csv, the rows that are good, and what is said of the others by line."""


def read(path, content, **settings):
    path.write_bytes(content)
    rows = read_labelled_rows(str(path), DataFile(path=str(path), **settings), TextSection())
    return list(zip(rows.texts, rows.labels, strict=True)), rows


@pytest.mark.parametrize(("content", "expected", "bad"), ROWS.values(), ids=ROWS)
def test_good_rows_are_read_and_bad_ones_named(tmp_path, content, expected, bad):
    found, rows = read(tmp_path / "d.csv", content)
    assert found == expected
    assert rows.bad.number == len(bad)
    for problem, (line, words) in zip(rows.bad.listed, bad.items(), strict=True):
        assert problem.startswith(f"{tmp_path}/d.csv:{line}: ")
        assert words in problem


def test_labels_that_differ_in_spaces_stay_apart_where_nothing_is_stripped(tmp_path):
    found, _ = read(tmp_path / "d.csv", HEAD + b"a,x\nb,x \n", strip=False)
    assert found == [("a", "x"), ("b", "x ")]


JSON_LINES = {
    b'{"text":"\\ud800","label":"x"}': "half of a surrogate pair",
    b'{"text":' + b"[" * 10**5 + b"]" * 10**5 + b"}": "nested too deep",
    b'{"text":' + b"1" * 5000 + b"}": "not valid JSON",
    b'{"text":NaN,"label":"x"}': "NaN is no value of JSON",
    b'{"text":"c","label":null}': "label: no value",
    b'{"text":{"a":1},"label":"x"}': "text: dict is neither a string nor a number",
    b'[{"text":"c","label":"x"}]': "not an object",
    b'{"text":"\xff","label":"x"}': "bytes that are not valid utf-8",
    b'{"text":"c","label":"x"': "not valid JSON",
    b"\0\0\0": "not valid JSON",
}


@pytest.mark.parametrize(("line", "words"), JSON_LINES.items(), ids=JSON_LINES.values())
def test_a_bad_line_of_json_is_named_and_costs_no_other(tmp_path, line, words):
    good = [json.dumps({"text": text, "label": label}).encode() for text, label in SOME]
    found, rows = read(tmp_path / "d.jsonl", b"\n".join([good[0], line, good[1]]))
    assert found == SOME
    assert rows.bad.number == 1
    assert rows.bad.listed[0].startswith(f"{tmp_path}/d.jsonl:2: ")
    assert words in rows.bad.listed[0]


FILES = {
    ("empty", "csv"): (b"", "the file is empty"),
    ("only a header", "csv"): (HEAD, "no rows, only column names"),
    ("only line ends", "csv"): (b"\n\n\n", ":1: the row of column names: blank line"),
    ("no header", "csv"): (GOOD, "no column 'text'; there is 'a', 'x'"),
    ("other delimiter", "csv"): (HEAD.replace(b",", b";"), "is ';' the delimiter?"),
    ("spaces in the header", "csv"): (b"texts ,n,label\n", "did you mean 'texts '?"),
    ("two of a name", "csv"): (b"text,text,label\na,b,x\n", "2 columns are called 'text'"),
    ("two line ends", "csv"): (b"text,label\ra,x\nb,y\n", "do the lines end in two ways?"),
    ("UTF-16", "csv"): ("text,label\na,x\n".encode("utf-16"), "looks like utf-16, not utf-8"),
    ("UTF-32", "csv"): ("text,label\na,x\n".encode("utf-32"), "looks like utf-32, not utf-8"),
    ("UTF-16 unmarked", "csv"): (
        "text,label\na,x\n".encode("utf-16-le"),
        "looks like utf-16-le, not utf-8",
    ),
    ("gzip", "csv"): (b"\x1f\x8b\x08\0" + bytes(50), "the gz data are damaged"),
    ("pickle", "csv"): (b"\x80\x04\x95\x1c\0.", ":1: the row of column names: bytes"),
    ("csv", "jsonl"): (HEAD + GOOD, "no object in any line; line 1: not valid JSON"),
    ("array", "jsonl"): (b"[\n{},\n{}\n]\n", "no object in any line; line 1: not valid JSON"),
    ("empty", "parquet"): (b"", "cannot be read as parquet"),
    ("not parquet", "parquet"): (b"PAR1 and PAR1", "cannot be read as parquet"),
    ("plain", "txt"): (b"a\nb\n", "plain text has no labels"),
}


@pytest.mark.parametrize(("kind", "content"), FILES.items(), ids=map(" ".join, FILES))
def test_an_unreadable_file_is_one_message(cli, workplace, kind, content):
    path = workplace / f"d.{kind[1]}"
    path.write_bytes(content[0])
    (workplace / "c.yaml").write_text(f"data: {{file: {{path: d.{kind[1]}}}}}")
    code, out, err = cli("data", "show", "c.yaml")
    assert (code, out) == (1, "")
    assert err.startswith(f"{path}:")
    assert content[1] in err
    assert err.count("\n") == 1


def problem_of(path, content):
    """Read a file: what is wrong with it, or None."""
    try:
        read(path, content)
    except DataError as error:
        return str(error)
    return None


def test_damaged_parquet_is_read_or_refused(tmp_path):
    import polars as pl

    path, chance = tmp_path / "d.parquet", random.Random(0)
    texts = [f"s{n}" for n in range(300)]
    pl.DataFrame({"text": texts, "label": ["x"] * 300}).write_parquet(path)
    whole, refused = path.read_bytes(), 0
    for _ in range(150):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        problem = problem_of(path, bytes(damaged))
        refused += problem is not None
        assert problem is None or problem.startswith(f"{path}: ")
        assert problem is None or len(problem.splitlines()) == 1
    assert refused > 50


def test_a_parquet_file_that_makes_polars_panic_is_one_message(tmp_path, monkeypatch):
    import polars as pl

    def panic(*_, **__):
        raise pl.exceptions.PanicException("called `Result::unwrap()`\non an `Err` value")

    monkeypatch.setattr(pl, "read_parquet_schema", panic)
    with pytest.raises(DataError, match="cannot be read as parquet: ") as error:
        read(tmp_path / "d.parquet", b"PAR1")
    assert "\n" not in str(error.value)
