"""How the Adams by hand compared with PyTorch's, kept so that a report needs no training."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlptrain.comparison.results import AdamParity
from nlptrain.errors import RunFolderError
from nlptrain.files.json_types import check_types
from nlptrain.files.storage import read_json, write_json

ADAMS_FILE = "adams.json"
_REPORT_FILE = "comparison.json"


def write_adams(folder: Path, adams: tuple[AdamParity, ...]) -> None:
    """Keep what was measured.

    Raises:
        WritingError: The file cannot be written.
    """
    write_json(folder / ADAMS_FILE, {"adams": [asdict(each) for each in adams]})


def read_adams(folder: Path) -> tuple[AdamParity, ...]:
    """Read what was measured; up to 0.2.0 the report alone had it, and no times.

    Raises:
        RunFolderError: The file is damaged.
    """
    names = (ADAMS_FILE, _REPORT_FILE)
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        return ()
    try:
        return tuple(_read(each) for each in read_json(path).get("adams", []))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunFolderError(f"{path}: damaged: {error!s:.200}; delete it") from error


def _read(values: dict[str, Any]) -> AdamParity:
    untimed = {"seconds_per_step": math.nan, "reference_seconds_per_step": math.nan}
    adams = AdamParity(**{**untimed, **values, "differences": tuple(values["differences"])})
    check_types(adams)
    return adams
