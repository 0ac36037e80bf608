import numpy as np
import pytest

from nlptrain.datasets.raw_rows import RawRows
from nlptrain.datasets.row_findings import find_oddities, row_split_leak


def find(rows, normalized=None):
    """List what is odd about (text, label) rows, by kind."""
    texts, labels = zip(*rows, strict=True)
    raw = RawRows(texts, labels, normalized or [text.strip() for text in texts])
    return {finding.kind: finding for finding in find_oddities(raw)}


def clean(number, label):
    return [(f"{label}{index:04}", label) for index in range(number)]


def test_good_rows_have_no_findings():
    assert find(clean(50, "x") + clean(50, "y")) == {}


def test_a_majority_is_named_with_its_share():
    finding = find(clean(20, "x") + clean(80, "y"))["majority"]
    assert finding.number == 80
    assert "80.0% of the rows are 'y'" in finding.sentence


def test_duplicates_are_counted_as_written_and_as_trained_on():
    finding = find([*clean(50, "x"), *clean(50, "y"), ("x0000 ", "x"), ("x0000", "x")])[
        "duplicates"
    ]
    assert finding.number == 2
    assert "102 rows, 100 distinct strings (101 as they stand" in finding.sentence


def test_leak_of_a_row_split_is_what_many_such_splits_show():
    multiplicities = np.array([1, 1, 2, 5, 9])
    strings = np.repeat(np.arange(5), multiplicities)
    generator, seen, tested = np.random.default_rng(0), 0, 0
    for _ in range(3000):
        is_train = generator.random(len(strings)) < 0.8
        seen += np.isin(strings[~is_train], strings[is_train]).sum()
        tested += (~is_train).sum()
    assert row_split_leak(multiplicities) == pytest.approx(seen / tested, abs=0.01)


def test_conflicts_say_what_accuracy_they_leave():
    finding = find([("a", "x"), ("a", "x"), ("a", "y"), ("b", "y")])["conflicts"]
    assert finding.number == 1
    assert "'a': 'x', 'y'" in finding.sentence
    assert "more than 75.0% of the rows" in finding.sentence


def test_a_class_inside_another_is_named_and_the_other_is_not():
    rows = [*clean(100, "English"), *[(text, "Scottish") for text, _ in clean(12, "English")]]
    finding = find(rows)["contained_class"]
    assert finding.sentence == ("12 of the 12 distinct strings of 'Scottish' are also 'English'")


def test_small_and_repetitive_classes_are_named():
    findings = find([*clean(50, "x"), *clean(3, "rare"), *clean(12, "often") * 9])
    assert "'rare' (3)" in findings["small_classes"].sentence
    assert "'often' has 12 distinct strings in 108 rows" in findings["repetitive_class"].sentence


def test_spaces_and_invisible_characters_are_counted_by_row():
    findings = find(
        [*clean(9, "x"), (" a", "x"), ("b\x92\x92", "x"), ("c\u200b", "x"), ("d\te", "x")]
    )
    assert findings["outer_spaces"].number == 1
    assert findings["invisible_characters"].number == 2
    assert "U+0092 control (2), U+200B invisible (1)" in findings["invisible_characters"].sentence


def test_a_string_far_longer_than_the_others_is_named():
    assert (
        "1,000 characters" in find([*clean(200, "x"), ("a" * 1000, "x")])["long_strings"].sentence
    )
