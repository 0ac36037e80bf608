"""Paths in a config are absolute once it is loaded, so that a run folder's copy stays true."""

import os
from pathlib import Path
from typing import Any

from nlptrain.config.document import Document
from nlptrain.config.fields import all_settings, child
from nlptrain.config.problems import FromOverride, Problem, nearest


def make_paths_absolute(document: Document, folder: Path) -> None:
    """Replace each path in the data by an absolute one.

    Args:
        document: The config; its data is changed.
        folder: What the file's paths are relative to; those of --set are to the current folder.
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
            document.problems.append(Problem(setting.path, "a path cannot hold the character NUL"))
            continue
        from_override = isinstance(nearest(document.origins, setting.path), FromOverride)
        start = Path.cwd() if from_override else folder
        section[setting.path[-1]] = _absolute(start, value)


def _absolute(start: Path, value: str) -> str:
    """Join and resolve all but the last name: a linked file keeps its own ending."""
    path = Path(start, os.path.expanduser(value))  # noqa: PTH111  Path's own fails without a home
    return str(Path(os.path.realpath(path.parent)) / path.name)
