"""The folder of a comparison: its protocol, and every finished trial as soon as it has finished."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nlptrain.comparison.results import (
    Candidate,
    Contestant,
    Protocol,
    Stage,
    TrialRecord,
    settings_key,
)
from nlptrain.comparison.trials.protocol_differences import list_differences
from nlptrain.config.run import RunConfig
from nlptrain.errors import RunFolderError
from nlptrain.files.storage import check_format, read_json, write_json, write_text, writing
from nlptrain.runs.folder import DEFAULT_RUNS_DIR
from nlptrain.runs.lock import hold_or_refuse
from nlptrain.runs.numbering import make_numbered_folder, numbered_folders

DEFAULT_COMPARISONS_DIR = Path("comparisons")
"""Not among the runs: TensorBoard would list every trial between them."""
PROTOCOL_FILE = "protocol.json"
COMMAND_FILE = "command.txt"
TRIALS_FILE = "trials.jsonl"
FORMAT_VERSION = 1

TrialKey = tuple[str, Stage, float, str, int]
"""Contestant, stage, learning rate, the other tuned settings, seed."""


def trial_key(contestant: str, stage: Stage, candidate: Candidate, seed: int) -> TrialKey:
    """Return what a trial is known by."""
    return contestant, stage, candidate.learning_rate, settings_key(candidate.settings), seed


class TrialStore:
    """Finished trials on disk, and in memory.

    Attributes:
        folder: Of the comparison.
    """

    def __init__(self, folder: Path) -> None:
        """Read what is there; a line that a kill cut short counts as not there.

        Raises:
            RunFolderError: The file is damaged, or cannot be read.
        """
        self.folder = folder
        self._records: dict[TrialKey, TrialRecord] = {}
        path = folder / TRIALS_FILE
        if not path.is_file():
            return
        try:
            *lines, torn = path.read_bytes().split(b"\n")
            if torn:
                os.truncate(path, path.stat().st_size - len(torn))
        except OSError as error:
            raise RunFolderError(f"{path}: cannot resume: {error.strerror or error}") from error
        for number, line in enumerate(lines, 1):
            self._take(_read_record(path, number, line))

    def __contains__(self, key: TrialKey) -> bool:
        """Return whether a trial has finished."""
        return key in self._records

    def add(self, records: Sequence[TrialRecord]) -> None:
        """Keep some trials, on disk before this returns.

        Raises:
            RunFolderError: They cannot be written.
        """
        data = "".join(f"{json.dumps(record.to_json())}\n" for record in records).encode()
        path = self.folder / TRIALS_FILE
        with writing(path), path.open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        for record in records:
            self._take(record)

    def of(self, contestant: str, stage: Stage) -> list[TrialRecord]:
        """Return a contestant's finished trials of a stage, by what was tried, and seed."""
        keys = sorted(key for key in self._records if key[:2] == (contestant, stage))
        return [self._records[key] for key in keys]

    def _take(self, record: TrialRecord) -> None:
        key = trial_key(record.contestant, record.stage, record.candidate, record.seed)
        self._records[key] = record


@contextmanager
def open_store(
    protocol: Protocol, *, output: Path | None, runs_dir: Path, command: str | None = None
) -> Iterator[TrialStore]:
    """Open the comparison's folder for one process.

    Args:
        protocol: What is compared how.
        output: The folder; None: that of the same protocol in runs_dir, or a new one there.
        runs_dir: Where comparisons live.
        command: What begins the comparison, and goes on with it.

    Raises:
        RunFolderError: The folder holds something else, is in use, or cannot be written.
    """
    agreed = json.loads(json.dumps(asdict(protocol)))
    folder = output or _find(agreed, runs_dir, f"compare-{protocol.name}")
    if folder is None and runs_dir == DEFAULT_COMPARISONS_DIR:
        # Up to 0.2.0 comparisons lay among the runs.
        folder = _find(agreed, DEFAULT_RUNS_DIR, f"compare-{protocol.name}")
    if folder is None:
        folder = make_numbered_folder(runs_dir, f"compare-{protocol.name}")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _check_ours(folder)
    problem = (
        f"{folder}: another process is at this comparison; "
        "wait until it ends, or give another --output"
    )
    with hold_or_refuse(folder / ".lock", problem, timeout=0.5):
        _agree(folder, agreed)
        if command is not None:
            write_text(folder / COMMAND_FILE, f"{command}\n")
        yield TrialStore(folder)


