"""A labelled file through a network: each row with its prediction, its mistakes, its bad rows."""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.labelled_table import read_values
from nlptrain.datasets.tables.bad_rows import BadRows
from nlptrain.datasets.tables.table import Batch, Table
from nlptrain.datasets.tables.writer import RANKED_COLUMNS, PredictionWriter, write_predictions
from nlptrain.errors import DataError
from nlptrain.evaluation.decision import apply_temperature, choose_classes, compute_probabilities
from nlptrain.inference.bulk import ROWS_AT_ONCE, round_probabilities
from nlptrain.inference.labelled_file import LabelledFile
from nlptrain.inference.model import Model

Floats = NDArray[np.floating]
UNKNOWN = -1
"""Class index of a label that the network does not know."""


@dataclass(frozen=True, order=True)
class Mistake:
    """A row whose class is not the predicted one; the more confident, the greater.

    Attributes:
        probability: Of the predicted class.
        file: The file, or the shard.
        line: The row's first line in the file.
        text: The string.
        label: Its label.
        predicted: The label that was predicted.
    """

    probability: float
    file: str
    line: int
    text: str
    label: str
    predicted: str


@dataclass
class ScoredFile:
    """What a network says of a file's rows.

    Attributes:
        bad: The rows that could not be read.
        mistakes: The most confident ones, the most confident first.
        unknown: How often each label stands there that the network does not know.
        notes: Which columns were taken in place of those named.
    """

    bad: BadRows = field(default_factory=BadRows)
    mistakes: list[Mistake] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    _logits: list[Floats] = field(default_factory=list)
    _classes: list[NDArray[np.int64]] = field(default_factory=list)

    @property
    def logits(self) -> Floats:
        """Logits of the rows whose label the network knows: (N, 1 or C)."""
        return np.concatenate(self._logits)

    @property
    def classes(self) -> NDArray[np.int64]:
        """Their true classes: (N,)."""
        return np.concatenate(self._classes)

    @property
    def rows(self) -> int:
        """All rows that could be read."""
        return self.bad.good

    def add(self, texts: Sequence[str], logits: Floats, classes: NDArray[np.int64]) -> None:
        """Add rows, of known labels and others."""
        is_known = classes != UNKNOWN
        self._logits.append(logits[is_known])
        self._classes.append(classes[is_known])
        self.bad.good += len(texts)
        self.bad.decoded += sum(not text.isascii() for text in texts)

    def join(self, other: "ScoredFile") -> None:
        """Add what was found in another file."""
        self.bad.join(other.bad)
        self.mistakes += other.mistakes
        self.unknown.update(other.unknown)
        self.notes += other.notes
        self._logits += other._logits
        self._classes += other._classes

    def explain_bad_rows(self) -> list[str]:
        """Name the first bad rows, and the fault that many share."""
        return [*self.bad.named, *filter(None, [self.bad.fault])]


def score_table(
    model: Model,
    file: LabelledFile,
    opened: AbstractContextManager[tuple[Table, dict[str, int], list[str]]],
    renamed: Mapping[str, str],
    *,
    output: Path | None = None,
    mistakes: int = 0,
) -> ScoredFile:
    """Go through a table's rows, a bounded number at a time.

    Args:
        model: The network.
        file: The labelled strings.
        opened: The table, as `open_labelled` gives it.
        renamed: Other names that labels had in training.
        output: Where each row goes with its prediction; None: nowhere.
        mistakes: How many of the most confident mistakes to keep.

    Raises:
        DataError: The table cannot be read, or has bad rows that are not left out.
    """
    found = ScoredFile()
    with opened as (table, columns, found.notes):
        writing = output and write_predictions(output, table, columns=RANKED_COLUMNS)
        with writing or nullcontext() as writer:
            for batch in table.batches(ROWS_AT_ONCE, columns.values()):
                rows = _read_rows(model, batch, table, columns, found)
                pairs = [pair and (pair[0], renamed.get(pair[1], pair[1])) for pair in rows]
                _score_batch(model, batch, table, pairs, writer, found, mistakes)
            _check_bad_rows(file, found)
    found.mistakes.sort(reverse=True)
    return found


def _score_batch(
    model: Model,
    batch: Batch,
    table: Table,
    rows: Sequence[tuple[str, str] | None],
    writer: PredictionWriter | None,
    found: ScoredFile,
    mistakes: int,
) -> None:
    """Predict a batch's good rows, and note what is told of them."""
    good = [pair for pair in rows if pair is not None]
    indices = {label: index for index, label in enumerate(model.file.labels)}
    texts = [text for text, _ in good]
    classes = np.array([indices.get(label, UNKNOWN) for _, label in good], np.int64)
    found.unknown.update(label for _, label in good if label not in indices)
    logits = model.logits(model.file.text.encode(texts))
    found.add(texts, logits, classes)
    calibrated = apply_temperature(logits, model.file.temperature)
    probabilities = compute_probabilities(calibrated)
    chosen = choose_classes(calibrated, model.file.threshold)
    confidences = round_probabilities(probabilities[np.arange(len(chosen)), chosen])
    lines = [row.line for row, pair in zip(batch.rows, rows, strict=True) if pair is not None]
    labels = [model.file.labels[index] for index in chosen.tolist()]
    for place in np.flatnonzero(chosen != classes).tolist() if mistakes else ():
        confidence, line = float(confidences[place]), lines[place]
        mistake = Mistake(confidence, table.name, line, *good[place], labels[place])
        push = heapq.heappush if len(found.mistakes) < mistakes else heapq.heappushpop
        push(found.mistakes, mistake)
    if writer is not None:
        values = zip(labels, confidences.tolist(), _rank(probabilities, classes), strict=True)
        in_place = [(None, None, None) if pair is None else next(values) for pair in rows]
        writer.write(batch, *(list(column) for column in zip(*in_place, strict=True)))


def _read_rows(
    model: Model, batch: Batch, table: Table, columns: dict[str, int], found: ScoredFile
) -> list[tuple[str, str] | None]:
    """Read each row's string and label; None where it is bad."""
    pairs: list[tuple[str, str] | None] = []
    for row in batch.rows:
        values, problem = read_values(row, table, columns, strip=model.file.text.strip)
        pairs.append((values["text"], values["label"]) if problem is None else None)
        if problem is not None:
            found.bad.add(table, row, problem)
    return pairs


def _rank(probabilities: Floats, classes: NDArray[np.int64]) -> Iterator[int | None]:
    """Rank the true classes by probability, from 1; None where the class is unknown."""
    own = probabilities[np.arange(len(classes)), classes]
    ranks = 1 + (probabilities > own[:, None]).sum(axis=1)
    for rank, index in zip(ranks.tolist(), classes.tolist(), strict=True):
        yield None if index == UNKNOWN else rank


def _check_bad_rows(file: LabelledFile, found: ScoredFile) -> None:
    """Refuse bad rows that are not left out."""
    number = found.bad.number
    if number and file.bad_rows == "error":
        lines = [f"{file.path}: mend its bad rows, {number:,} in all:", *found.explain_bad_rows()]
        advice = "\nor leave them out: --bad-rows skip" if found.bad.may_be_left_out else ""
        raise DataError("\n  ".join(lines) + advice)
