from decimal import Decimal

import pytest

from nlptrain.datasets.tables.table import Row, Table, read_text
from nlptrain.errors import DataError


def table(*columns):
    return Table("x.csv", columns, iter([Row(line, ("a",), None) for line in range(5)]))


def test_column_is_found_by_name_and_by_number():
    assert table("text", "label").find_column("label") == 1
    assert table("text", "label").find_column(1) == 1


@pytest.mark.parametrize(
    ("columns", "wanted", "message"),
    [
        (("name", "language"), "nmae", "there is 'name', 'language'; did you mean 'name'"),
        (("0", "1"), "name", "without a header columns are numbers from 0"),
        (("a;b",), "b", "is ';' the delimiter"),
        (("a", "b", "a"), "a", "2 columns are called 'a'"),
        (("a", "b"), 2, "no column 2; there are 2, numbered from 0"),
    ],
)
def test_column_that_is_not_there_is_refused_with_what_there_is(columns, wanted, message):
    with pytest.raises(DataError, match=message):
        table(*columns).find_column(wanted)


def test_batches_hold_all_rows_once():
    assert [[row.line for row in batch.rows] for batch in table("text").batches(2, (0,))] == [
        [0, 1],
        [2, 3],
        [4],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), ("", ""), (1, "1"), (1.5, "1.5"), (True, "true"), (Decimal("1.50"), "1.50")],
)
def test_strings_numbers_and_booleans_are_text(value, text):
    assert read_text(Row(1, ("x", value), None), 1) == (text, None)


@pytest.mark.parametrize(
    ("value", "problem"), [(None, "no value"), ([1], "list is neither"), ({}, "dict is neither")]
)
def test_other_values_are_problems(value, problem):
    assert problem in read_text(Row(1, (value,), None), 0)[1]


def test_a_bad_row_has_no_text():
    assert read_text(Row(1, ("a",), "blank line"), 0) == ("", "blank line")
