"""A config file and overrides → one validated RunConfig."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nlptrain.config.fields import all_settings, child
from nlptrain.config.overrides import apply_overrides, apply_settings
from nlptrain.config.packaged import packaged_configs, suggest_packaged
from nlptrain.config.plain import convert_settings, read_dict, use_file
from nlptrain.config.problems import Document, FromFile, FromOverride, KeyPath, Problem
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
    source: str | Path | Mapping[str, Any],
    overrides: Sequence[str] = (),
    varied: Sequence[str] | None = None,
    *,
    settings: Mapping[KeyPath, Any] | None = None,
    data_file: Path | None = None,
) -> LoadedConfig:
    """Load a config.

    Args:
        source: A file, or the name of a packaged config, of which an existing file takes
            precedence; or a config as a dict, whose paths are relative to the current folder.
        overrides: `key.path=value` arguments, applied in order.
        varied: `key.path=from..to` or `key.path=value,value` arguments: more of `search.space`.
            None: nothing is searched, and the space not held against the settings that it names.
        settings: Values by the keys that lead to them, applied before the overrides.
        data_file: A table of strings and labels in place of the config's data.

    Raises:
        ConfigError: Everything wrong with the file and the overrides.
    """
    document, folder = _open(source)
    if data_file is not None:
        use_file(document, data_file)
    notes = apply_settings(document, convert_settings(document, settings or {}))
    notes += apply_overrides(document, overrides)
    search_variations(document, varied or ())
    _make_paths_absolute(document, folder)
    config = validate(document)
    if varied is not None:
        check_space(document, config)
    if document.problems:
        raise document.error()
    return LoadedConfig(config, notes)


def _open(source: str | Path | Mapping[str, Any]) -> tuple[Document, Path]:
    """Read a config, named after its file, and return the folder that its paths begin in."""
    if isinstance(source, Mapping):
        return read_dict(source), Path.cwd()
    try:
        path = _find(source)
        content = _read(path)
    except OSError as failure:
        raise ConfigError(f"{source}: cannot read: {failure.strerror}") from None
    document = read_document(_decode(content, str(path)), str(path))
    if "name" not in document.data and _is_name(path.stem):
        document.data["name"] = path.stem
    return document, path.parent


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