def _find(agreed: dict[str, Any], runs_dir: Path, name: str) -> Path | None:
    """Find the folder of the same protocol, the newest first."""
    for folder in reversed(numbered_folders(runs_dir, name)):
        # Another comparison's damage is not this one's.
        with suppress(RunFolderError):
            if _read_protocol(folder / PROTOCOL_FILE) == _complete(agreed):
                return folder
    return None


def _check_ours(folder: Path) -> None:
    """Refuse a folder of other things, before anything is written into it."""
    # A kill while the protocol was being written leaves a part of it.
    ours = (".lock", f".{PROTOCOL_FILE}.")
    others = sorted(e.name for e in folder.iterdir() if not e.name.startswith(ours))
    if others and PROTOCOL_FILE not in others:
        raise RunFolderError(
            f"{folder}: holds {others[0]!r} and no comparison; give another --output"
        )


def read_command(folder: Path) -> str | None:
    """Read the last command that went on with the comparison; None: not known."""
    try:
        return (folder / COMMAND_FILE).read_text("utf-8", errors="backslashreplace").strip()
    except OSError:
        return None


def read_protocol(folder: Path) -> Protocol:
    """Read what a comparison agreed on.

    Raises:
        RunFolderError: There is no comparison in the folder, or its protocol is damaged.
    """
    path = folder / PROTOCOL_FILE
    if not path.is_file():
        raise RunFolderError(f"{folder}: not a comparison, as it has no {PROTOCOL_FILE}")
    try:
        return Protocol.from_json(_read_protocol(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunFolderError(f"{path}: damaged: {error!s:.200}; restore it") from error


def _agree(folder: Path, agreed: dict[str, Any]) -> None:
    """Write the protocol into an empty folder; refuse a folder of another one."""
    path = folder / PROTOCOL_FILE
    if not path.exists():
        write_json(path, {"format_version": FORMAT_VERSION, **agreed})
        return
    found, agreed = _read_protocol(path), _complete(agreed)
    if found != agreed:
        different = ", ".join(list_differences(found, agreed, ("there", "now")))
        raise RunFolderError(
            f"{folder}: holds a comparison of another protocol, which differs in "
            f"{different}; give another --output"
        )


def _read_protocol(path: Path) -> dict[str, Any]:
    """Read a protocol, completed.

    Raises:
        RunFolderError: It is missing, damaged, or of a newer format.
    """
    found = read_json(path)
    # Protocols of 0.1.0 say no format; they have the first one.
    check_format(path, "comparison", found.pop("format_version", FORMAT_VERSION), FORMAT_VERSION)
    return _complete(found)


def _complete(protocol: dict[str, Any]) -> dict[str, Any]:
    """Set what is newer than the protocol to its defaults."""
    protocol = _defaults(Protocol) | protocol
    try:
        config = RunConfig.model_validate(protocol.get("config")).model_dump(mode="json")
    except ValidationError:
        # It differs from any that is valid, and is shown as it is.
        return protocol
    contestants = [
        _defaults(Contestant) | each if isinstance(each, dict) else each
        for each in protocol.get("contestants", ())
    ]
    config = {key: config[key] for key in protocol["config"]}
    return {**protocol, "contestants": contestants, "config": config}


def _defaults(kind: type[Contestant | Protocol]) -> dict[str, Any]:
    """Return what is the default of a dataclass's fields, as JSON has it."""
    values = {
        each.name: each.default if each.default_factory is MISSING else each.default_factory()
        for each in fields(kind)
    }
    known = {name: value for name, value in values.items() if value is not MISSING}
    plain: dict[str, Any] = json.loads(json.dumps(known))
    return plain


def _read_record(path: Path, number: int, line: bytes) -> TrialRecord:
    try:
        return TrialRecord.from_json(json.loads(line))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise RunFolderError(
            f"{path}:{number}: damaged: {error!s:.200}; delete that line"
        ) from error
