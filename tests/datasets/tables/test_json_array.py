import json
import tracemalloc

import pytest

from nlptrain.datasets.tables import json_array
from nlptrain.datasets.tables.layout import complete_layout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.errors import DataError

OBJECTS = [{"text": "a,]b", "n": 1}, {"text": 'é"\n', "x": [1, {"y": "}"}]}, {"text": "\U0001f600"}]
EXPECTED = [("a,]b", 1, None), ('é"\n', None, [1, {"y": "}"}]), ("\U0001f600", None, None)]


@pytest.mark.parametrize("piece", [1, 2, 7, 1 << 16])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_objects_are_rows_whatever_the_pieces(read_rows, monkeypatch, piece, indent, ascii_only):
    monkeypatch.setattr(json_array, "_PIECE_CHARACTERS", piece)
    columns, rows = read_rows(json.dumps(OBJECTS, indent=indent, ensure_ascii=ascii_only), "a.json")
    assert columns == ("text", "n", "x")
    assert [row.values for row in rows] == EXPECTED
    assert [row.problem for row in rows] == [None] * 3


def test_rows_have_the_lines_on_which_they_begin(read_rows):
    _, rows = read_rows('\n[\n{"text": "a"},\n\n{"text":\n"b"}, {"text": "c"}]\n', "a.json")
    assert [row.line for row in rows] == [3, 5, 6]


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        ('"x"', 'JSON, but not an object: "x"'),
        ("12", "JSON, but not an object: 12"),
        ('{"text": NaN}', "NaN is no value of JSON"),
        ('{"text": "\\ud800"}', "half of a surrogate pair"),
        ('{"text": "a", "text": "b"}', "the key 'text' stands in it 2 times; keep one"),
    ],
)
def test_bad_element_is_a_bad_row_and_costs_no_other(read_rows, element, problem):
    _, rows = read_rows(f'[{{"text": "a", "n": 1}}, {element}, {{"text": "b"}}]', "a.json")
    assert [row.problem and problem in row.problem for row in rows] == [None, True, None]
    assert rows[1].values == (element, None)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("[]", "the array is empty"),
        ("[1, 2]", "no object in the array; line 1: JSON, but not an object"),
        ('{"text": "a"}\n{"text": "b"}\n', r"name it \.jsonl"),
        ("text,label\n", "no JSON array of objects: it begins with 't'"),
        ('[{"text": "a"}\n{"text": "b"}]', ":2: not valid JSON: '{' in place of a comma"),
        ('[{"text": "a"},\n{"text": "b"', ":2: not valid JSON: .*delimiter"),
        ('[{"text": "a"},\n', ":2: not valid JSON: Expecting value"),
        ('[{"text": "a"}\n', ":2: not valid JSON: the file is cut short"),
        ('[{"text": "a"}]\nx', ":2: not valid JSON: 'x' behind the end"),
        ("[" * 100_000, ":1: not valid JSON: nested too deep"),
    ],
)
def test_what_is_no_array_of_objects_is_refused(read_rows, content, problem):
    with pytest.raises(DataError, match=problem):
        read_rows(content, "a.json")


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"text": "x" * 100, "n": n} for n in range(40_000)]))
    tracemalloc.start()
    with read_table(path, complete_layout(path)) as table:
        assert sum(1 for _ in table.rows) == 40_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**21 < path.stat().st_size
