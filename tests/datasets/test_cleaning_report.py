import pytest

from nlptrain.datasets.cleaning_report import CleaningReport, count, list_first


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(0, "row", "0 rows"), (1, "class", "1 class"), (2000, "class", "2,000 classes")],
)
def test_count_says_number_and_noun(number, noun, text):
    assert count(number, noun) == text


def test_only_what_happened_is_noted():
    report = CleaningReport()
    report.add("nothing", 0, "none")
    report.add("something", 2, "two")
    assert report.notes == ["two"]
    assert report.counts == {"nothing": 0, "something": 2}


def test_long_lists_are_cut_after_ten():
    assert list_first(["a", "b"], 2) == ["a", "b"]
    assert list_first(["a"] * 12, 1012) == ["a"] * 10 + ["… and 1,002 more"]
