"""Who takes part in compare-encoders: every encoder on every task."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from nlptrain.comparison.encoders.ceilings import count_unmatched, has_exact_ceiling, matched_grams
from nlptrain.comparison.protocol.contestants import Entry
from nlptrain.comparison.protocol.tuning import learning_rate_grid
from nlptrain.comparison.results import Contestant
from nlptrain.comparison.trials.trial import prepare_for
from nlptrain.config.comparison import ComparisonSection, EncoderEntry, TaskEntry
from nlptrain.config.data import DataFile, DataSection
from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError, DataError

_Kind = TypeVar("_Kind", EncoderEntry, TaskEntry)
_MODEL = ("encoder", "normalization", "activation", "readout")
_TRAINING = ("steps", "batch_size")
_MATCHES = {"near": "one letter changed", "bag": "same letters"}


@dataclass(frozen=True)
class TaskRow:
    """One task, as the matrix shows it.

    Attributes:
        name: Unlike the others'.
        words: Its lengths, and how its second class is matched.
        strings: Of its test split, and of each set of other lengths.
        chance: Share of the test split's most frequent class.
        ranges: Shortest and longest of each set of other lengths.
        unmatched: Test strings without a match that looks alike; None where none is promised.
    """

    name: str
    words: str
    strings: int
    chance: float
    ranges: tuple[tuple[int, int], ...]
    unmatched: int | None


@dataclass(frozen=True)
class Grid:
    """The rows and columns of the matrix.

    Attributes:
        tasks: In the config's order.
        encoders: Names, in the config's order.
        ceilings: Task and encoder of the cells that are 50 % by construction.
    """

    tasks: tuple[TaskRow, ...]
    encoders: tuple[str, ...]
    ceilings: frozenset[tuple[str, str]]


def enter_encoders(
    config: RunConfig, *, encoders: Sequence[str] = (), tasks: Sequence[str] = ()
) -> tuple[list[Entry], Grid]:
    """Let every encoder of a config take part on every task.

    Args:
        config: With `comparison.encoders`, and `comparison.tasks` or data of its own.
        encoders: Names of the columns that are wanted; none: all.
        tasks: Names of the rows that are wanted; none: all.

    Raises:
        ConfigError: There is no encoder or task of a name, or a setting does not fit the data.
        DataError: A task's strings cannot be drawn.
    """
    settings = config.comparison
    own = settings.tasks or (TaskEntry(data=config.data),)
    columns = _choose("--encoder", {entry.name: entry for entry in settings.encoders}, encoders)
    rows = _choose("--task", {entry.title: entry for entry in own}, tasks)
    entries = [_enter(config, task, column) for task in rows for column in columns]
    ceilings = frozenset(
        (task.title, column.name)
        for task in rows
        for column in columns
        if has_exact_ceiling(column, task.data, config.text)
    )
    # A row's data is that of its first cell.
    described = [
        _describe(task, entry.config)
        for task, entry in zip(rows, entries[:: len(columns)], strict=True)
    ]
    return entries, Grid(tuple(described), tuple(column.name for column in columns), ceilings)


def contestant_name(task: str, encoder: str) -> str:
    """Name a cell; an encoder's name has no colon, so no two cells share a name."""
    return f"{task}: {encoder}"


def _choose(option: str, entries: dict[str, _Kind], names: Sequence[str]) -> list[_Kind]:
    for name in names:
        if name not in entries:
            raise ConfigError(f"{option} {name}: not one of {', '.join(map(repr, entries))}")
    return [entry for name, entry in entries.items() if not names or name in names]


def _enter(config: RunConfig, task: TaskEntry, column: EncoderEntry) -> Entry:
    """Make a cell: the shared config with the task's data and training, and the encoder."""
    rate = task.learning_rate or config.optimizer.learning_rate
    said = {key: value for key in _TRAINING if (value := getattr(task, key)) is not None}
    data = _with_sizes(task.data, config.data)
    settings = {
        "data": data.model_dump(mode="json"),
        "model": column.model_dump(mode="json", include=set(_MODEL)),
        "optimizer.learning_rate": rate,
        **({"training": said} if said else {}),
    }
    own = {key: getattr(column, key) for key in _MODEL}
    update = {
        "data": data,
        "model": config.model.model_copy(update={**own, "encoders": None}),
        "optimizer": config.optimizer.model_copy(update={"learning_rate": rate}),
        "training": config.training.model_copy(update=said),
        # What else is compared is nothing to a trial.
        "comparison": ComparisonSection(),
    }
    trials = config.comparison.trials
    grid = learning_rate_grid(rate, trials) if trials > 1 else ()
    name = contestant_name(task.title, column.name)
    return Entry(Contestant(name, settings, grid), config.model_copy(update=update))


def _with_sizes(data: DataSection, shared: DataSection) -> DataSection:
    """Complete a task without sizes by those that all share."""
    if data.sizes is not None or data.file is not None:
        return data
    return data.model_copy(update={"sizes": shared.sizes})


def _describe(task: TaskEntry, config: RunConfig) -> TaskRow:
    try:
        dataset = prepare_for(config).dataset
    except (ConfigError, DataError) as error:
        raise type(error)(f"task {task.title!r}: {error}") from error
    test, grams = dataset.test, matched_grams(task.data)
    counts = np.bincount(test.classes)
    return TaskRow(
        name=task.title,
        words=", ".join(_words(task.data, dataset.train.texts)),
        strings=len(test),
        chance=float(counts.max() / counts.sum()),
        ranges=task.data.evaluate_lengths,
        unmatched=None if grams is None else count_unmatched(test.texts, test.classes, grams),
    )


def _words(data: DataSection, texts: Iterable[str]) -> list[str]:
    source = data.source
    if isinstance(source, DataFile):
        lengths = sorted(map(len, texts))
        return [f"{lengths[0]}–{lengths[-1]}"]
    matched = _MATCHES.get(source.negatives)
    if source.negatives == "kgram":
        matched = f"same {matched_grams(data)}-grams and ends"
    return [f"{source.lengths[0]}–{source.lengths[1]}", *([matched] if matched else [])]
