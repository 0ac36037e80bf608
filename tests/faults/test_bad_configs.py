"""Configs made bad by mutation: none is accepted in silence, each error names the line and the key.

What is legal is told by JSON Schema's own validator, not by ours; what a word of YAML means, by the
table of YAML 1.2. `MUTATIONS=20000` tries more than a usual run.
"""

import itertools
import json
import math
import os
import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, validators

from nlptrain.config.fields import all_settings
from nlptrain.config.load import load_config
from nlptrain.config.reference import schema
from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError
from nlptrain.reporting.literal import literal_lines

MUTATIONS = int(os.environ.get("MUTATIONS", "150"))
EVERY = settings(max_examples=MUTATIONS, derandomize="MUTATIONS" not in os.environ, database=None)
SETTINGS = list(all_settings())


def is_number(_, value):
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_integer(_, value):
    return isinstance(value, int) and not isinstance(value, bool)


TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {"number": is_number, "integer": is_integer}
)
"""JSON Schema takes 1.0 for a whole number; a config does not."""
ORACLE = validators.extend(Draft202012Validator, type_checker=TYPES)(schema())


def config_around(setting):
    """Write a whole valid config in which the setting's section is of the setting's kind."""
    data = RunConfig().model_dump(mode="json")
    *sections, _ = setting.path
    if sections[:2] == ["data", "file"] or sections[:2] in (["data", "split"], ["data", "folds"]):
        data["data"] |= {"file": {"path": "x.csv"}, "task": None}
    owner = data
    for name in sections[:-1]:
        owner = owner[name]
    if sections:
        required = {"path": "x.csv"} if sections == ["data", "file"] else {}
        owner[sections[-1]] = setting.section(**required).model_dump(mode="json")
        owner = owner[sections[-1]]
    return data, owner


def write(data, path=(), indent=0):
    """Write sections line by line, and values as JSON: the lines, and the line of each path."""
    lines, rows = [], {}
    for key, value in data.items():
        rows[*path, key] = len(lines)
        pad = "  " * indent
        if isinstance(value, dict) and value and not isinstance(value, Inline):
            below, places = write(value, (*path, key), indent + 1)
            rows |= {place: row + len(lines) + 1 for place, row in places.items()}
            lines += [f"{pad}{key}:", *below]
        else:
            lines.append(f"{pad}{key}: {to_yaml(value)}")
    return lines, rows


class Inline(dict):
    """A section that is written on one line."""


class Plain(str):
    """A word that is written without quotes."""


def to_yaml(value):
    if isinstance(value, Plain):
        return str(value)
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(r"-?\b(NaN|Infinity)\b", lambda n: SPECIAL[n.group()], text)


SPECIAL = {"NaN": ".nan", "Infinity": ".inf", "-Infinity": "-.inf"}
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
WORDS = st.sampled_from(["", "none", "auto", "rnn", "Adam", "sgd ", "1", "true", "x" * 5000, "\t"])
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([10**30, -(10**30), 2**31, 2**63, 65_537, 1e308, 5e-324, -0.0, 0.5, 1.0]),
    st.floats(allow_nan=True),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS, TEXTS.filter(lambda t: "N" not in t))
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.lists(st.lists(SCALARS, max_size=2), max_size=2),
    st.dictionaries(st.sampled_from(["type", "x", "learning_rate"]), SCALARS, max_size=2).map(
        Inline
    ),
)
TRAPS = {
    "yes": "yes",
    "off": "off",
    "012": "012",
    "0x10": "0x10",
    "1_000": "1_000",
    "1e3": 1e3,
    "1.": 1.0,
    ".5": 0.5,
    "+1": 1,
    "12:30:45": "12:30:45",
    "2024-01-01": "2024-01-01",
    "~": None,
    "": None,
    "NULL": None,
    "True": True,
    "FALSE": False,
    ".inf": math.inf,
    "-.INF": -math.inf,
    ".nan": math.nan,
    "'1'": "1",
    "[]": [],
    "[1, yes]": [1, "yes"],
    "{}": {},
    "1e999": math.inf,
    "=": "=",
}
"""Words of YAML, and what they mean in version 1.2."""
POISON = [
    "!!python/object/apply:os.system [echo]",
    "!!binary aGk=",
    "!custom 1",
    "!!int 1",
    "&anchor 1",
    "*alias",
    "{<<: {seed: 1}}",
    "@at",
    "`tick",
    "%directive",
    "| x",
    "{[1]: 2}",
    "{1: 2}",
    "{null: 2}",
    "{a: 1, a: 2}",
    "[" * 30 + "]" * 30,
    "a: b: c",
    "- a",
    "x\x1b[31m",
    "x\x00",
]
"""Values that no setting takes."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("configs")


def load(folder, lines, *overrides):
    """Load lines; the error's lines, or the config as plain data."""
    path = folder / "c.yaml"
    path.write_bytes("\n".join([*lines, ""]).encode("utf-8", "surrogatepass"))
    try:
        return None, load_config(path, overrides).config.model_dump(mode="json")
    except ConfigError as error:
        return str(error).replace(f"{folder}/", "").split("\n"), None


