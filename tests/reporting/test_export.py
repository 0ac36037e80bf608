import csv
import io

from nlptrain.reporting.export import to_csv, to_markdown
from nlptrain.reporting.tables import plain_table


def test_markdown_is_aligned_and_says_which_columns_are_numbers():
    table = plain_table(["name"], ["score"], [("a|b", "1.5"), ("日本", "10")])
    assert to_markdown(table).splitlines() == [
        "| name | score |",
        "| ---- | ----: |",
        "| a\\|b |   1.5 |",
        "| 日本 |    10 |",
    ]


def test_line_end_in_a_name_does_not_end_the_row():
    assert to_markdown(plain_table(["name"], [], [("a\nb",)])).splitlines()[-1] == "| a\\nb |"


def test_csv_is_read_back_whole():
    rows = [("a, b", 0.1 + 0.2, None), ('"', 1, 2.0)]
    text = to_csv(["name", "x", "y"], rows)
    assert "\r" not in text
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "x", "y"],
        ["a, b", "0.30000000000000004", ""],
        ['"', "1", "2.0"],
    ]
