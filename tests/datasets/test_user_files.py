import numpy as np
import pytest

from nlptrain.config.data import DataFile, Folds, SplitFractions
from nlptrain.config.text import TextSection
from nlptrain.datasets import user_files
from nlptrain.errors import DataError


@pytest.fixture
def read(tmp_path):
    """Write {setting: [(text, label), …]} to files and read them as a dataset."""

    def read_files(seed=0, rules=None, header="text,label", folds=None, split=None, **files):
        paths = {}
        for setting, rows in files.items():
            path = tmp_path / f"{setting}.csv"
            path.write_text("\n".join([header, *map(",".join, rows)]), encoding="utf-8")
            paths[setting] = str(path)
        file = DataFile(**paths, **(rules or {}))
        rows, text = user_files.read_files(file, TextSection()), TextSection()
        return user_files.settle_files(
            rows, file, split or SplitFractions(), text, seed=seed, folds=folds
        )

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
    with pytest.raises(DataError, match=r"(?s)no strings are left for validation.*several splits"):
        read(path=rows(0, 10), validation_path=rows(10, 14), test_path=rows(10, 14))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([("a", "x"), ("b", "x"), ("c", "x")], "two classes are needed, only one is left: 'x'"),
        ([("a", "x"), ("b", "y")], "2 of 2 rows would go with 2 classes"),
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
        "alike_labels": 0,
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


def with_column(content, values):
    return [(*row, value) for row, value in zip(content, values, strict=True)]


def test_column_of_splits_is_followed(read):
    content = with_column(rows(0, 30), (["train"] * 2 + ["validation"] + ["test"] * 3) * 5)
    dataset = read(path=content, header="text,label,split", rules={"split": "split"})
    assert [len(split) for split in dataset.splits.values()] == [10, 5, 15]
    assert dataset.test.texts[:4] == ["s3", "s4", "s5", "s9"]
    assert dataset.notes == ()


def test_string_given_for_two_splits_stays_in_the_test(read):
    content = with_column(rows(0, 30), ["train"] * 20 + ["validation"] * 5 + ["test"] * 5)
    content.append(("s0", "x", "test"))
    dataset = read(path=content, header="text,label,split", rules={"split": "split"})
    assert "s0" in dataset.test.texts
    assert "s0" not in dataset.train.texts
    assert dataset.counts["overlap"] == 1


@pytest.mark.parametrize(
    ("values", "sizes", "note"),
    [
        (["train", "test"], [45, 5, 50], "no row says validation: 10%"),
        (["train", "train"], [80, 10, 10], "no row says validation and none test: 10%"),
    ],
)
def test_split_that_no_row_says_is_drawn_from_training(read, values, sizes, note):
    content = with_column(rows(0, 100, "xxyy"), values * 50)
    dataset = read(path=content, header="text,label,split", rules={"split": "split"})
    assert [len(split) for split in dataset.splits.values()] == sizes
    assert dataset.notes[-1].startswith(note)


def test_split_of_another_name_is_a_bad_row(read):
    content = with_column(rows(0, 3), ["train", "dev", "test"])
    message = r"path\.csv:3: split: 'dev' is not one of train, validation, test"
    with pytest.raises(DataError, match=message):
        read(path=content, header="text,label,split", rules={"split": "split"})


def test_no_group_is_in_two_splits_and_every_split_has_its_share(read):
    groups = [f"g{number % 50}" for number in range(500)]
    content = with_column(rows(0, 500, "xyyzzz"), groups)
    dataset = read(path=content, header="text,label,who", rules={"group": "who"})
    group_of = {text: group for text, _, group in content}
    found = [{group_of[text] for text in split.texts} for split in dataset.splits.values()]
    assert not found[0] & found[1] | found[0] & found[2] | found[1] & found[2]
    assert [len(split) for split in dataset.splits.values()] == [400, 50, 50]
    assert dataset.counts["groups"] == 50


def test_groups_too_few_for_three_splits_are_refused(read):
    content = with_column(rows(0, 40), ["a", "b"] * 20)
    with pytest.raises(DataError, match=r"no strings are left for .*; too few groups"):
        read(path=content, header="text,label,who", rules={"group": "who"})


def test_row_without_a_group_is_bad(read):
    with pytest.raises(DataError, match=r"path\.csv:4: no group"):
        read(
            path=with_column(rows(0, 3), ["a", "b", ""]),
            header="text,label,who",
            rules={"group": "who"},
        )


@pytest.mark.parametrize("grouped", [False, True])
def test_every_string_is_the_test_of_one_fold(read, grouped):
    content = with_column(rows(0, 100, "xxy"), [f"g{number // 4}" for number in range(100)])
    rules = {"group": "who"} if grouped else None
    tests = [
        read(
            path=content,
            header="text,label,who",
            rules=rules,
            folds=Folds(number=5, held_out=turn),
        )
        for turn in range(1, 6)
    ]
    assert sorted(text for each in tests for text in each.test.texts) == sorted(
        text for text, _, _ in content
    )
    near = 4 if grouped else 0  # a group is four strings
    assert all(abs(len(each.test) - 20) <= near for each in tests)
    assert all(abs(len(each.validation) - 8) <= max(near, 1) for each in tests)
    assert len({each.fingerprint for each in tests}) == 5


def test_share_of_the_split_without_a_file_is_the_configs(read):
    shares = SplitFractions(train=0.6, validation=0.3, test=0.1)
    dataset = read(path=rows(0, 100), test_path=rows(100, 120), split=shares)
    assert [len(split) for split in dataset.splits.values()] == [70, 30, 20]
    assert "30% of the strings of path.csv were drawn" in dataset.notes[-1]
