"""How the Adams by hand compared with PyTorch's, kept so that a report needs no training."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nlptrain.errors import RunFolderError
from nlptrain.files.json_types import check_types
from nlptrain.files.storage import read_json, write_json

ADAMS_FILE = "adams.json"
_REPORT_FILE = "comparison.json"


@dataclass(frozen=True)
class AdamParity:
    """One Adam by hand beside PyTorch's, in one precision.

    Attributes:
        by_hand: numpy or torch.
        dtype: float64 or float32.
        differences: max |a − b| over all parameters after each step, with a by hand.
        seconds_per_step: Median over the steps by hand: batch to updated parameters.
        reference_seconds_per_step: The same of torch.optim.Adam, fused.
    """

    by_hand: str
    dtype: str
    differences: tuple[float, ...]
    seconds_per_step: float
    reference_seconds_per_step: float


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
