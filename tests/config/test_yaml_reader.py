import pytest
import yaml

from nlptrain.config import yaml_reader

FAULTS = [
    ("model:\n\tdropout: 0.1\n", "2:1", "a tab character"),
    ("model:\n  dropout: 0.1\n\treadout: max\n", "3:1", "a tab character"),
    ("seed: 1\nseed: 2\n", "2:1", "seed: is already set on line 1"),
    ("model:\n  head: {}\n  head: {}\n", "3:3", "model.head: is already set on line 2"),
    ("seed: &a 1\n", "1:7", "seed: anchors (&a) are not supported"),
    ("seed: 1\nname: *a\n", "2:7", "name: aliases (*a) are not supported"),
    ("model:\n  <<: {dropout: 0.1}\n", "2:3", "model.<<: merge keys (<<) are not supported"),
    ("name: !!python/object/apply:os.system [ls]\n", "1:7", "tags (!!python/object/apply:os"),
    ('name: !!binary "aGk="\n', "1:7", "name: tags (!!binary) are not supported"),
    ('seed: !!int "3"\n', "1:7", "seed: tags (!!int) are not supported"),
    ("model: !mine {}\n", "1:8", "model: tags (!mine) are not supported"),
    ("seed: 1\n---\nseed: 2\n", "2:1", "a second document begins"),
    ("seed: 1\n3: x\n", "2:1", "3: 3 cannot be a key"),
    ("true: x\n", "1:1", "true cannot be a key"),
    ("? [a, b]\n: x\n", "1:3", "a list cannot be a key"),
    ("model: {? {a: 1} : x}\n", "1:11", "a section cannot be a key"),
    ("- seed\n- 1\n", "1:1", "a list at the top level; expected keys"),
    ("  just words\n", "1:3", "text without keys at the top level"),
    ("seed: 1\nname: a\x01b\n", "2:8", "the character U+0001 is not allowed in YAML"),
    ("name: [1, 2\n", "1:7", "invalid YAML"),
    ("name: a: b\n", "1:8", "invalid YAML"),
    ("name: @x\n", "1:7", "invalid YAML"),
    ("name: " + "[" * 1000 + "\n", "1:27", "nested deeper than 20 levels"),
    ("日本: &a 1\n", "1:5", "日本: anchors (&a) are not supported"),
]


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request, monkeypatch):
    """Read with either of PyYAML's parsers."""
    if not hasattr(yaml, request.param):
        pytest.skip("PyYAML without its C parser")
    monkeypatch.setattr(yaml_reader, "_LOADER", getattr(yaml, request.param))


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(("text", "place", "message"), FAULTS)
def test_a_fault_is_named_with_its_line_and_column(refuse, text, place, message):
    lines = refuse(text)
    found = [line for line in lines if line.startswith(f"c.yaml:{place}: ")]
    assert message in "".join(found), lines


@pytest.mark.usefixtures("loader")
def test_a_duplicate_key_shows_both_lines(refuse):
    lines = refuse("seed: 1\nname: x\nseed: 2\n")
    assert lines[1:5] == ["  1 | seed: 1", "    | ^", "  3 | seed: 2", "    | ^"]


@pytest.mark.usefixtures("loader")
def test_half_a_surrogate_pair_is_refused(refuse):
    lines = refuse('text: {vocabulary: "\\ud800"}\n')
    assert lines[0].startswith("c.yaml:1:2")


@pytest.mark.usefixtures("loader")
def test_aliases_that_would_multiply_are_refused_unexpanded(refuse):
    rows = [f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]" for i in range(1, 40)]
    lines = refuse("\n".join(["x0: &x0 [lol]", *rows]))
    assert "aliases (*x0) are not supported" in "\n".join(lines)


@pytest.mark.usefixtures("loader")
def test_faults_of_yaml_and_of_values_are_told_together(refuse):
    lines = refuse("seed: -1\nname: &a x\nmodel: {dropout: 2}\n")
    places = [line.split(" ")[0] for line in lines if line.startswith("c.yaml")]
    assert places == ["c.yaml:1:7:", "c.yaml:2:7:", "c.yaml:3:18:"]


@pytest.mark.usefixtures("loader")
def test_one_document_may_begin_with_dashes_and_end_with_dots(load):
    assert load("---\nseed: 7\n...\n").config.seed == 7


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("word", ["yes", "no", "on", "2024-01-02", "1_000", "1e-3x", "<<"])
def test_text_stays_the_text_that_was_written(load, word):
    quoted = "'<<'" if word == "<<" else word
    loaded = load(f"text: {{vocabulary: {quoted}}}\n")
    assert loaded.config.text.vocabulary == word
