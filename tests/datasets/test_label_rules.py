import random
from collections import Counter

import pytest

from nlptrain.config.data import DataFile, SplitFractions
from nlptrain.config.load import load_config
from nlptrain.config.text import TextSection
from nlptrain.datasets.file_findings import find_in_files
from nlptrain.datasets.label_rules import check_left_out, describe_alike_labels
from nlptrain.datasets.user_files import read_files, settle_files
from nlptrain.errors import ConfigError, DataError


@pytest.fixture
def read(tmp_path):
    """Read a dataset of so many strings of each label."""

    def read_labels(sizes, **rules):
        path = tmp_path / "data.csv"
        labels = [label for label, size in sizes.items() for _ in range(size)]
        rows = "".join(f's{n},"{label}"\n' for n, label in enumerate(labels))
        path.write_text(f"text,label\n{rows}", encoding="utf-8")
        file = DataFile(path=str(path), **rules)
        return settle_files(
            read_files(file, TextSection()), file, SplitFractions(), TextSection(), seed=0
        ), file

    return read_labels


KINDS = {
    "look like numbers": lambda n: f"{random.Random(n).gauss(50, 10):.3f}",
    "look like free text": lambda n: f"the {n}th thing that was said",
    "look like an id": lambda n: f"user{n:05}",
    "look like classes, 202 of them, most of which are rare": lambda n: f"kind {n % 200}",
}


@pytest.mark.parametrize(("kind", "label"), KINDS.items(), ids=KINDS)
def test_labels_that_are_no_classes_stop_the_run(read, kind, label):
    rows = 2 if "rare" in kind else 1
    sizes = {label(n): rows for n in range(300)} | {"x": 10, "y": 10}
    with pytest.raises(DataError, match=kind) as caught:
        read(sizes)
    message = str(caught.value)
    classes = len(sizes) - 2
    gone = rows * classes
    assert f"{gone:,} of {gone + 20:,} rows would go with {classes:,} classes" in message
    for setting in ("data.file.max_left_out", "data.file.min_examples=1"):
        assert setting in message


def test_whoever_insists_leaves_them_out_or_keeps_them(read):
    sizes = {f"{n}": 1 for n in range(3)} | {"x": 10, "y": 10}
    with pytest.raises(DataError, match=r"max_left_out=0\.14 leaves them out"):
        read(sizes)
    assert read(sizes, max_left_out=0.14)[0].labels == ("x", "y")


def test_a_tenth_of_the_rows_may_go():
    file = DataFile(path="a.csv")
    check_left_out(file, Counter("xxxxxxxxxr"), {"x"}, [])
    with pytest.raises(DataError, match="2 of 11 rows"):
        check_left_out(file, Counter("xxxxxxxxxrr"), {"x"}, [])


ALIKE = [
    {"SALES": 12, "sales": 30},
    {"Billing": 12, "Bil ling": 5, "Bil  ling": 9},
    {"caf\u00e9": 12, "cafe\u0301": 9},
    {"ﬁne": 12, "fine": 20},
]


@pytest.mark.parametrize("sizes", ALIKE)
def test_labels_that_are_probably_the_same_are_named_by_training_and_by_the_report(read, sizes):
    dataset, file = read(sizes | {"other": 20})
    note = next(note for note in dataset.notes if "probably the same" in note)
    assert dataset.counts["alike_labels"] == 1
    assert "--set 'data.file.labels={" in note
    rows = read_files(file, TextSection(), keep_written=True)
    found = find_in_files(rows, file, TextSection())
    assert [each.sentence for each in found if "alike" in each.kind] == [note]


def test_labels_are_merged_by_what_the_note_says(read):
    sizes = {"SALES": 12, "sales": 30, "other": 20}
    dataset, _ = read(sizes, labels={"SALES": "sales"})
    assert dataset.labels == ("other", "sales")
    assert "alike" not in " ".join(dataset.notes)
    assert describe_alike_labels(["SALES", "sales", "sales"])[1].endswith(
        """merge: --set 'data.file.labels={"SALES": "sales"}'"""
    )


def test_label_that_no_row_has_is_refused_with_what_there_is(read):
    with pytest.raises(DataError, match="no row has the label 'acces'; did you mean 'access'"):
        read({"access": 9, "other": 9}, labels={"acces": "access"})
    with pytest.raises(DataError, match="no row has the label 'q'; there is 'access', 'other'"):
        read({"access": 9, "other": 9}, labels={"q": "access"})


def test_renamed_labels_are_recorded_in_a_config_and_read_back():
    from nlptrain.config.dump import dump_config

    override = "data.file={path: a.csv, labels: {SALES: sales, '1': 2, 'no': n}}"
    config = load_config("own_file", [override]).config
    assert config.data.file.labels == {"SALES": "sales", "1": "2", "no": "n"}
    assert "SALES: sales" in dump_config(config)
    assert hash(config) == hash(load_config("own_file", [override]).config)


@pytest.mark.parametrize("value", ["3", "{a: [1]}", "{a: null}", "[a, b]", "{a: ''}"])
def test_labels_that_are_no_names_are_refused(value):
    with pytest.raises(ConfigError, match=r"expected \{old label: new label\}"):
        load_config("own_file", [f"data.file.labels={value}"])
