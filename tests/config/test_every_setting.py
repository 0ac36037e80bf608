"""Every setting of the reference, set wrong in every way: one clear message at the right place."""

import pytest

from nlptrain.config.fields import all_settings, kinds_of, schema_of

SETTINGS = [
    pytest.param(setting, id=f"{'.'.join(setting.path)}-{setting.kind}")
    for setting in all_settings()
]
# Of the settings that several kinds have alike, such as eps, one is tried daily.
DAILY = {(each.path, repr(schema_of(each.section, each.path[-1]))): each for each in all_settings()}


def config_with(setting, name: str, value: str) -> tuple[str, int, int]:
    """Write a config with one setting; also the line of it and the column of its value."""
    sections = setting.path[:-1]
    lines = [f"{'  ' * depth}{key}:" for depth, key in enumerate(sections)]
    indent = "  " * len(sections)
    if setting.kind and setting.path[-1] != "type":
        lines.append(f"{indent}type: {setting.kind}")
    if sections == ("data", "file") and setting.path[-1] != "path":
        lines.append(f"{indent}path: x.csv")
    lines.append(f"{indent}{name}: {value}")
    return "\n".join(lines) + "\n", len(lines), len(indent) + 1


def alternatives(schema):
    return schema.get("anyOf", schema.get("oneOf", ()))


def types_of(schema) -> set[str]:
    """List what JSON type a setting takes; an array's entries as `item:` types."""
    parts = alternatives(schema) or [schema]
    return {part.get("type", "object") for part in parts}


def wrong_types(setting) -> list[str]:
    """List values of types that the setting does not take."""
    schema = schema_of(setting.section, setting.path[-1])
    types = types_of(schema)
    if kinds_of(setting.field):
        is_list = kinds_of(setting.field).is_list
        return ["3", "word", "true", "{type: sgd}" if is_list else "[1]"]
    if types == {"object"}:
        return ["3", "word", "true", "null", "[1]", "{x: [1]}"]
    words = {part.get("items", {}).get("type") for part in alternatives(schema) or [schema]}
    values = ["{x: 1}"]
    values += ["word", "'1'", "2024-01-02"] if types & {"integer", "number", "boolean"} else []
    values = ["{x: 1}"] if {"integer", "string"} <= types else values
    values += ["[1]"] if "array" not in types else ["3", "[[]]", "[null]"]
    values += ["[x]"] if "array" in types and "string" not in words else []
    values += ["1", "1.5", "yes"] if types == {"boolean"} else []
    values += ["1.5"] if "integer" in types else []
    values += ["true"] if "boolean" not in types else []
    values += ["null", ""] if "null" not in types else []
    values += ["12"] if types <= {"string", "null"} else []
    return values


def out_of_range(schema) -> list[str]:
    """List values just outside a setting's bounds, from its JSON schema."""
    values = [value for part in alternatives(schema) for value in out_of_range(part)]
    for bound, step in [("minimum", -1), ("exclusiveMinimum", 0)]:
        values += [str(schema[bound] + step)] if bound in schema else []
    for bound, step in [("maximum", 1), ("exclusiveMaximum", 0)]:
        values += [str(schema[bound] + step)] if bound in schema else []
    values += ["no_such_word"] if "enum" in schema or "const" in schema else []
    values += ["''"] if schema.get("minLength") else []
    values += ["x" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
    values += [".inf", ".nan"] if schema.get("type") == "number" else []
    values += ["[]"] if schema.get("minItems") else []
    values += ["[1, 1, 1]"] if "maxItems" in schema else []
    for item in [schema["items"]] if "items" in schema else schema.get("prefixItems", ())[:1]:
        count = schema.get("minItems", 1)
        values += [f"[{', '.join([value] * count)}]" for value in out_of_range(item)]
    return values


def assert_refused_at(lines: list[str], setting, row: int, column: int | None = None) -> None:
    path = ".".join(setting.path)
    place = f"c.yaml:{row}:" if column is None else f"c.yaml:{row}:{column}: "
    heads = [line for line in lines if line.startswith(place) and f" {path}" in line]
    assert heads, lines
    assert "Input should" not in "\n".join(lines)
    assert not [line for line in lines if "<" in line.replace("< ", "")]


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param(
            each.values[0],
            id=each.id,
            marks=() if each.values[0] in DAILY.values() else pytest.mark.long,
        )
        for each in SETTINGS
    ],
)
def test_a_wrong_type_is_refused_at_its_line(refuse, setting):
    values = wrong_types(setting)
    assert len(values) >= 2
    for value in values:
        text, row, _ = config_with(setting, setting.path[-1], value)
        assert_refused_at(refuse(text), setting, row)


@pytest.mark.long
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_value_out_of_range_is_refused_at_its_line(refuse, setting):
    for value in out_of_range(schema_of(setting.section, setting.path[-1])):
        text, row, _ = config_with(setting, setting.path[-1], value)
        assert_refused_at(refuse(text), setting, row)


@pytest.mark.long
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_misspelt_name_is_refused_at_its_key_with_the_right_one(refuse, setting):
    name = setting.path[-1]
    text, row, column = config_with(setting, f"{name}x", "1")
    lines = refuse(text)
    head = f"c.yaml:{row}:{column}: {'.'.join(setting.path)}x: unknown key"
    hints = lines[lines.index(head) + 1 :]
    assert f"did you mean '{name}'?" in "\n".join(hints)


@pytest.mark.long
@pytest.mark.parametrize("setting", SETTINGS)
def test_an_override_out_of_range_is_named_by_its_argument(refuse, setting):
    path = ".".join(setting.path)
    text, _, _ = config_with(setting, setting.path[-1], "null")
    # A setting that takes names by name takes {x: 1}.
    wrong = "{x: [1]}" if setting.path[-1] == "labels" else "{x: 1}"
    lines = refuse(text, f"{path}={wrong}")
    assert [line for line in lines if line.startswith(f"--set {path}={wrong}: ")], lines


def test_the_walk_meets_bounds_of_every_sort():
    values = [
        value for s in all_settings() for value in out_of_range(schema_of(s.section, s.path[-1]))
    ]
    assert len(values) > 150
    assert {"0", "-1", "[]", "''", "no_such_word", ".nan", "[0]"} <= set(values)