def assert_refused(lines, row, name):
    """Want the line and the key of the fault, and words of ours about what may stand there."""
    assert lines is not None, "accepted in silence"
    heads = [line for line in lines if line.startswith(f"c.yaml:{row + 1}:") and name in line]
    assert heads, lines
    text = "\n".join(lines)
    assert "Input should" not in text
    assert all(len(line) < 1500 and literal_lines(line) == line for line in lines), lines


def value_at(data, path):
    for key in path:
        data = data[key]
    return data


def assert_told(folder, setting, value, meaning):
    """Set a value; it is refused at its line if the schema forbids it, else it is what it says."""
    data, owner = config_around(setting)
    name = setting.path[-1]
    owner[name] = meaning
    is_legal = ORACLE.is_valid(json.loads(json.dumps(data)))
    owner[name] = value
    lines, rows = write(data)
    problem, loaded = load(folder, lines)
    if loaded is not None:
        assert is_legal, "accepted in silence"
        found = value_at(loaded, setting.path)
        is_path = (setting.field.json_schema_extra or {}).get("path") and found is not None
        if isinstance(found, float):
            # Whole numbers beyond 2⁵³ lose their last digits here.
            meaning = float(meaning)
        assert found == meaning or isinstance(meaning, dict) or is_path, found
    elif is_legal:
        assert any(f"{setting.path[0]}" in line for line in problem), problem
    else:
        assert_refused(problem, rows[setting.path], name)
        allowed = re.compile("allowed|one of|is not|takes|empty|nothing|unknown|missing|finite")
        assert allowed.search("\n".join(problem))


@pytest.mark.long
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: f"{'.'.join(s.path)}-{s.kind}")
def test_the_config_around_a_setting_is_good(folder, setting):
    data, _ = config_around(setting)
    assert load(folder, write(data)[0])[0] is None


@pytest.mark.long
@EVERY
@given(st.sampled_from(SETTINGS), VALUES)
def test_any_value_is_refused_at_its_line_or_legal(folder, setting, value):
    assert_told(folder, setting, value, value)


@pytest.mark.long
@EVERY
@given(st.sampled_from(SETTINGS), st.sampled_from(sorted(TRAPS)))
def test_a_trap_of_yaml_means_what_version_1_2_says(folder, setting, word):
    assert_told(folder, setting, Plain(word), TRAPS[word])


@pytest.mark.long
@EVERY
@given(st.sampled_from(SETTINGS), st.sampled_from(POISON))
def test_poison_is_refused_at_its_line(folder, setting, value):
    data, owner = config_around(setting)
    owner[setting.path[-1]] = Plain(value)
    lines, rows = write(data)
    problem, _ = load(folder, lines)
    row = rows[setting.path] + 1
    assert problem is not None, "accepted in silence"
    assert [line for line in problem if line.startswith((f"c.yaml:{row}:", f"c.yaml:{row + 1}:"))]


