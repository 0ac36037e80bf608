from typing import get_args

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nlptrain.config.dump import dump_config
from nlptrain.config.fields import kinds_of, schema_of
from nlptrain.config.load import load_config
from nlptrain.config.optimizer import SgdSection
from nlptrain.config.run import RunConfig
from nlptrain.settings import kinds
from nlptrain.tasks.contains_any import ContainsAny

TRAPS = [
    "no",
    "1e-3",
    "007",
    "null",
    "~",
    "<<",
    "a: b",
    "#",
    "- a",
    "😀",
    "é\u0301",
    "\u2028",
    "=",
    "y",
]
TEXTS = st.sampled_from(TRAPS) | st.text(max_size=20)
PATHS = st.text(st.characters(exclude_characters="\0/.", exclude_categories=["Cs"]), min_size=1)
KINDS = get_args(kinds.Readout)
SPECIAL = {
    "name": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", fullmatch=True),
    "readout": st.sampled_from(KINDS) | st.lists(st.sampled_from(KINDS), min_size=1, unique=True),
    "device": st.sampled_from(["auto", "cpu", "cuda", "cuda:12"]),
    "vectors": PATHS.map(lambda name: f"/nowhere/{name}"),
    "space": st.fixed_dictionaries(
        {},
        optional={
            "training.batch_size": st.just({"from": 8, "to": 64, "log": True}),
            "model.dropout": st.just([0.0, 0.5]),
            "text.lowercase": st.just([True, False]),
        },
    ),
    "try_first": st.just([]),
    "objective": st.sampled_from([None, "loss", ["accuracy", "parameters"]]),
    "prefer": st.just("best"),
}


def values_of(schema):
    """Draw what a JSON schema allows."""
    if "anyOf" in schema:
        return st.one_of([values_of(part) for part in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    if schema["type"] == "integer":
        return st.integers(low, schema.get("exclusiveMaximum", 10**6) - 1)
    if schema["type"] == "number":
        open_ends = {"exclude_min": "exclusiveMinimum" in schema, "allow_infinity": False}
        high = high or schema.get("exclusiveMaximum", 1e300)
        return st.floats(low, high, exclude_max=True, **open_ends)
    if schema["type"] == "array":
        items = schema.get("prefixItems") or [schema["items"]] * 3
        return st.tuples(*map(values_of, items)).map(list)
    if schema["type"] != "string":
        return {"null": st.none(), "boolean": st.booleans()}[schema["type"]]
    least, most = schema.get("minLength", 0), schema.get("maxLength", 30)
    return TEXTS.filter(lambda text: least <= len(text) <= most)


def sections(section):
    """Draw data for a section: any of its settings."""
    fields = {}
    for name, field in section.model_fields.items():
        kinds = kinds_of(field)
        if name == "data":
            fields[name] = DATA
        elif kinds is None:
            is_special = name in SPECIAL
            fields[name] = SPECIAL[name] if is_special else values_of(schema_of(section, name))
        else:
            one = st.one_of([typed(kind, below) for kind, below in kinds.sections.items()])
            fields[name] = st.lists(one, min_size=1, max_size=3) if kinds.is_list else one
    return st.fixed_dictionaries({}, optional=fields)


def typed(kind, section):
    return sections(section).map(lambda data: data | ({"type": kind} if kind else {}))


DATA = st.one_of(
    st.fixed_dictionaries(
        {
            "file": st.fixed_dictionaries(
                {"path": PATHS.map(lambda name: f"/nowhere/{name}"), "label": TEXTS},
                optional={"text": TEXTS, "delimiter": st.characters(exclude_categories=["Cs"])},
            )
        }
    ),
    st.fixed_dictionaries(
        {"task": st.text(min_size=2).map(lambda a: {"alphabet": "".join(sorted({*a, "a", "z"}))})}
    ),
    st.just({}),
)


@given(data=sections(RunConfig))
@settings(max_examples=60, deadline=None)
def test_a_config_comes_back_from_yaml_unchanged(data, tmp_path_factory):
    try:
        config = RunConfig.model_validate(data)
    except ValidationError:
        assume(False)
    text = dump_config(config)
    path = tmp_path_factory.getbasetemp() / "round_trip.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    loaded = load_config(path).config
    assert loaded == config
    assert dump_config(loaded) == text


@given(data=sections(RunConfig))
@settings(max_examples=50, deadline=None)
def test_other_readers_of_yaml_see_the_same_values(data):
    try:
        config = RunConfig.model_validate(data)
    except ValidationError:
        assume(False)
    assert yaml.safe_load(dump_config(config)) == config.model_dump(mode="json")


def test_a_dump_reads_like_a_config():
    text = dump_config(RunConfig(name="x", optimizer=SgdSection(momentum=0.9)))
    assert text.startswith("name: x\nseed: 0\nengine: auto\n")
    assert "optimizer:\n  type: sgd\n  learning_rate: 0.1\n  momentum: 0.9\n" in text
    assert "  head:\n    hidden_sizes: []\n" in text


def test_doubtful_text_is_quoted_and_plain_text_is_not():
    data = {"task": ContainsAny(alphabet="no", characters="n")}
    text = dump_config(RunConfig.model_validate({"data": data, "text": {"vocabulary": "on"}}))
    assert 'alphabet: "no"' in text
    assert "characters: n" not in text
    assert "type: contains_any\n" in text
