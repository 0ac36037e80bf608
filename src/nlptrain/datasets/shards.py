"""Several files that make one table: a folder of shards, or a pattern of their names."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path
from urllib.parse import unquote

from nlptrain.datasets.cleaning_report import count, list_first
from nlptrain.datasets.tables.layout import FORMATS, TableFormat, find_format
from nlptrain.errors import DataError

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""What Hive and Spark call the folder of the rows that have no value."""
_HIDDEN = (".", "_")
"""How the names of files begin that are about a table and no part of it: _SUCCESS, .crc."""


@dataclass(frozen=True)
class Shard:
    """One of the files.

    Attributes:
        path: Where it is.
        name: The same, as seen from the folder that all lie in.
        partition: What the names of its folders say, as label=x: a column's value in all rows.
    """

    path: Path
    name: Path
    partition: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Shards:
    """The files, in the order of their names.

    Attributes:
        given: The file, the folder or the pattern.
        root: The folder that all lie in.
        parts: The files, one at least; a single file that was given may not be there.
        notes: Which files of the folder are none of them.
    """

    given: Path
    root: Path
    parts: tuple[Shard, ...]
    notes: tuple[str, ...] = ()


def is_sharded(given: Path) -> bool:
    """Return whether a path stands for shards: it is a folder, or else a pattern and no file."""
    return given.is_dir() or (has_magic(str(given)) and not given.exists())


def find_shards(given: Path, table_format: TableFormat | None = None) -> Shards:
    """Find the files that a path stands for: itself, those of a folder or those of a pattern.

    Files and folders below it whose names begin with a dot or an underscore are passed over.

    Args:
        given: A file, a folder, or a pattern as a shell has them, with ** for folders of any depth.
        table_format: The format of all files; None: their endings tell it.

    Raises:
        DataError: There are none, or they are of several formats.
    """
    if not is_sharded(given):
        return Shards(given, given.parent, (Shard(given, Path(given.name)),))
    if given.is_dir():
        root, found = given, _list_files(given)
    else:
        root = _find_root(given)
        found = _list_matches(root, given)
    notes = []
    if given.is_dir() and table_format is None and (other := [p for p in found if not _knows(p)]):
        found = [path for path in found if _knows(path)]
        names = list_first([str(path.relative_to(root)) for path in other], len(other))
        notes = [f"{given}: left out, as the ending tells no format: {', '.join(names)}"]
    if not found:
        is_folder = f"holds no file whose ending tells a format: {', '.join(FORMATS)}"
        raise DataError(f"{given}: {is_folder if given.is_dir() else 'matches no file'}")
    if table_format is None:
        _check_formats(given, root, found)
    parts = tuple(_make_shard(path, root) for path in found)
    return Shards(given, root, parts, notes=tuple(notes))


def _find_root(pattern: Path) -> Path:
    """Find the folder before the first part of a pattern that stands for several names."""
    return next(parent for parent in pattern.parents if not has_magic(str(parent)))


def _list_matches(root: Path, pattern: Path) -> list[Path]:
    """List the files that a pattern matches, and those in the folders that it matches."""
    matches = list(root.glob(str(pattern.relative_to(root))))
    files = {path for path in matches if path.is_file()}.union(
        *(_list_files(path) for path in matches if path.is_dir())
    )
    return sorted(path for path in files if not _is_hidden(path.relative_to(root)))


def _list_files(folder: Path) -> list[Path]:
    """List the files of a folder and of those below it, but for the hidden ones."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not _is_hidden(path.relative_to(folder))
    )


def _is_hidden(name: Path) -> bool:
    return any(part.startswith(_HIDDEN) for part in name.parts)


def _knows(path: Path) -> bool:
    try:
        find_format(path)
    except DataError:
        return False
    return True


def _check_formats(given: Path, root: Path, paths: list[Path]) -> None:
    """Refuse files of several formats."""
    formats = {path: find_format(path) for path in paths}
    numbers = Counter(formats.values())
    if len(numbers) > 1:
        listed = [
            f"{count(number, 'file')} of {kind}, such as "
            f"{next(path for path in paths if formats[path] == kind).relative_to(root)}"
            for kind, number in numbers.most_common()
        ]
        raise DataError(
            f"{given}: shards are of one format, here are {', '.join(listed)}; give a pattern: "
            f"'{root / f'**/*{paths[0].suffix}'}'"
        )


def _make_shard(path: Path, root: Path) -> Shard:
    """Read the partition off the names of a file's folders, below the one that all lie in."""
    name = path.relative_to(root)
    pairs = [part.split("=", 1) for part in name.parent.parts if "=" in part[1:]]
    values = {column: None if text == _NO_VALUE else unquote(text) for column, text in pairs}
    return Shard(path, name, values)
