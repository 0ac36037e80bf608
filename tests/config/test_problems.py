from nlptrain.config.problems import Document, FromFile, Mark, Problem, dotted, join_choices


def lines_at(line: str, column: int) -> list[str]:
    """Report a problem in a file of one line."""
    mark = Mark(1, column)
    problem = Problem(("a",), "wrong", origin=FromFile(mark, mark))
    return str(Document("f", [line], problems=[problem]).error()).split("\n")


def test_the_caret_stands_under_its_column():
    assert lines_at("a: 1", 4)[1:3] == ["  1 | a: 1", "    |    ^"]


def test_the_caret_counts_wide_and_combining_characters():
    assert lines_at("日本: 1", 5)[2] == "    |       ^"
    assert lines_at("e\u0301: 1", 5)[2] == "    |    ^"
    assert lines_at("\ta: 1", 5)[2] == "    | \t   ^"


def test_a_long_line_is_cut_around_the_caret():
    text, caret = lines_at("x" * 500 + "!" + "y" * 500, 501)[1:3]
    assert len(text) < 120
    assert text[caret.index("^")] == "!"
    assert text.count("…") == 2


def test_control_characters_never_reach_the_terminal():
    assert lines_at("a: \x1b[31m", 4)[1] == "  1 | a: �[31m"


def test_a_position_falls_back_to_the_section_around():
    origins = {("a",): FromFile(Mark(2, 1), Mark(3, 3))}
    problems = [Problem(("a", "b"), "wrong")]
    document = Document("f", ["", "a:", "  c: 1"], origins=origins, problems=problems)
    assert str(document.error()).startswith("f:3:3: a.b: wrong\n  3 |   c: 1\n    |   ^\n")


def test_the_same_problem_is_told_once():
    problem = Problem((), "wrong")
    text = str(Document("f", [], problems=[problem, problem]).error())
    assert text.startswith("f: wrong\n1 error in f;")


def test_unprintable_and_endless_keys_are_shortened():
    assert dotted(("a", 0, "b")) == "a.0.b"
    assert dotted(("\x1b",)) == r"'\x1b'"
    assert len(dotted(("x" * 1000,))) == 60


def test_choices_read_as_a_sentence():
    assert [join_choices(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "a",
        "a or b",
        "a, b or c",
    ]
