"""A config file and overrides → one validated RunConfig."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from nlptrain.config.document import Document, read_document
from nlptrain.config.overrides import apply_overrides
from nlptrain.config.packaged import packaged_configs, suggest_packaged
from nlptrain.config.paths import make_paths_absolute
from nlptrain.config.problems import FromFile, Problem
from nlptrain.config.run import RunConfig
from nlptrain.config.validation import validate
from nlptrain.config.yaml_builder import mark_at, split_lines
from nlptrain.errors import ConfigError

_LARGEST = 1_000_000


@dataclass(frozen=True)
class LoadedConfig:
    """A config and what its reader should know.

    Attributes:
        config: What to run.
        notes: Lines for stderr, such as keys that a change of type dropped.
    """

    config: RunConfig
    notes: tuple[str, ...]


def load_config(source: str | Path, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Load a config.

    Args:
        source: A file, or the name of a packaged config; a file that exists wins.
        overrides: `key.path=value` arguments, applied in order.

    Raises:
        ConfigError: Everything that is wrong with the file and the overrides.
    """
    try:
        path = _find(source)
        content = _read(path)
    except OSError as failure:
        raise ConfigError(f"{source}: cannot read: {failure.strerror}") from None
    document = read_document(_decode(content, str(path)), str(path))
    notes = apply_overrides(document, overrides)
    make_paths_absolute(document, path.parent)
    if "name" not in document.data and _is_name(path.stem):
        document.data["name"] = path.stem
    return LoadedConfig(validate(document), notes)


def _find(source: str | Path) -> Path:
    """Find the file that a source names."""
    path, packaged = Path(source), packaged_configs()
    if str(source) in packaged and not path.is_file():
        return packaged[str(source)]
    if not path.exists():
        raise ConfigError(f"{source}: no such file{suggest_packaged(str(source))}")
    return path


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise ConfigError(f"{path}: a folder, not a config file; name a file in it")
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ConfigError(f"{path}: larger than 1 MB, so hardly a config; is it a data file?")
    return content


def _decode(content: bytes, name: str) -> str:
    """Decode UTF-8, with or without a byte-order mark."""
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


def _is_name(stem: str) -> bool:
    """Return whether a file's name can be a run's name."""
    try:
        RunConfig(name=stem)
    except ValidationError:
        return False
    return True
