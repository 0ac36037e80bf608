"""Which files a folder or a pattern stands for, and what the names of their folders say."""

from pathlib import Path

import pytest

from nlptrain.config.data import DataFile, SplitFractions
from nlptrain.config.text import TextSection
from nlptrain.datasets.longest_string import find_longest
from nlptrain.datasets.shards import find_shards, is_sharded
from nlptrain.datasets.user_files import read_files, settle_files
from nlptrain.errors import DataError

ROWS = [(first + second, "y" if first in "eo" else "x") for first in "aeiou" for second in "klm"]


@pytest.fixture
def make(tmp_path):
    """Make files by name, empty or with rows below the names of columns: their folder."""

    def write(*names, rows=(), header="text,label"):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = [header, *(",".join(row) for row in rows)]
            path.write_text("".join(f"{line}\n" for line in lines if line))
        return tmp_path

    return write


def names(shards):
    return [shard.name.as_posix() for shard in shards.parts]


def test_folder_stands_for_the_tables_below_it_in_the_order_of_their_names(make):
    folder = make("b.csv", "a/2.csv.gz", "a/1.csv", "_SUCCESS", ".a.csv", "_log/c.csv", "a/.b.csv")
    shards = find_shards(folder)
    assert names(shards) == ["a/1.csv", "a/2.csv.gz", "b.csv"]
    assert [shard.path for shard in shards.parts] == [folder / name for name in names(shards)]
    assert shards.notes == ()


def test_file_of_no_format_is_left_out_and_named(make):
    shards = find_shards(make("b.csv", "README.md", "a/LICENSE"))
    assert names(shards) == ["b.csv"]
    assert len(shards.notes) == 1
    assert shards.notes[0].endswith(": README.md, a/LICENSE")


def test_format_that_is_said_takes_files_of_any_name(make):
    assert names(find_shards(make("b.dat", "a"), "csv")) == ["a", "b.dat"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.csv", ["b.csv"]),
        ("a/*", ["1.csv", "x=1/3.csv"]),
        ("**/*.csv", ["a/1.csv", "a/x=1/3.csv", "b.csv"]),
        ("a/x=[12]", ["x=1/3.csv"]),
        ("a/x=?/*.csv", ["x=1/3.csv"]),
    ],
)
def test_pattern_stands_for_what_it_matches(make, pattern, expected):
    folder = make("b.csv", "a/1.csv", "a/x=1/3.csv", ".c.csv")
    assert names(find_shards(folder / pattern)) == expected


def test_pattern_of_the_working_folder(make, monkeypatch):
    monkeypatch.chdir(make("b.csv", "a.csv"))
    assert [str(shard.path) for shard in find_shards(Path("*.csv")).parts] == ["a.csv", "b.csv"]


@pytest.mark.parametrize("name", ["a.csv", "none.csv", "a[1].csv"])
def test_file_stands_for_itself(make, name):
    path = make("a.csv", "a[1].csv", "a1.csv") / name
    assert not is_sharded(path)
    assert [shard.path for shard in find_shards(path).parts] == [path]


def test_names_of_folders_are_columns(make):
    folder = make(
        "label=a%2Fb/kind=x=y/1.csv", "label=__HIVE_DEFAULT_PARTITION__/2.csv", "=c/3.csv"
    )
    partitions = {shard.name.name: dict(shard.partition) for shard in find_shards(folder).parts}
    assert partitions == {
        "1.csv": {"label": "a/b", "kind": "x=y"},
        "2.csv": {"label": None},
        "3.csv": {},
    }


@pytest.mark.parametrize(
    ("files", "pattern", "problem"),
    [
        (["a.csv"], "*.tsv", r"\*\.tsv: matches no file$"),
        (["README.md"], "", "holds no file whose ending tells a format: .csv"),
        (
            ["a.csv", "b.csv", "c/d.jsonl"],
            "",
            "2 files of csv, such as a.csv, 1 file of jsonl, such",
        ),
        (["a.csv", "b.md"], "*", "b.md: the ending '.md' tells no format"),
    ],
)
def test_what_cannot_be_one_table_is_refused(make, files, pattern, problem):
    with pytest.raises(DataError, match=problem):
        find_shards(make(*files) / pattern)


def build(path, **settings):
    file = DataFile(path=str(path), **settings)
    text = TextSection()
    return settle_files(read_files(file, text), file, SplitFractions(), text, seed=0)


