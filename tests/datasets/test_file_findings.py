import pytest

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.file_findings import find_in_files
from nlptrain.datasets.user_files import read_files


@pytest.fixture
def find(tmp_path):
    """Write lines to a file and list what is odd about it, by kind."""

    def look(lines, name="data.csv", **settings):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        file = DataFile(path=str(path), **settings)
        rows = read_files(file, TextSection(), keep_written=True)
        return {finding.kind: finding for finding in find_in_files(rows, file, TextSection())}

    return look


LINES = [f"s{number:03},{'xy'[number % 2]}" for number in range(60)]


def test_quotes_that_change_the_number_of_rows_are_found_either_way(find):
    lines = ["text\tlabel", *(line.replace(",", "\t") for line in LINES)]
    lines[3], lines[5] = '"open\tx', 'closed"\ty'
    assert find(lines, "data.tsv")["quoting"].sentence.endswith("so data.file.quoting is off")
    sentence = find(lines, "data.tsv", quoting=True)["quoting"].sentence
    assert "60 rows without quoting" in sentence
    assert sentence.endswith("say data.file.quoting: false")


def test_quotes_that_are_meant_are_no_finding(find):
    assert find(["text,label", *LINES, '"a, b",x', '"c",y']) == {}


def test_rows_of_all_files_count_and_strip_and_normalization_are_undone(find, tmp_path):
    test = tmp_path / "test.csv"
    test.write_text("text,label\ns000 ,x\n", encoding="utf-8")
    findings = find(["text,label", *LINES], test_path=str(test))
    assert findings["outer_spaces"].number == 1
    assert "61 rows, 60 distinct strings (61 as they stand" in findings["duplicates"].sentence
