"""What a model's card says, collected from the files of its run; nothing is computed anew."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from nlptrain.errors import RunFolderError
from nlptrain.evaluation.intervals import wilson
from nlptrain.files.array_file import load_arrays
from nlptrain.files.storage import read_json
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.record import RunRecord

Facts = dict[str, Any]

_MEASURED = ("accuracy", "macro_f1", "loss", "majority_rate")
_PATHS = ("path", "validation_path", "test_path", "vectors")


def collect_card(folder: RunFolder) -> Facts:
    """Collect a card's facts as plain values; what a run does not have is None or empty.

    Raises:
        RunFolderError: A file of the run is missing or damaged.
    """
    record = folder.read_record()
    report = read_json(folder.report_path) if folder.report_path.is_file() else {}
    try:
        return {
            "name": folder.path.name,
            "finished": bool(report),
            "data": _collect_data(record, report),
            "network": {
                "encoder": record.encoder,
                "parameters": count_parameters(folder),
                "model": _without_folders(_section(record, "model")),
            },
            "training": {
                "seed": record.seed,
                "optimizer": _section(record, "optimizer"),
                "training": _section(record, "training"),
                **{key: report.get(key) for key in ("best_step", "steps", "refit")},
            },
            "scores": _collect_scores(report),
            "classes": _collect_classes(report),
            "by_length": report.get("by_length", []),
            "linear_model": report.get("linear_model"),
            "shallow": report.get("shallow", []),
            "calibration": {
                key: report.get(key)
                for key in (
                    "expected_calibration_error",
                    "temperature",
                    "threshold",
                    "head_weights",
                )
            },
            "versions": record.versions,
        }
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise RunFolderError(
            f"{folder.report_path}: damaged: {error!s:.200}; restore it, or train again"
        ) from error


def count_parameters(folder: RunFolder) -> int | None:
    """Count the numbers that training has set, of all members; None without a model file.

    Raises:
        RunFolderError: The model file is damaged.
    """
    if not folder.model_path.is_file():
        return None
    _, metadata = load_arrays(folder.model_path)
    members: int = metadata.get("members", 1)
    return members * Architecture.from_json(metadata["architecture"]).num_parameters


def _section(record: RunRecord, name: str) -> Facts:
    """Return a section of the config; a record of 0.1.0 has none."""
    section: Facts = (record.config or {}).get(name, {})
    return section


def _collect_data(record: RunRecord, report: Mapping[str, Any]) -> Facts:
    data = _section(record, "data")
    file, task = data.get("file"), data.get("task")
    name = PurePath(file["path"]).name if file else task["type"] if task else "contains_any"
    return {
        "name": name if data else "unknown",
        "is_file": bool(file),
        "source": _without_folders(file or task or {}),
        "strings": record.examples,
        "fingerprint": record.data_fingerprint,
        "text": _section(record, "text"),
        "counts": report.get("data", {}),
        "notes": [_name_files(note, file or {}) for note in report.get("notes", [])],
    }


def _collect_scores(report: Mapping[str, Any]) -> Facts | None:
    """Collect the scores on the test split, with Wilson's 95 % interval of the accuracy."""
    if not report:
        return None
    examples = report["examples"]
    low, high = wilson(round(report["accuracy"] * examples), examples)
    return {
        "examples": examples,
        **{key: report[key] for key in _MEASURED},
        "accuracy_low": float(low),
        "accuracy_high": float(high),
    }


def _collect_classes(report: Mapping[str, Any]) -> list[Facts]:
    """Collect the scores of each class, with Wilson's 95 % interval of the recall."""
    rows = []
    for each in report.get("classes", []):
        low, high = wilson(round(each["recall"] * each["support"]), each["support"])
        rows.append({**each, "recall_low": float(low), "recall_high": float(high)})
    return rows


def _name_files(note: str, file: Facts) -> str:
    """Write the names of the files that a sentence gives the paths of."""
    for key in _PATHS:
        if isinstance(path := file.get(key), str):
            note = note.replace(path, PurePath(path).name)
    return note


def _without_folders(settings: Any) -> Any:
    """Keep of each path only the file's name: where it lies is nobody's business."""
    if isinstance(settings, list):
        return [_without_folders(each) for each in settings]
    if not isinstance(settings, dict):
        return settings
    return {
        key: PurePath(value).name
        if key in _PATHS and isinstance(value, str)
        else _without_folders(value)
        for key, value in settings.items()
    }
