"""A config between its text and its validation: plain data, origins, and the problems so far."""

from dataclasses import dataclass, field

from nlptrain.config.problems import KeyPath, Origin, Problem, report
from nlptrain.config.scalars import Value, resolve_plain
from nlptrain.config.yaml_builder import Builder, UnreadableError, split_lines
from nlptrain.errors import ConfigError

_START = "a config has keys such as `seed: 0`; to start from one: nlptrain config copy rnn"


@dataclass
class Document:
    """A config on its way from text to a RunConfig.

    Attributes:
        name: The file, as the user knows it.
        lines: Its lines.
        data: What it says, as sections, lists, text, numbers, booleans and null.
        origins: Where each setting was said.
        problems: What was found wrong so far.
        omitted: How many more problems there are than those.
    """

    name: str
    lines: list[str]
    data: dict[str, Value] = field(default_factory=dict)
    origins: dict[KeyPath, Origin] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    omitted: int = 0

    def error(self) -> ConfigError:
        """Make one error of all problems."""
        told = report(self.problems, self.name, self.lines, self.origins, self.omitted)
        return ConfigError(told)


def read_document(text: str, name: str) -> Document:
    """Read a config file's text.

    Args:
        text: YAML with keys at the top.
        name: The file's name for messages.

    Raises:
        ConfigError: The text cannot be read at all; lesser faults stand in `problems`.
    """
    document = Document(name, split_lines(text))
    try:
        builder = Builder(text)
        data = builder.build()
        document.problems += builder.problems
        if data is None and not builder.problems:
            raise UnreadableError("says nothing", None, _START)
        if not isinstance(data, dict):
            found = "a list" if isinstance(data, list) else "text without keys"
            raise UnreadableError(f"{found} at the top, where keys belong", builder.top, _START)
        document.data, document.origins = data, dict(builder.origins)
    except UnreadableError as failure:
        document.problems.append(failure.problem)
        raise document.error() from None
    return document


def read_value(text: str) -> tuple[Value, list[Problem]]:
    """Read a value that stands alone, after `--set key=`: data, and what is wrong with it.

    Quotes and brackets are YAML; anything else is one unquoted scalar, whatever it holds.
    """
    if text[:1] not in ("[", "{", '"', "'"):
        return resolve_plain(text), []
    try:
        builder = Builder(text)
        return builder.build(), builder.problems
    except UnreadableError as failure:
        return None, [failure.problem]
