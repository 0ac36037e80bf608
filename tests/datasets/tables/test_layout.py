from pathlib import Path

import pytest

from nlptrain.datasets.tables.layout import (
    FORMATS,
    TableLayout,
    complete_layout,
    find_output_format,
)
from nlptrain.errors import DataError


@pytest.mark.parametrize(("ending", "expected"), FORMATS.items())
def test_ending_tells_the_format_in_any_case(ending, expected):
    assert complete_layout(Path("a" + ending)).format == expected
    assert complete_layout(Path("a" + ending.upper())).format == expected


def test_csv_has_commas_and_quotes_and_tsv_has_tabs_and_none():
    assert complete_layout(Path("a.csv")) == TableLayout("csv", ",", True, True, "utf-8")
    assert complete_layout(Path("a.tsv")) == TableLayout("tsv", "\t", True, False, "utf-8")


def test_what_is_said_goes_before_what_the_ending_tells():
    layout = complete_layout(
        Path("a.txt"),
        table_format="tsv",
        delimiter=";",
        header=False,
        quoting=True,
        encoding="cp1252",
    )
    assert layout == TableLayout("tsv", ";", False, True, "cp1252")


@pytest.mark.parametrize("name", ["a", "a.doc", "a.csv.7z", "a.gz", "a.zip"])
def test_unknown_ending_is_refused_and_the_known_ones_are_listed(name):
    with pytest.raises(DataError, match=r"\.csv, \.tsv.*data\.file\.format"):
        complete_layout(Path(name))


@pytest.mark.parametrize("encoding", ["utf-9", "rot13", "base64", "a\0b"])
def test_what_is_no_text_encoding_is_refused(encoding):
    with pytest.raises(DataError, match="unknown encoding"):
        complete_layout(Path("a.csv"), encoding=encoding)


def test_option_that_the_format_cannot_have_is_refused():
    with pytest.raises(DataError, match="delimiter: only csv and tsv have it, this is jsonl"):
        complete_layout(Path("a.jsonl"), delimiter=";", quoting=False)


@pytest.mark.parametrize("name", ["a.xlsx.gz", "a.parq.zip"])
def test_what_is_compressed_by_itself_is_not_read_compressed(name):
    with pytest.raises(DataError, match="is compressed by itself: unpack it, or name it a"):
        complete_layout(Path(name))


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods", "a.json"])
def test_what_is_only_read_is_no_output(name):
    with pytest.raises(DataError, match=r"is read, not written; name it \.csv"):
        find_output_format(Path(name))


@pytest.mark.parametrize("delimiter", ['"', "\n", "\r", "::"])
def test_delimiter_that_cannot_separate_is_refused(delimiter):
    with pytest.raises(DataError, match="cannot separate"):
        complete_layout(Path("a.csv"), delimiter=delimiter)
