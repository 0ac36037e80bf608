"""A labelled file or its shards through a network: the scores are those of all rows together."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from nlptrain.datasets.labelled_rows import NO_ROWS
from nlptrain.datasets.labelled_table import FirstColumns, open_labelled
from nlptrain.datasets.shards import Shard, Shards, find_shards
from nlptrain.errors import DataError
from nlptrain.files.model_file import ModelFile
from nlptrain.files.storage import writing
from nlptrain.inference.labelled_file import LabelledFile
from nlptrain.inference.model import Model, load
from nlptrain.inference.scored_file import ScoredFile, score_table
from nlptrain.inference.shard_targets import find_targets
from nlptrain.tracking.stage import stage
from nlptrain.workers.execution import Workers


@dataclass(frozen=True)
class ScoringTask:
    """A shard to score: all that a process needs to know.

    Attributes:
        place: Its place among the shards.
        shard: The shard.
        file: How it is read.
        first: The columns of the first shard.
        renamed: Other names that labels had in training.
        model: The model file.
        output: Where each row goes with its prediction; None: nowhere.
        mistakes: How many of the most confident mistakes to keep.
    """

    place: int
    shard: Shard
    file: LabelledFile
    first: FirstColumns
    renamed: Mapping[str, str]
    model: Path
    output: Path | None
    mistakes: int


def score_file(
    model: Model,
    file: LabelledFile,
    renamed: Mapping[str, str],
    *,
    output: Path | None,
    mistakes: int,
    workers: Workers | None,
) -> ScoredFile:
    """Go through the rows of a file, or of all shards of a folder or a pattern.

    Args:
        model: The network.
        file: The labelled strings.
        renamed: Other names that labels had in training.
        output: Where each row goes with its prediction, of shards a folder; None: nowhere.
        mistakes: How many of the most confident mistakes to keep.
        workers: Where shards are computed; None: in this process.

    Raises:
        DataError: The file cannot be read, has bad rows that are not left out, or no others, or
            no label that the network knows.
        TrainingError: Processes die again and again.
    """
    shards = find_shards(file.path)
    if len(shards.parts) == 1 and shards.parts[0].path == file.path:
        opened = open_labelled(shards.parts[0], file.describe(model.file), file.command, file.meant)
        found = score_table(model, file, opened, renamed, output=output, mistakes=mistakes)
    else:
        tasks, notes = _plan(model, file, shards, renamed, output, mistakes)
        found = _join(_run(tasks, workers or Workers(1)), mistakes)
        found.notes.extend(notes)
    _check(model.file, file, found)
    return found


def _plan(
    model: Model,
    file: LabelledFile,
    shards: Shards,
    renamed: Mapping[str, str],
    output: Path | None,
    mistakes: int,
) -> tuple[list[ScoringTask], list[str]]:
    """Look at the first shard, and say what to do with each."""
    described = file.describe(model.file)
    opened = open_labelled(shards.parts[0], described, file.command, file.meant)
    with opened as (table, places, notes):
        first = FirstColumns.of(shards.parts[0], table, places, described)
    targets: Sequence[Path | None] = [None] * len(shards.parts)
    if output is not None:
        targets = find_targets(shards, output)
    tasks = [
        ScoringTask(place, shard, file, first, renamed, model.path.absolute(), target, mistakes)
        for place, (shard, target) in enumerate(zip(shards.parts, targets, strict=True))
    ]
    return tasks, [*shards.notes, *notes]


def _run(tasks: list[ScoringTask], workers: Workers) -> list[ScoredFile]:
    """Score all shards, and put what was found into their order."""
    found: dict[int, ScoredFile] = {}
    title = f"evaluating {len(tasks):,} shards"
    with (
        stage(title, len(tasks)) as advance,
        closing(workers.run(score_shard, tasks)) as finished,
    ):
        for place, scored in finished:
            found[place] = scored
            advance(len(found))
    return [found[place] for place in range(len(tasks))]


def score_shard(task: ScoringTask) -> tuple[int, ScoredFile]:
    """Score one shard, and return its place with what was found.

    Raises:
        DataError: It cannot be read, or has bad rows that are not left out.
        RunFolderError: The model file is damaged.
    """
    model = _load(task.model)
    if task.output is not None:
        with writing(task.output):
            task.output.parent.mkdir(parents=True, exist_ok=True)
    file = replace(task.file, path=task.shard.path)
    described = file.describe(model.file)
    opened = open_labelled(task.shard, described, file.command, file.meant, task.first)
    found = score_table(
        model, file, opened, task.renamed, output=task.output, mistakes=task.mistakes
    )
    return task.place, found


@lru_cache(maxsize=1)
def _load(path: Path) -> Model:
    """Load the network once in each process."""
    return load(path)


def _join(parts: list[ScoredFile], mistakes: int) -> ScoredFile:
    """Put together what was found in all shards."""
    found = ScoredFile()
    for part in parts:
        found.join(part)
    found.mistakes.sort(reverse=True)
    del found.mistakes[mistakes:]
    return found


def _check(model: ModelFile, file: LabelledFile, found: ScoredFile) -> None:
    """Refuse a file without a row to score."""
    if not found.rows:
        raise DataError(f"{file.path}: {'no good rows' if found.bad.number else NO_ROWS}")
    if found.rows == found.unknown.total():
        shown = ", ".join(map(repr, list(found.unknown)[:10]))
        known = ", ".join(map(repr, model.labels[:10]))
        raise DataError(
            f"{file.path}: the network knows none of the labels, {shown}; it knows {known}: is it "
            "the right column? --label NAME"
        )
