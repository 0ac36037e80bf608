"""What all settings are, for people (Markdown) and for editors (JSON schema), from the sections."""

import json
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from nlptrain.config.allowed import describe, schema_of
from nlptrain.config.fields import Setting, all_settings, kinds_of
from nlptrain.config.problems import dotted, join_choices
from nlptrain.config.run import RunConfig
from nlptrain.settings.section import Section

_HEADER = """# Every setting of a config

Made by `nlptrain config reference`. A setting that a config does not say has its default.
On the command line: `--set path=value`, for example `--set model.encoder.hidden_size=32`.
"""
_COLUMNS = "| setting | values | default | unit | meaning |\n|---|---|---|---|---|"


def reference() -> str:
    """Write the Markdown page of every setting, one table a section and kind."""
    tables: dict[tuple[tuple[str, ...], str], list[Setting]] = {}
    defaults: dict[tuple[str, ...], str] = {}
    for setting in all_settings():
        tables.setdefault((setting.path[:-1], setting.kind), []).append(setting)
        kinds = kinds_of(setting.field)
        defaults[setting.path] = kinds.default if kinds else ""
    pages = [
        _table(rows, is_default=bool(kind) and defaults[path] == kind)
        for (path, kind), rows in tables.items()
    ]
    return "\n".join([_HEADER, *pages])


def schema() -> dict[str, Any]:
    """Make the JSON schema of a config, for editors that check and complete YAML."""
    made = RunConfig.model_json_schema()
    for name in _kinds_to_name():
        # Without this, keys that several kinds share would fit all of them, and so none.
        made["$defs"][name]["required"] = [*made["$defs"][name].get("required", ()), "type"]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A config of nlptrain",
    }
    return head | {key: value for key, value in made.items() if key not in head}


def _kinds_to_name() -> list[str]:
    """List the sections that are chosen only by saying their `type`."""
    kinds = [kinds for setting in all_settings() if (kinds := kinds_of(setting.field))]
    named = {
        section.__name__: None
        for choice in kinds
        for kind, section in choice.sections.items()
        if kind != choice.default
    }
    return list(named)


def _table(rows: list[Setting], *, is_default: bool) -> str:
    first = rows[0]
    title = f"`{dotted(first.path[:-1])}`" if first.path[:-1] else "The top"
    if first.kind:
        title += f" with `type: {first.kind}`" + (" (the default)" if is_default else "")
    meaning = (first.section.__doc__ or "").partition("\n\n")[0]
    return "\n".join([f"## {title}\n\n{meaning}\n\n{_COLUMNS}", *map(_row, rows), ""])


def _row(setting: Setting) -> str:
    field = setting.field
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    cells = [
        f"`{dotted(setting.path)}`",
        _values(setting),
        _default(field),
        unit,
        field.description or "",
    ]
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _values(setting: Setting) -> str:
    kinds = kinds_of(setting.field)
    if kinds is None:
        return describe(schema_of(setting.section, setting.path[-1]))
    words = "list of sections" if kinds.is_list else "section"
    words += "" if "" in kinds.sections else f" of type {join_choices(list(kinds.sections))}"
    return words if setting.field.default is not None else f"{words}, or null"


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    return f"`{_show_default(field.default)}`"


def _show_default(value: object) -> str:
    if isinstance(value, Section):
        return str(getattr(value, "type", "{}"))
    if isinstance(value, tuple):
        return f"[{', '.join(map(_show_default, value))}]"
    return value if isinstance(value, str) else json.dumps(value)
