import json

import pytest

from nlptrain.config.fields import all_settings, describe
from nlptrain.config.load import load_config
from nlptrain.config.reference import reference, schema

PAGE = reference()


def test_every_setting_has_a_row_with_its_meaning():
    rows = {tuple(line.split(" | ")[::4]) for line in PAGE.split("\n") if line.startswith("| `")}
    for setting in all_settings():
        meaning = setting.field.description
        assert meaning
        assert (f"| `{'.'.join(setting.path)}`", f"{meaning} |") in rows, setting.path


def test_a_row_has_values_default_and_unit():
    assert (
        "| `training.schedule.warmup_steps` | whole number ≥ 1 and ≤ 1000000000 | `100` | steps "
        "| Length of the rise. |" in PAGE
    )
    assert "| `data.file.path` | text (not empty) | required |" in PAGE
    assert "| `optimizer.eps` | number > 0 | `1e-08` |" in PAGE


def test_each_kind_has_a_table_and_the_default_is_marked():
    assert "## `model.encoder` with `type: rnn` (the default)\n" in PAGE
    assert "## `model.encoder` with `type: cnn`\n" in PAGE
    assert "## `optimizer` with `type: sgd` or `type: sgd_by_hand`\n" in PAGE
    assert "## `optimizer` with `type: adam` (the default) or `type: adam_by_hand`\n" in PAGE


def test_every_table_row_has_five_cells():
    rows = [line for line in PAGE.split("\n") if line.startswith("| `")]
    # Types of one section share a table.
    assert len(rows) == len({(each.path, each.section) for each in all_settings()})
    assert {row.count("|") for row in rows} == {6}


def test_defaults_of_the_page_are_valid_settings(tmp_path):
    cells = [line.split(" | ") for line in PAGE.split("\n") if line.startswith("| `training.")]
    scalars = [(row[0][3:-1], row[2].strip("`")) for row in cells if "schedule" not in row[0]]
    path = tmp_path / "c.yaml"
    path.write_text("seed: 0\n")
    config = load_config(path, [f"{name}={value}" for name, value in scalars]).config
    assert len(scalars) > 10
    assert config.training == load_config(path).config.training


@pytest.mark.parametrize(
    ("json_schema", "text"),
    [
        (
            {"type": "integer", "minimum": 0, "exclusiveMaximum": 2**32},
            "whole number ≥ 0 and < 4294967296",
        ),
        ({"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]}, "a, b or null"),
        ({"type": "string", "minLength": 1, "maxLength": 1}, "text (1 character)"),
        ({"type": "string", "minLength": 2, "maxLength": 9}, "text (2 to 9 characters)"),
        (
            {"type": "array", "items": {"type": "number"}, "minItems": 1},
            "list of: number, not empty",
        ),
        ({"type": "array", "prefixItems": [{"type": "boolean"}]}, "[true or false]"),
    ],
)
def test_values_are_put_into_words(json_schema, text):
    assert describe(json_schema) == text


def test_the_schema_is_json_with_a_title_and_no_tags():
    made = schema()
    assert made["$schema"].startswith("https://json-schema.org/")
    assert made["title"] == "nlptrain config"
    assert "<" not in json.dumps(made)


def test_the_schema_asks_for_the_type_of_all_kinds_but_the_default():
    definitions = schema()["$defs"]
    assert "type" not in definitions["AdamSection"].get("required", [])
    assert "type" in definitions["SgdSection"]["required"]
    assert "type" in definitions["PositionFirst"]["required"]
    assert definitions["DataFile"]["required"] == ["path"]
