import numpy as np
import pytest

from nlptrain.config.data import DataFile, SplitFractions
from nlptrain.config.text import TextSection
from nlptrain.datasets.user_files import read_dataset
from nlptrain.errors import DataError


@pytest.fixture
def read(tmp_path):
    """Write {setting: [(text, label), …]} to files and read them as a dataset."""

    def read_files(seed=0, rules=None, **files):
        paths = {}
        for setting, rows in files.items():
            path = tmp_path / f"{setting}.csv"
            path.write_text("\n".join(["text,label", *map(",".join, rows)]), encoding="utf-8")
            paths[setting] = str(path)
        file = DataFile(**paths, **(rules or {}))
        return read_dataset(file, SplitFractions(), TextSection(), seed=seed)

    return read_files


def rows(start, stop, labels="xy"):
    return [(f"s{number}", labels[number % len(labels)]) for number in range(start, stop)]


def test_one_file_is_split_with_no_string_in_two_splits(read):
    dataset = read(path=rows(0, 100) * 2)
    texts = [text for split in dataset.splits.values() for text in split.texts]
    assert sorted(texts) == sorted(f"s{number}" for number in range(100))
    assert [len(split) for split in dataset.splits.values()] == [80, 10, 10]
    assert dataset.labels == ("x", "y")
    assert dataset.counts["duplicates"] == 100


def test_each_string_keeps_its_label_and_the_order_of_the_file(read):
    train = read(path=rows(0, 100)).train
    numbers = [int(text[1:]) for text in train.texts]
    assert train.classes.tolist() == [number % 2 for number in numbers]
    assert numbers == sorted(numbers)


def test_seed_decides_the_split(read):
    prints = [read(path=rows(0, 100), seed=seed).fingerprint for seed in (1, 1, 2)]
    assert prints[0] == prints[1] != prints[2]


def test_files_of_their_own_are_taken_whole(read):
    dataset = read(path=rows(0, 10), validation_path=rows(10, 14), test_path=rows(14, 20))
    assert [len(split) for split in dataset.splits.values()] == [10, 4, 6]
    assert dataset.notes == ()


def test_string_of_several_files_stays_in_the_test_then_in_validation(read):
    dataset = read(path=rows(0, 10), validation_path=rows(0, 4), test_path=rows(2, 6))
    found = {name: split.texts for name, split in dataset.splits.items()}
    assert found["validation"] == ["s0", "s1"]
    assert found["test"] == ["s2", "s3", "s4", "s5"]
    assert found["train"] == ["s6", "s7", "s8", "s9"]
    assert dataset.counts["overlap"] == 6


@pytest.mark.parametrize(
    ("given", "sizes"), [("validation_path", [90, 20, 10]), ("test_path", [90, 10, 20])]
)
def test_split_without_a_file_is_drawn_from_the_main_one(read, given, sizes):
    dataset = read(path=rows(0, 100), **{given: rows(100, 120)})
    assert [len(split) for split in dataset.splits.values()] == sizes
    assert "10% of the strings of path.csv were drawn" in dataset.notes[-1]


def test_label_that_training_lacks_is_refused_by_name(read):
    with pytest.raises(DataError, match=r"path\.csv: no string to learn 'z' from.*test_path\.csv"):
        read(path=rows(0, 30), test_path=rows(30, 50, "xyz"))


def test_split_that_the_rules_empty_is_refused(read):
    with pytest.raises(DataError, match=r"(?s)no strings are left for validation.*several files"):
        read(path=rows(0, 10), validation_path=rows(10, 14), test_path=rows(10, 14))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([("a", "x"), ("b", "x"), ("c", "x")], "two classes are needed, only one is left: 'x'"),
        ([("a", "x"), ("b", "y")], "(?s)none is left.*2 classes left out"),
        ([("a", " ")], "(?s)none is left.*1 bad row skipped"),
    ],
)
def test_fewer_than_two_classes_are_refused(read, content, message):
    with pytest.raises(DataError, match=message):
        read(path=content, rules={"bad_rows": "skip"})


def test_bad_rows_stop_the_run_or_are_skipped_and_counted(read):
    content = [*rows(0, 20), ("a", "x", "more"), ("b", "")]
    with pytest.raises(DataError, match="2 bad rows"):
        read(path=content)
    dataset = read(path=content, rules={"bad_rows": "skip"})
    assert dataset.counts["bad_rows"] == 2
    assert dataset.counts["rows"] == 22
    assert "path.csv:22: 3 fields instead of 2" in dataset.notes[0]


def test_rules_are_reported_with_their_counts(read):
    content = [*rows(0, 20), ("s0", "x"), ("s1", "x"), ("s2", "y"), ("lonely", "z"), (" s3 ", "y")]
    dataset = read(path=content)
    assert dataset.counts == {
        "rows": 25,
        "bad_rows": 0,
        "distinct_strings": 21,
        "duplicates": 4,
        "overlap": 0,
        "conflicts": 2,
        "classes_left_out": 1,
        "strings_left_out": 1,
    }
    assert [note.split(":")[0] for note in dataset.notes] == [
        "25 rows, 21 distinct strings",
        "2 strings carried several labels",
        "1 class left out, with fewer than 3 distinct strings",
    ]


def test_every_class_that_stays_is_in_every_split(read):
    content = [*rows(0, 200), ("r1", "rare"), ("r2", "rare"), ("r3", "rare")]
    for split in read(path=content).splits.values():
        assert (np.bincount(split.classes, minlength=3) >= 1).all()
