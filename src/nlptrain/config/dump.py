"""A RunConfig → readable YAML that loads back to an equal RunConfig."""

import re
from typing import Any

import yaml

from nlptrain.config.run import RunConfig
from nlptrain.config.scalars import resolve_plain

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")

# Other YAML readers take these words for true or false.
_YAML_1_1 = ("y", "n", "yes", "no", "on", "off")


def dump_config(config: RunConfig, *, without: tuple[str, ...] = ()) -> str:
    """Write every setting of a config as YAML, in the order of the reference.

    Args:
        config: To write.
        without: Sections left out.
    """
    data = _type_first(config.model_dump(mode="json", exclude=set(without)))
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9)
    return text


def _type_first(value: object) -> object:
    if isinstance(value, list):
        return [_type_first(item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: key != "type")
    return {key: _type_first(value[key]) for key in keys}


class _Dumper(yaml.SafeDumper):
    """Writes one setting per line, plain lists in brackets, ambiguous text in quotes."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        """Never write anchors; they cannot be read back."""
        return True

    def write_text(self, text: str) -> yaml.Node:
        """Quote text that this tool or YAML 1.1 would not read back as text."""
        is_plain = _PLAIN.fullmatch(text) is not None and resolve_plain(text) == text
        is_plain = is_plain and text.lower() not in _YAML_1_1
        return self.represent_scalar("tag:yaml.org,2002:str", text, None if is_plain else '"')

    def write_list(self, items: list[Any]) -> yaml.Node:
        """Write plain values on one line, sections on several."""
        in_line = not any(isinstance(item, dict) for item in items)
        return self.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=in_line)


_Dumper.add_representer(str, _Dumper.write_text)
_Dumper.add_representer(list, _Dumper.write_list)
