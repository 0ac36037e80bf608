import sys

import numpy as np
import pytest

from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.evaluation.near_duplicates import SPELLINGS, find_near_duplicates


def find(train, test, validation=("zz",)):
    """Look at strings whose class is whether they begin with x."""
    splits = [
        Examples(list(texts), np.array([text[0] in "xX" for text in texts], np.int64))
        for texts in (train, validation, test)
    ]
    found = find_near_duplicates(Dataset(*splits, labels=("no", "yes")))
    return {each.differ_in: (each.strings, each.across_splits) for each in found}


def test_each_kind_of_spelling_is_counted_apart_and_together():
    train = ["Weiss", "a b", "ﬁx", "alone"]
    test = ["weiss", "a  b", "fix", "other"]
    assert find(train, test) == {
        "case": (2, 2),  # ﬁ is fi to casefold
        "spaces": (1, 1),
        "Unicode form": (1, 1),
        "any of them": (3, 3),
    }


def test_one_split_holds_them_without_a_leak():
    assert find(["A", "a", "á"], ["b"])["case"] == (1, 0)


def test_spellings_of_different_classes_are_conflicts_and_shown():
    train = Examples(["ab", "AB"], np.array([0, 1]))
    rest = Examples(["c"], np.array([0]))
    found = find_near_duplicates(Dataset(train, rest, rest, labels=("x", "y")))
    assert found[0].conflicts == 1
    assert found[0].example == ("ab", "AB")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["case", "spaces", "Unicode form"])
@pytest.mark.parametrize(
    "after", ["", "\N{COMBINING GREEK YPOGEGRAMMENI}\N{COMBINING ACUTE ACCENT}"]
)
def test_what_one_kind_makes_the_same_all_kinds_make_the_same(kind, after):
    texts = [chr(point) + after for point in range(sys.maxunicode + 1)]
    firsts = {}
    for text in texts:
        first = firsts.setdefault(SPELLINGS[kind](text), text)
        if first != text:
            assert SPELLINGS["any of them"](first) == SPELLINGS["any of them"](text)
    assert len(firsts) < len(texts)
