"""Rows by array and line by line: what reads a file decides speed alone, never a result."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.labelled_rows import read_labelled_rows
from nlptrain.datasets.tables import delimited, json_lines, parquet
from nlptrain.datasets.tables.layout import complete_layout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.datasets.tables.table import TextColumns
from nlptrain.errors import DataError

CHARACTERS = 'ab,"\n\ré\udc80\0 \u00a0'
"""\udc80 is a byte that UTF-8 does not know."""
LINES = st.lists(
    st.sampled_from(
        [
            *("a,x", "é,y", " b , x ,", "", ",", "a", "a,b,c", "NA,01", "a,x\r", "\r"),
            *(
                '"a,b",x',
                '"a""b",y',
                '"a',
                '"a"b,x',
                'a"b,x',
                '"a\nb",x',
                '"",y',
                '""",x',
                '"a",""',
            ),
            *("\udc80,x", "\0,x", "a,\ud800", "null,True", "1e5, "),
        ]
    ),
    max_size=12,
)
OBJECTS = st.lists(
    st.sampled_from(
        [
            *('{"text": "a", "label": "x"}', '{"text": "é b", "label": "y"}') * 3,
            *('{"label": "x", "text": "a"}', '{"text":"a","label":"x"}', '{"text": "a"}', ""),
            *('{"text": "a\\n", "label": "x"}', '{"text": "\\ud800", "label": "x"}', "null"),
            *('{"text": "a", "text": "b"}', '{"text": 1e5, "label": true}', '{"text": "a\0"}'),
            *('{"text": "a", "label": ""}', '{"text": "a", "label": "x", "more": "b"}', "{}"),
            *('{"text": "\udc80", "label": "x"}', '{"text": "a", "label": "x"}\r', "{"),
            *('{"text": "a", "label": null}', '{"text": "a\tb", "label": "x"}'),
        ]
    ),
    max_size=12,
)
HEADERS = st.sampled_from(
    [
        *(
            "text,label",
            "label,text",
            "text,label\r",
            "\ufefftext,label",
            'text,"label"',
            "a,b",
            "",
        ),
        *("text,text", "text,label,split", "text,group,label"),
    ]
)


def _read(path, line_by_line, block, **settings):
    """Return what is found in a file, or the message that stops it."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (delimited, json_lines):
            patch.setattr(module, "BLOCK_CHARACTERS", block)
        if line_by_line:
            patch.setattr(delimited, "split_block", lambda *_: None)
            patch.setattr(json_lines, "split_objects", lambda *_: None)
            patch.setattr(parquet, "find_strings", lambda *_: None)
        try:
            rows = read_labelled_rows(
                str(path), DataFile(path=str(path), **settings), TextSection(), keep_written=True
            )
        except DataError as error:
            return str(error)
    return (
        *map(list, (rows.texts, rows.written, rows.labels, rows.splits, rows.groups)),
        *(rows.bad, rows.notes, rows.columns),
    )


def _check_both(path, content, **settings):
    errors = "surrogatepass" if "\ud800" in content else "surrogateescape"
    path.write_bytes(content.encode("utf-8", errors))
    careful = _read(path, True, 1 << 18, **settings)
    for block in (1, 20, 1 << 18):
        assert _read(path, False, block, **settings) == careful


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@settings(max_examples=200)
@given(HEADERS, LINES, st.booleans(), st.sampled_from([None, False]))
def test_both_read_hostile_tables_alike(folder, header, lines, ends, quoting):
    text = "\n".join([header, *lines]) + "\n" * ends
    split = {"split": "split"} if "split" in header else {}
    group = {"group": "group"} if "group" in header else {}
    _check_both(folder / "data.csv", text, quoting=quoting, **split, **group)


@given(st.text(st.sampled_from(CHARACTERS), max_size=30))
def test_both_read_any_characters_alike(folder, text):
    _check_both(folder / "data.csv", "text,label\n" + text)
    _check_both(folder / "data.tsv", text.replace(",", "\t"), text=0, label=1)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")), min_size=1))
def test_lines_of_old_macs_are_read_alike(folder, rows):
    _check_both(folder / "data.csv", "\r".join(["text,label", *map(",".join, rows)]))


@given(OBJECTS, st.booleans())
def test_both_read_hostile_objects_alike(folder, lines, ends):
    _check_both(folder / "data.jsonl", "\n".join(lines) + "\n" * ends)


CELLS = st.text(st.characters(codec="utf-8"), max_size=5)
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8)


def _read_columns(path):
    """Read all strings by arrays, all columns: an error where one would be read as a row."""
    with read_table(path, complete_layout(path)) as table:
        parts = list(table.parts(500, range(len(table.columns))))
    assert all(isinstance(part, TextColumns) for part in parts)
    return [
        row
        for part in parts
        for row in zip(*(part.values[place] for place in range(2)), strict=True)
    ]


@given(ROWS, st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.sampled_from(["\n", "\r\n"]))
def test_arrays_read_what_the_csv_module_writes(folder, rows, quoting, line_end):
    # A carriage return beside quotes is left to the other reader.
    rows = [tuple(cell.replace("\r", "") for cell in row) for row in rows]
    written = io.StringIO(newline="")
    csv.writer(written, quoting=quoting, lineterminator=line_end).writerows(rows)
    path = folder / "data.csv"
    path.write_text("text,label\n" + written.getvalue(), encoding="utf-8", newline="")
    assert _read_columns(path) == rows


@given(ROWS)
def test_arrays_read_what_the_json_module_writes(folder, rows):
    rows = [tuple("".join(filter(str.isprintable, cell)) for cell in row) for row in rows]
    rows = [tuple(cell.translate({92: None, 34: None}) for cell in row) for row in rows]
    objects = [dict(zip(("text", "label"), row, strict=True)) for row in rows]
    lines = [json.dumps(each, ensure_ascii=False) + "\n" for each in objects]
    path = folder / "data.jsonl"
    path.write_text("".join(lines), encoding="utf-8", newline="")
    assert _read_columns(path) == rows


@given(ROWS)
def test_arrays_read_what_polars_writes(folder, rows):
    import polars as pl

    path = folder / "data.parquet"
    pl.DataFrame(rows, ["text", "label"], orient="row").write_parquet(path)
    assert _read_columns(path) == rows
