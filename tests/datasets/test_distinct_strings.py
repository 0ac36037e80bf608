from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.datasets.cleaning_report import CleaningReport
from nlptrain.datasets.distinct_strings import Rows, settle_duplicates
from nlptrain.datasets.settled_classes import settle_conflicts, settle_rare_classes
from nlptrain.errors import DataError

TEXTS = ["a", "b", "a", "c", "a", "b"]
LABELS = ["y", "x", "x", "y", "x", "y"]


def make_rows(texts, labels, files=None, read=str):
    origins = np.zeros(len(texts), np.int64) if files is None else np.array(files)
    return Rows(texts, list(map(read, texts)), labels, origins)


def settle(texts, labels, files=None):
    report = CleaningReport()
    return *settle_duplicates(make_rows(texts, labels, files), report), report


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1))
def test_each_string_gets_its_most_frequent_label_the_first_seen_on_a_tie(rows):
    texts, labels = zip(*rows, strict=True)
    strings, names, several, _ = settle(texts, labels)
    for text, number, carried in zip(strings.texts, strings.classes, several, strict=True):
        # Counter keeps the order of appearance, and most_common is stable.
        counter = Counter(label for other, label in rows if other == text)
        assert names[number] == counter.most_common(1)[0][0]
        assert carried == len(counter)


def test_strings_keep_their_order_and_labels_are_sorted():
    strings, names, _, report = settle(TEXTS, LABELS)
    assert strings.texts == ["a", "b", "c"]
    assert names == ("x", "y")
    assert strings.classes.tolist() == [0, 0, 1]
    assert report.counts == {"distinct_strings": 3, "duplicates": 3, "overlap": 0}


def test_string_of_several_files_stays_in_the_last():
    strings, _, _, report = settle(["a", "b", "c", "a", "b", "a"], ["x"] * 6, [0, 0, 0, 1, 1, 2])
    assert strings.files.tolist() == [2, 1, 0]
    assert report.counts["overlap"] == 2
    assert report.notes[-1].startswith("2 strings occurred in several splits")


@pytest.mark.parametrize(
    ("rule", "kept", "note"),
    [("majority", ["a", "b", "c"], "most frequent"), ("drop", ["c"], "left out")],
)
def test_conflicts_follow_the_rule_and_are_counted(rule, kept, note):
    strings, _, several, report = settle(TEXTS, LABELS)
    strings = settle_conflicts(strings, several, rule, make_rows(TEXTS, LABELS), report)
    assert strings.texts == kept
    assert report.counts["conflicts"] == 2
    assert note in report.notes[-1]


def test_conflicts_can_stop_the_run_with_the_labels_listed():
    strings, _, several, report = settle(TEXTS, LABELS)
    rows = make_rows(TEXTS, LABELS)
    with pytest.raises(DataError, match=r"(?s)2 strings.*'a': x \(2\), y \(1\)\n.*'b': x \(1\), y"):
        settle_conflicts(strings, several, "error", rows, report)


def test_rule_error_lets_data_without_conflicts_pass():
    strings, _, several, report = settle(["a", "b"], ["x", "y"])
    rows = make_rows(["a", "b"], ["x", "y"])
    assert settle_conflicts(strings, several, "error", rows, report).texts == ["a", "b"]
    assert report.counts["conflicts"] == 0


def test_rare_classes_are_left_out_by_name_and_the_rest_numbered_anew():
    strings, names, _, report = settle(["a", "b", "c", "d", "e"], ["x", "z", "x", "y", "z"])
    strings, names = settle_rare_classes(strings, names, 2, report)
    assert names == ("x", "z")
    assert strings.texts == ["a", "b", "c", "e"]
    assert strings.classes.tolist() == [0, 1, 0, 1]
    assert report.notes == ["1 class left out, with fewer than 2 distinct strings: 'y' (1)"]
    assert report.counts["strings_left_out"] == 1
