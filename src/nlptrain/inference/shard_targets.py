"""Where the tables go that are written shard for shard."""

from glob import has_magic
from pathlib import Path

from nlptrain.datasets.shards import Shards
from nlptrain.datasets.tables.layout import find_output_format
from nlptrain.errors import DataError


def records_folder(output: Path) -> Path:
    """Return where goes what is known of each table: beside them, where no reader finds it."""
    output = output.resolve()
    return output.with_name(f".{output.name}.nlptrain")


def find_targets(shards: Shards, output: Path, ending: str | None = None) -> list[Path]:
    """Find where each shard goes: under its own name, in the folders that it lies in.

    Args:
        shards: What is read.
        output: The folder.
        ending: Of all names; None: their own.

    Raises:
        DataError: The folder would be read as shards next time, or shards cannot be written so.
    """
    if output.exists() and not output.is_dir():
        raise DataError(f"{output}: shards are written into a folder, and this is a file")
    inside = output.resolve().is_relative_to(shards.root.resolve())
    is_read_again = not has_magic(str(shards.given)) or "**" in shards.given.parts
    if inside and (is_read_again or output.resolve() == shards.root.resolve()):
        raise DataError(
            f"{output}: lies in {shards.root}, where its files would be taken for shards; "
            "name a folder elsewhere"
        )
    names = [shard.name for shard in shards.parts]
    if ending is not None:
        names = [name.parent / (name.name.partition(".")[0] + ending) for name in names]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(f"{shards.given}: two shards would be written as {twice}: rename one")
    targets = [output / name for name in names]
    for target in targets:
        find_output_format(target)
    return targets