@pytest.mark.long
@EVERY
@given(st.sampled_from(SETTINGS), st.sampled_from(['"open', "'open", "[a, b", "{a: 1"]))
def test_what_is_never_closed_is_refused_there_or_below(folder, setting, value):
    data, owner = config_around(setting)
    owner[setting.path[-1]] = Plain(value)
    lines, rows = write(data)
    problem, _ = load(folder, lines)
    assert problem is not None, "accepted in silence"
    places = [re.match(r"c\.yaml:(\d+):\d+: ", line) for line in problem]
    assert min(int(place[1]) for place in places if place) > rows[setting.path]


def misspell(draw, name):
    """Change a name by one letter or its case."""
    place = draw(st.integers(0, len(name) - 1))
    return draw(
        st.sampled_from(
            [
                name[:place] + name[place + 1 :],
                name[:place] + name[place] + name[place:],
                name[:place] + "q" + name[place + 1 :],
                name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
                name.upper(),
                name.replace("_", "-"),
                f"{name} x",
                f"model.{name}",
            ]
        )
    )


@pytest.mark.long
@EVERY
@given(st.data(), st.sampled_from(SETTINGS))
def test_a_misspelt_key_is_refused_at_its_line(folder, data, setting):
    config, owner = config_around(setting)
    name = setting.path[-1]
    wrong = misspell(data.draw, name)
    if wrong in owner or not wrong:
        return
    value = owner.pop(name)
    owner[wrong] = Inline(value) if isinstance(value, dict) else value
    lines, rows = write(config)
    assert_refused(load(folder, lines)[0], rows[*setting.path[:-1], wrong], wrong)


@pytest.mark.long
@EVERY
@given(st.sampled_from(SETTINGS), st.sampled_from(SETTINGS))
def test_a_key_on_another_level_is_refused_or_belongs_there(folder, setting, other):
    data, owner = config_around(other)
    name = setting.path[-1]
    if name in owner:
        return
    owner[name] = None
    lines, rows = write(data)
    assert_refused(load(folder, lines)[0], rows[*other.path[:-1], name], name)


@pytest.mark.long
@EVERY
@given(st.sampled_from(SETTINGS), st.booleans())
def test_a_repeated_key_is_refused_at_its_second_line(folder, setting, is_next):
    lines, rows = write(config_around(setting)[0])
    row, depth = rows[setting.path], len(setting.path) - 1
    end = row + 1
    while end < len(lines) and lines[end].startswith("  " * (depth + 1)):
        end += 1
    last = end
    while not is_next and last < len(lines) and lines[last].startswith("  " * depth or " " * 99):
        last += 1
    lines.insert(last, "  " * depth + f"{setting.path[-1]}: null")
    assert_refused(load(folder, lines)[0], last, f"is already set on line {row + 1}")


def key_paths(data, path=()):
    """List the path of every key, lists left out."""
    for key, value in data.items() if isinstance(data, dict) else ():
        yield (*path, key)
        yield from key_paths(value, (*path, key))


@pytest.mark.long
@EVERY
@given(st.sampled_from(SETTINGS), st.sampled_from([-2, -1, 1, 3]))
def test_a_line_indented_otherwise_is_refused_near_it(folder, setting, shift):
    data, _ = config_around(setting)
    lines, rows = write(data)
    row = rows[setting.path]
    before = len(lines[row]) - len(lines[row].lstrip())
    if before + shift < 0 or row == 0:
        return
    lines[row] = " " * (before + shift) + lines[row].lstrip()
    problem, loaded = load(folder, lines)
    if problem is None:
        said = yaml.load("\n".join(lines), Loader=yaml.BaseLoader)
        assert set(key_paths(said)) <= set(key_paths(loaded)), "dropped in silence"
        return
    assert re.search(r"c\.yaml:\d+:\d+: ", problem[0])


