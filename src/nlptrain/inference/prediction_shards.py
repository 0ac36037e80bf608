"""Predictions shard for shard: each table whole or not there, and none predicted twice."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from nlptrain.datasets.shards import Shards
from nlptrain.datasets.tables.writer import write_predictions
from nlptrain.errors import DataError, RunFolderError
from nlptrain.files.storage import writing
from nlptrain.inference.bulk import write_table
from nlptrain.inference.model import Model, load
from nlptrain.inference.shard_records import Manner, ShardRecord, measure, read_record, write_record
from nlptrain.inference.shard_targets import find_targets, records_folder
from nlptrain.inference.table_source import TableSource, open_strings
from nlptrain.runs.lock import hold_or_refuse
from nlptrain.tracking.stage import stage
from nlptrain.workers.execution import Workers


@dataclass(frozen=True)
class ShardTask:
    """A shard to predict: all that a process needs to know.

    Attributes:
        source: The shard.
        target: Where its table goes.
        record: Where goes what is known of it.
        model: The model file.
        manner: How it is predicted.
    """

    source: TableSource
    target: Path
    record: Path
    model: Path
    manner: Manner


@dataclass
class ShardPredictions:
    """The shards of a folder or a pattern, with what has been done of them.

    Attributes:
        output: The folder of the tables.
        left: The shards to predict.
        finished: The records of the others.
        before: How many of those an earlier call had finished.
        notes: Which column was taken in place of the one of training.
    """

    output: Path
    left: list[ShardTask]
    finished: list[ShardRecord] = field(default_factory=list)
    before: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def shards(self) -> int:
        """How many there are in all."""
        return len(self.left) + self.before

    def run(self, workers: Workers) -> None:
        """Predict what is left.

        Raises:
            DataError: A shard cannot be read, or its table not be written.
            TrainingError: Processes die again and again.
            RunFolderError: Another command is writing there.
        """
        for folder in (self.output, records_folder(self.output)):
            with writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
        sizes = [measure(task.source.file)[0] for task in self.left]
        title = f"predicting {len(self.left):,} shards"
        with (
            self._alone(),
            stage(title, sum(sizes)) as advance,
            closing(workers.run(predict_shard, self.left)) as records,
        ):
            done = 0
            for record in records:
                self.finished.append(record)
                done += record.bytes
                advance(done)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other commands out, and leave nothing that a killed process has begun."""
        problem = f"{self.output}: another command is predicting into it"
        with hold_or_refuse(records_folder(self.output) / "lock", problem):
            # The record of a shard that has changed since is written before its table.
            for task in self.left:
                task.target.unlink(missing_ok=True)
            self._remove_begun()
            try:
                yield
            finally:
                self._remove_begun()

    def _remove_begun(self) -> None:
        """Remove what a process that was killed had written of a table or a record."""
        paths = [path for task in self.left for path in (task.target, task.record)]
        for folder in {path.parent for path in paths}:
            for path in folder.glob(".*.part*"):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                with suppress(OSError):
                    path.unlink()


def plan_predictions(
    model: Model,
    source: TableSource,
    shards: Shards,
    output: Path,
    *,
    as_json: bool = False,
    safe_csv: bool = False,
) -> ShardPredictions:
    """Find out what is to be predicted, and what has been.

    Args:
        model: The network.
        source: How the shards are read.
        shards: The shards.
        output: The folder of the tables.
        as_json: Whether the tables are JSON Lines, whatever the shards are.
        safe_csv: Whether text that a spreadsheet would run as a formula gets an apostrophe.

    Raises:
        DataError: The first shard cannot be read, or lacks the column, or shards cannot be written
            there.
        RunFolderError: The folder holds tables that were predicted otherwise.
    """
    targets = find_targets(shards, output, ".jsonl" if as_json else None)
    with open_strings(replace(source, file=shards.parts[0].path), model.file.columns) as first:
        source = replace(source, column=first.column)
        notes = [*shards.notes, *filter(None, [first.note])]
    with model.path.open("rb") as file:
        fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
    manner = Manner(fingerprint, first.column, source.delimiter, source.encoding, safe_csv)
    plan = ShardPredictions(output, [], notes=notes)
    for shard, target in zip(shards.parts, targets, strict=True):
        name = target.relative_to(output)
        record_path = records_folder(output) / name.parent / f"{name.name}.json"
        own = replace(source, file=shard.path)
        task = ShardTask(own, target, record_path, model.path.absolute(), manner)
        record = _find_record(task)
        if record is None:
            plan.left.append(task)
        else:
            plan.finished.append(record)
    plan.before = len(plan.finished)
    return plan


def _find_record(task: ShardTask) -> ShardRecord | None:
    """Find what is known of a shard whose table is there and up to date; None otherwise.

    Raises:
        DataError: The table is one that this command has not written.
        RunFolderError: It was predicted otherwise.
    """
    record, target = read_record(task.record), task.target
    if not target.exists():
        return None
    if record is None:
        raise DataError(
            f"{target}: is there already, and is no table of this command; name another folder"
        )
    if record.manner != task.manner:
        then, now = asdict(record.manner), asdict(task.manner)
        name = next(name for name in now if now[name] != then[name])
        shown = "" if name == "model" else f", {then[name]!r} then and {now[name]!r} now"
        raise RunFolderError(
            f"{target}: was predicted with another {name}{shown}; name another folder, or delete "
            "this one"
        )
    is_same = (record.bytes, record.modified) == measure(task.source.file)
    return record if is_same else None


def predict_shard(task: ShardTask) -> ShardRecord:
    """Predict one shard; its record is there before its table, which says that it is finished.

    Raises:
        DataError: It cannot be read, or its table not be written.
        RunFolderError: The model file is damaged.
    """
    if (finished := _find_record(task)) is not None:
        # Its process died, or its worker, before it could say so.
        return finished
    model = _load(task.model, task.manner.model)
    with writing(task.target):
        task.target.parent.mkdir(parents=True, exist_ok=True)
    state = measure(task.source.file)
    with (
        open_strings(task.source, model.file.columns) as opened,
        write_predictions(task.target, opened.table, safe_csv=task.manner.safe_csv) as writer,
    ):
        report = write_table(model, opened.table, opened.place, writer, workers=0)
        record = ShardRecord.of(task.source.file, state, task.manner, report)
        write_record(task.record, record)
    return record


@lru_cache(maxsize=1)
def _load(path: Path, fingerprint: str) -> Model:
    """Load the network once in each process."""
    del fingerprint
    return load(path)
