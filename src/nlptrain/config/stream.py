"""What cannot be done where the training strings of a file are not kept."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlptrain.config.data import DataFile, Folds


def explain_refusal(file: "DataFile | None", folds: "Folds | None") -> str | None:
    """Explain why training strings cannot be streamed; None where they can."""
    if file is None:
        return "stream requires a file; for a task, use fresh"
    if folds is not None:
        return "stream draws no folds; remove data.folds"
    for name in ("validation_path", "test_path", "split", "group"):
        if getattr(file, name) is not None:
            return f"stream splits by the strings alone; remove data.file.{name}"
    if file.conflicts != "majority":
        return "stream cannot find all conflicts; set data.file.conflicts=majority"
    return None
