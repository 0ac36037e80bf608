"""The config given to a command."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nlptrain.cli.output import note

if TYPE_CHECKING:
    from nlptrain.config.run import RunConfig


def read_config(
    source: str, overrides: Sequence[str] | None, varied: Sequence[str] | None = None
) -> "RunConfig":
    """Read a config and print the notes about it; `varied` as for `load_config`."""
    from nlptrain.config.load import load_config

    loaded = load_config(source, overrides or (), varied)
    for sentence in loaded.notes:
        note(sentence)
    return loaded.config
