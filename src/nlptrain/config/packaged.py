"""The configs shipped with nlptrain: in the wheel, or in a checkout's configs/ folder."""

import contextlib
import difflib
from pathlib import Path

from nlptrain.errors import ConfigError

_IN_WHEEL = Path(__file__).parents[1] / "packaged_configs"
_IN_CHECKOUT = Path(__file__).parents[3] / "configs"


def packaged_configs() -> dict[str, Path]:
    """Find the packaged configs by name, in alphabetical order, those in subfolders last.

    The name of `configs/folder/file.yaml` is folder/file.
    """
    folder = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_CHECKOUT
    found = sorted(folder.rglob("*.yaml"), key=lambda path: (path.parent, path.name))
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in found}


def question_of(config: Path) -> str:
    """Return the question that a config answers: its first comment line."""
    with config.open(encoding="utf-8") as lines:
        return next((line[1:].strip() for line in lines if line.startswith("#")), "")


def find_packaged(name: str) -> Path:
    """Find a packaged config by its name.

    Raises:
        ConfigError: There is no packaged config of this name.
    """
    configs = packaged_configs()
    if name not in configs:
        raise ConfigError(f"{name}: no packaged config of this name{suggest_packaged(name)}")
    return configs[name]


def suggest_packaged(name: str) -> str:
    """List the packaged configs, and suggest the one that a name was meant for, as two lines."""
    names = list(packaged_configs())
    by_file = {Path(each).name: each for each in names}
    near = difflib.get_close_matches(Path(name).stem, by_file, n=1)
    meant = f"\n  did you mean '{by_file[near[0]]}'?" if near else ""
    return f"\n  packaged configs: {', '.join(names)}{meant}"


def copy_config(name: str, target: Path | None = None) -> Path:
    """Copy a packaged config, and the data file that it names, if any.

    Args:
        name: The packaged config.
        target: The new file, or a folder for it; the current folder if None.

    Returns:
        The new file.

    Raises:
        ConfigError: No such config, the file already exists, or it cannot be written.
    """
    source = find_packaged(name)
    target = target or Path()
    if target.is_dir():
        target = target / source.name
    if target.exists():
        raise ConfigError(f"{target}: already exists; nothing was copied")
    content = source.read_bytes()
    try:
        for data in source.parent.glob("*.csv"):
            if data.name.encode() in content:
                # Under its own name, which the config refers to; an existing file is the user's.
                with contextlib.suppress(FileExistsError):
                    _write_new(target.parent / data.name, data.read_bytes())
        _write_new(target, content)
    except FileExistsError:
        raise ConfigError(f"{target}: already exists; nothing was copied") from None
    except OSError as failure:
        raise ConfigError(f"{target}: {failure.strerror}; nothing was copied") from None
    return target


def _write_new(target: Path, content: bytes) -> None:
    """Write a new file, whole or not at all."""
    with target.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            target.unlink()
            raise
