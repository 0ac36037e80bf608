import numpy as np
import pytest

from nlptrain.errors import DataError
from nlptrain.text.vectors import fingerprint_vectors, read_vectors


@pytest.fixture
def write(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "vectors.txt"
        path.write_bytes(content.encode(encoding))
        return path

    return write


def read(path, dim):
    return {character: vector.tolist() for character, vector in read_vectors(path, dim).items()}


def test_each_line_is_a_character_and_its_numbers(write):
    path = write("a 1 -2.5\nb 3e-1 4\n\n你 5 6\n")
    assert read(path, 2) == {"a": [1, -2.5], "b": [0.3, 4], "你": [5, 6]}


def test_word2vecs_first_line_is_passed_over(write):
    assert read(write("2 3\na 1 2 3\nb 4 5 6\n"), 3) == {"a": [1, 2, 3], "b": [4, 5, 6]}


def test_first_line_is_passed_over_also_where_it_counts_wrongly(write):
    assert read(write("100 3\na 1 2 3\n"), 3) == {"a": [1, 2, 3]}


def test_digits_with_one_number_each_are_told_from_a_first_line_by_the_count(write):
    assert read(write("2 1\n7 4\n8 5\n"), 1) == {"7": [4], "8": [5]}
    assert read(write("7 1\n8 2\n"), 1) == {"7": [1], "8": [2]}


def test_space_is_a_character_too(write):
    assert read(write("  1 2\na 3 4\n"), 2) == {" ": [1, 2], "a": [3, 4]}


def test_longer_tokens_are_passed_over(write):
    assert read(write("the 1 2\na 3 4\n</s> 5 6\n"), 2) == {"a": [3, 4]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_and_byte_order_mark_do_not_matter(write, line_end, encoding):
    path = write(line_end.join(["1 2", "a 1 2", ""]), encoding)
    assert read(path, 2) == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a 1 2\nb 1 2 3\n", r"vectors.txt:2: 3 numbers, but model.embedding.dim is 2"),
        ("a 0.5\nb 1 2\n", r"vectors.txt:1: 1 numbers"),
        ("a 1 x\n", r"vectors.txt:1: not a number: .*'x'"),
        ("a 1 nan\n", r"vectors.txt:1: the numbers must be finite"),
        ("a 1 inf\n", r"vectors.txt:1: the numbers must be finite"),
        ("the 1 2\n", r"no character vectors found"),
        ("a\t1\t2\n", r"no character vectors found"),
        ("", r"no character vectors found"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(write, content, message):
    with pytest.raises(DataError, match=message):
        read_vectors(write(content), 2)


def test_number_beyond_the_precision_is_refused_with_its_line(write):
    path = write("a 1 2\nb 1 -1e39\n")
    assert read_vectors(path, 2, "float64")["b"].tolist() == [1, -1e39]
    with pytest.raises(DataError, match=r"vectors.txt:2: -1e\+39 is beyond the largest float32"):
        read_vectors(path, 2, "float32")


def test_file_that_cannot_be_read_is_refused(write, tmp_path):
    with pytest.raises(DataError, match="cannot read: "):
        read_vectors(tmp_path / "missing", 2)
    with pytest.raises(DataError, match="not UTF-8"):
        read_vectors(write("é 1 2\n", "latin-1"), 2)


def test_fingerprint_is_the_sha_256_of_the_file(write, tmp_path):
    assert fingerprint_vectors(write("abc")) == (
        # FIPS 180-2, B.1
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    with pytest.raises(DataError, match="missing: cannot read: "):
        fingerprint_vectors(tmp_path / "missing")


def test_vectors_keep_double_precision(write):
    (vector,) = read_vectors(write("a 0.1234567890123456 1\n"), 2).values()
    np.testing.assert_array_equal(vector, [0.1234567890123456, 1])
