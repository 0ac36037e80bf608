"""A config file and overrides → one validated RunConfig."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nlptrain.config.fields import all_settings, child
from nlptrain.config.overrides import apply_overrides
from nlptrain.config.packaged import packaged_configs, suggest_packaged
from nlptrain.config.problems import Document, FromFile, FromOverride, Problem
from nlptrain.config.run import RunConfig
from nlptrain.config.space_check import check_space
from nlptrain.config.validation import validate
from nlptrain.config.vary import search_variations
from nlptrain.config.yaml_reader import mark_at, read_document, split_lines
from nlptrain.errors import ConfigError

_MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class LoadedConfig:
    """A validated config, and notes on what was ignored, for standard error."""

    config: RunConfig
    notes: tuple[str, ...]


def load_config(
    source: str | Path, overrides: Sequence[str] = (), varied: Sequence[str] | None = None
) -> LoadedConfig:
    """Load a config.

    Args:
        source: A file, or the name of a packaged config; an existing file takes precedence.
        overrides: `key.path=value` arguments, applied in order.
        varied: `key.path=from..to` or `key.path=value,value` arguments: more of `search.space`.
            None: nothing is searched, and the space not held against the settings that it names.

    Raises:
        ConfigError: Everything wrong with the file and the overrides.
    """
    try:
        path = _find(source)
        content = _read(path)
    except OSError as failure:
        raise ConfigError(f"{source}: cannot read: {failure.strerror}") from None
    document = read_document(_decode(content, str(path)), str(path))
    notes = apply_overrides(document, overrides)
    search_variations(document, varied or ())
    _make_paths_absolute(document, path.parent)
    if "name" not in document.data and _is_name(path.stem):
        document.data["name"] = path.stem
    config = validate(document)
    if varied is not None:
        check_space(document, config)
    if document.problems:
        raise document.error()
    return LoadedConfig(config, notes)


def _find(source: str | Path) -> Path:
    path, packaged = Path(source), packaged_configs()
    if str(source) in packaged and not path.is_file():
        return packaged[str(source)]
    if not path.exists():
        raise ConfigError(f"{source}: no such file{suggest_packaged(str(source))}")
    return path


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder, not a config file; name a file in it")
    with path.open("rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ConfigError(f"{path}: larger than 1 MB, too large for a config; is it a data file?")
    return content


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        before = content[: failure.start].decode("utf-8", "replace")
        document = Document(name, split_lines(content.decode("utf-8", "replace")))
        mark = mark_at(before, len(before))
        text = f"byte 0x{content[failure.start]:02x} is not UTF-8"
        hint = "save the file as UTF-8"
        document.problems.append(Problem((), text, (hint,), origin=FromFile(mark, mark)))
        raise document.error() from None


def _make_paths_absolute(document: Document, folder: Path) -> None:
    """Make each path in the data absolute, so that a run folder's copy of the config stays valid.

    Paths in the file are relative to its folder, those in overrides to the current folder.
    """
    for setting in all_settings():
        extra = setting.field.json_schema_extra
        if not (isinstance(extra, dict) and extra.get("path")):
            continue
        section: Any = document.data
        for part in setting.path[:-1]:
            section = child(section, part)
        value = child(section, setting.path[-1])
        if not isinstance(value, str) or not value:
            continue
        if "\0" in value:
            text = "a path cannot contain the character NUL"
            document.problems.append(Problem(setting.path, text))
            continue
        from_override = isinstance(document.find_origin(setting.path), FromOverride)
        start = Path.cwd() if from_override else folder
        path = Path(start, os.path.expanduser(value))  # noqa: PTH111  Path's own fails without a home
        # The last name is not resolved: a symbolic link keeps its own ending.
        section[setting.path[-1]] = str(Path(os.path.realpath(path.parent)) / path.name)


def _is_name(stem: str) -> bool:
    """Return whether a file's name is allowed as a run's name."""
    try:
        RunConfig(name=stem)
    except ValidationError:
        return False
    return True