@pytest.mark.long
@EVERY
@given(st.sampled_from(SETTINGS), VALUES)
def test_an_override_is_refused_by_its_name_or_legal(folder, setting, value):
    data, owner = config_around(setting)
    lines, _ = write(data)
    text = to_yaml(value)
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
    problem, loaded = load(folder, lines, f"{'.'.join(setting.path)}={text}")
    owner[setting.path[-1]] = value
    if loaded is not None:
        assert ORACLE.is_valid(json.loads(json.dumps(data))), "accepted in silence"
    else:
        assert any(line.startswith(f"--set {setting.path[0]}") for line in problem) or (
            ORACLE.is_valid(json.loads(json.dumps(data)))
        ), problem


LAUGHS = "a: &a [x]\n" + "\n".join(
    f"{b}: &{b} [*{a},*{a}]" for a, b in itertools.pairwise("abcdefghi")
)
TEXTS_OF_FILES = {
    "nothing": (b"", "has no settings"),
    "only a comment": (b"# seed: 0\n", "has no settings"),
    "null": (b"~\n", "has no settings"),
    "a scalar": (b"seed\n", "text without keys at the top level"),
    "a list": (b"- seed: 0\n", "a list at the top"),
    "a billion laughs": (LAUGHS.encode(), "anchors (&a) are not supported"),
    "an anchor of itself": (b"data: &a [*a]\n", "aliases (*a) are not supported"),
    "10 MB": (b"seed: 0\n" * 1_250_000, "larger than 1 MB"),
    "a long line": (b"name: " + b"x" * 900_000, "characters long"),
    "deep lists": (b"data: " + b"[" * 400_000, "nested deeper than 20 levels"),
    "deep sections": (
        "".join(f"{' ' * n}a:\n" for n in range(900)).encode(),
        "nested deeper than 20 levels",
    ),
    "many keys": (b"".join(b"k%d: 1\n" % n for n in range(2000)), "unknown key"),
    "bytes": (bytes(range(256)), "is not UTF-8"),
    "a NUL": (b"seed: 0\0\n", "the character U+0000 is not allowed in YAML"),
    "UTF-16": ("seed: 0\n".encode("utf-16"), "is not UTF-8"),
    "UTF-32": ("seed: 0\n".encode("utf-32-le"), "U+0000 is not allowed in YAML"),
    "a surrogate": (b"name: \xed\xa0\x80\n", "is not UTF-8"),
    "a tab character": (b"data:\n\tfresh: true\n", "a tab character; YAML requires spaces here"),
    "two documents": (b"seed: 0\n---\nseed: 1\n", "a second document begins"),
    "a directive": (b"%TAG ! tag:x,2000:\n--- !x\nseed: 0\n", "tags (tag:x,2000:x) are not"),
    "a merge": (b"data:\n  <<: {fresh: true}\n", "merge keys (<<) are not supported"),
    "a number as key": (b"1: 2\n", "1 cannot be a key; keys are text"),
    "a list as key": (b"? [a]\n: 1\n", "a list cannot be a key"),
    "a deep duplicate": (
        b"data:\n  task:\n    type: dyck1\n    type: dyck1\n",
        "already set on line 3",
    ),
    "a pickle": (b"\x80\x04\x95.", "is not UTF-8"),
    "a call": (
        b"!!python/object/apply:os.system [echo]\n",
        "tags (!!python/object/apply:os.system)",
    ),
}
"""What a config file may hold instead of a config, and what is said of it."""


@pytest.mark.parametrize(("content", "words"), TEXTS_OF_FILES.values(), ids=TEXTS_OF_FILES)
def test_what_is_no_config_is_refused_in_few_words(cli, workplace, content, words):
    (workplace / "c.yaml").write_bytes(content)
    code, out, err = cli("config", "check", "c.yaml")
    assert (code, out) == (1, "")
    assert words in err
    assert "Traceback" not in err
    assert len(err) < 20_000