def write_shards(make, sizes=(4, 0, 1, 10)):
    start = 0
    for number, size in enumerate(sizes):
        folder = make(f"shards/{number}.csv", rows=ROWS[start : start + size])
        start += size
    return folder / "shards"


def test_shards_give_the_examples_of_the_file_that_they_make(make):
    whole = build(make("whole.csv", rows=ROWS) / "whole.csv")
    sharded = build(write_shards(make))
    assert sharded.fingerprint == whole.fingerprint
    assert (sharded.counts, sharded.columns) == (whole.counts, whole.columns)


@pytest.mark.parametrize("header", ["text", "text,label"])
def test_partition_gives_the_labels_and_the_shards_own_column_goes_before(make, header):
    own = header == "text,label"
    for label in "xy":
        rows = [(text, label) if own else (text,) for text, each in ROWS if each == label]
        folder = make(f"shards/label={'z' if own else label}/1.csv", rows=rows, header=header)
    # The second shard of a pair would take the name of the first.
    expected = {"y"} if own else {"x", "y"}
    rows = read_files(DataFile(path=str(folder / "shards")), TextSection())[0]
    assert set(rows.labels) == expected
    assert set(zip(rows.texts, rows.labels, strict=True)) == {
        row for row in ROWS if row[1] in expected
    }


def test_partition_beside_parquet(make, tmp_path):
    import polars as pl

    for label in "xy":
        texts = [text for text, each in ROWS if each == label]
        path = tmp_path / f"shards/kind={label}/1.parquet"
        path.parent.mkdir(parents=True)
        pl.DataFrame({"id": range(len(texts)), "text": texts}).write_parquet(path)
    file = DataFile(path=str(tmp_path / "shards"), label="kind")
    rows = read_files(file, TextSection())[0]
    assert set(zip(rows.texts, rows.labels, strict=True)) == set(ROWS)
    assert rows.columns == ("text", "kind")


def test_partition_beside_one_column_has_the_labels(make):
    for label in "xy":
        rows = [(text,) for text, each in ROWS if each == label]
        folder = make(f"s/language={label}/1.csv", rows=rows, header="name")
    rows = read_files(DataFile(path=str(folder / "s")), TextSection())[0]
    assert rows.columns == ("name", "language")
    assert set(zip(rows.texts, rows.labels, strict=True)) == set(ROWS)


def test_partition_without_a_value_makes_bad_rows(make):
    folder = make("label=__HIVE_DEFAULT_PARTITION__/1.csv", rows=[("a",)], header="text")
    rows = read_files(DataFile(path=str(folder)), TextSection())[0]
    assert rows.bad.number == 1
    assert rows.bad.listed[0].endswith("1.csv:2: label: no value")


def test_bad_rows_are_named_by_shard_and_line(make):
    folder = make("s/1.csv", rows=ROWS)
    make("s/2.csv", rows=[("a", "x"), ("b",)])
    with pytest.raises(DataError, match=rf"{folder}/s/2\.csv:3: 1 field instead of 2"):
        build(folder / "s")


@pytest.mark.parametrize(
    ("header", "rows", "settings", "problem"),
    [
        ("text,kind", ROWS, {}, r"2\.csv: no column 'label'; .*1\.csv has it"),
        ("", [("a", "x", "y")], {"text": 0, "label": 1}, r"2\.csv: 3 columns, but 2 in .*1\.csv"),
        ("label,text", [("x", "a")], {}, None),
    ],
)
def test_shard_of_other_columns_is_named(make, header, rows, settings, problem):
    first = settings and {"header": ""}
    make("s/1.csv", rows=ROWS, **first)
    folder = make("s/2.csv", rows=rows, header=header) / "s"
    if problem is None:
        assert build(folder).labels == ("x", "y")
        return
    with pytest.raises(DataError, match=problem):
        build(folder, **settings)


def test_column_taken_in_place_of_another_is_told_once(make):
    for number in range(3):
        folder = make(f"s/{number}.csv", rows=ROWS, header="Text,label")
    assert len([note for note in build(folder / "s").notes if "took 'Text'" in note]) == 1


def test_longest_string_is_found_in_its_shard(make):
    make("s/1.csv", rows=ROWS)
    folder = make("s/2.csv", rows=[("a", "x"), ("abcd", "x"), ("efgh", "y")])
    assert find_longest(DataFile(path=str(folder / "s"))) == f"{folder}/s/2.csv:3"
