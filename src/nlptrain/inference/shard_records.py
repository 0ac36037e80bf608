"""What is known of each shard that has been predicted, kept so that none is predicted twice."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nlptrain.errors import RunFolderError
from nlptrain.files.json_types import check_types
from nlptrain.files.storage import check_format, read_json, write_json, writing
from nlptrain.inference.bulk import BulkReport

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Manner:
    """How a shard is predicted: another manner gives another table.

    Attributes:
        model: SHA-256 of the model file.
        column: Where the strings are: a name, or a number without a header.
        delimiter: What separates columns; None: by the file's ending.
        encoding: The text encoding, by its Python name.
        safe_csv: Whether text that a spreadsheet would run as a formula gets an apostrophe.
    """

    model: str
    column: int | str
    delimiter: str | None
    encoding: str
    safe_csv: bool


@dataclass(frozen=True)
class ShardRecord:
    """A shard that has been predicted.

    Attributes:
        manner: How.
        bytes: The size of the shard then.
        modified: When it had been modified, in nanoseconds.
        rows: All rows.
        bad: Rows without a prediction.
        unknown: Characters that the vocabulary lacks.
        cut: Strings longer than the network reads.
        problems: The first bad rows, and the fault that many share.
    """

    manner: Manner
    bytes: int
    modified: int
    rows: int
    bad: int
    unknown: int
    cut: int
    problems: tuple[str, ...]

    @classmethod
    def of(
        cls, shard: Path, state: tuple[int, int], manner: Manner, report: BulkReport
    ) -> "ShardRecord":
        """Describe a shard whose rows have all been predicted; `measure` gave its state."""
        bad = report.bad
        problems = bad.named
        if fault := bad.fault:
            problems = [*problems, f"{shard}: {fault}"]
        return cls(
            manner,
            *state,
            report.rows,
            bad.number,
            report.unknown,
            report.cut,
            tuple(problems),
        )


def measure(shard: Path) -> tuple[int, int]:
    """Return the size of a file in bytes, and when it was modified, in nanoseconds."""
    status = shard.stat()
    return status.st_size, status.st_mtime_ns


def write_record(path: Path, record: ShardRecord) -> None:
    """Keep a record.

    Raises:
        WritingError: The file cannot be written.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"format_version": FORMAT_VERSION, **asdict(record)})


def read_record(path: Path) -> ShardRecord | None:
    """Read a record; None where there is none.

    Raises:
        RunFolderError: It is damaged, or of another version.
    """
    if not path.is_file():
        return None
    values = read_json(path)
    check_format(path, "record of predictions", values.pop("format_version", None), FORMAT_VERSION)
    try:
        return _build(values)
    except (KeyError, TypeError, ValueError) as error:
        raise RunFolderError(f"{path}: damaged: {error!s:.200}; delete it") from error


def _build(values: dict[str, Any]) -> ShardRecord:
    manner = Manner(**values.pop("manner"))
    record = ShardRecord(manner, **{**values, "problems": tuple(values["problems"])})
    check_types(record)
    return record
