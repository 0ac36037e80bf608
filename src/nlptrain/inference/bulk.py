"""Predictions for tables of any size, a bounded number of rows at a time."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.tables.bad_rows import BadRows
from nlptrain.datasets.tables.table import Batch, Row, Table, read_text
from nlptrain.datasets.tables.writer import PredictionWriter
from nlptrain.inference.model import Decisions, Model

Value = TypeVar("Value")

ROWS_AT_ONCE = 1 << 13


@dataclass
class BulkReport:
    """What happened to the rows of a table.

    Attributes:
        rows: All rows.
        bad: Rows without a prediction. Good ones with characters beyond ASCII are counted once
            there are undecodable ones.
        unknown: Characters that the vocabulary lacks.
        cut: Strings longer than the network reads.
    """

    rows: int = 0
    bad: BadRows = field(default_factory=BadRows)
    unknown: int = 0
    cut: int = 0


@dataclass(frozen=True, eq=False)
class BulkBatch:
    """Some rows in order.

    Attributes:
        read: The rows as they were read, all of them.
        texts: Their strings; None where a row is bad.
        decisions: For the good rows only, in order.
    """

    read: Batch
    texts: list[str | None]
    decisions: Decisions

    @property
    def good_texts(self) -> list[str]:
        """The strings of the good rows, in order."""
        return [text for text in self.texts if text is not None]

    def in_place(self, values: Iterable[Value]) -> list[Value | None]:
        """Put one value a good row in its place, and None in those of the bad ones."""
        if len(self.decisions.classes) == len(self.texts):
            return list(values)
        rest = iter(values)
        return [None if text is None else next(rest) for text in self.texts]


def predict_batches(
    model: Model,
    table: Table,
    column: int,
    report: BulkReport,
    rows_at_once: int = ROWS_AT_ONCE,
    workers: int = 0,
) -> Iterator[BulkBatch]:
    """Predict a table's rows, batch by batch, and count in the report.

    Args:
        model: The network.
        table: The rows.
        column: The place of the strings in a row.
        report: Counts go here.
        rows_at_once: How many rows to wait for.
        workers: Threads that predict while the next rows are read; 0: each batch at once.

    Yields:
        All rows, in order.
    """
    waiting: deque[tuple[Batch, list[str | None], Future[Decisions]]] = deque()
    with ThreadPoolExecutor(max(1, workers)) as pool:
        for batch in table.batches(rows_at_once, (column,)):
            texts = _read_texts(batch.rows, column, table, report)
            good = [text for text in texts if text is not None]
            waiting.append((batch, texts, pool.submit(model.decide, good)))
            if len(waiting) > workers:
                yield _finish_batch(*waiting.popleft(), report)
        while waiting:
            yield _finish_batch(*waiting.popleft(), report)


def _finish_batch(
    batch: Batch, texts: list[str | None], future: Future[Decisions], report: BulkReport
) -> BulkBatch:
    decisions = future.result()
    report.rows += len(batch.rows)
    report.bad.good += len(decisions.classes)
    report.unknown += decisions.unknown
    report.cut += decisions.cut
    return BulkBatch(batch, texts, decisions)


def _read_texts(rows: list[Row], column: int, table: Table, report: BulkReport) -> list[str | None]:
    """Read the rows' strings, None where a row is bad, and note the bad rows in the report."""
    texts: list[str | None] = []
    for row in rows:
        _, values, problem = row
        if problem is None and type(value := values[column]) is str:
            texts.append(value)  # what nearly every row is, without a call
            continue
        text, problem = read_text(row, column)
        texts.append(text if problem is None else None)
        if problem is not None:
            report.bad.add(table, row, problem)
    if report.bad.undecodable:
        report.bad.decoded += sum(text is not None and not text.isascii() for text in texts)
    return texts


def write_table(
    model: Model,
    table: Table,
    column: int,
    writer: PredictionWriter,
    *,
    workers: int | None = None,
) -> BulkReport:
    """Predict a table's rows and write each with its prediction.

    Args:
        model: The network.
        table: The rows.
        column: The place of the strings in a row.
        writer: Where the rows go.
        workers: Threads that predict while the next rows are read; 0: none, where other processes
            have the cores; None: one a core, if they are worth it.
    """
    from threadpoolctl import threadpool_limits

    report = BulkReport()
    # The products are too small for several threads, which would only wait for each other.
    with threadpool_limits(1, user_api="blas"):
        workers = _count_workers(model) if workers is None else workers
        for batch in predict_batches(model, table, column, report, workers=workers):
            classes = batch.decisions.classes
            labels = [model.file.labels[index] for index in classes.tolist()]
            chosen = batch.decisions.probabilities[np.arange(len(classes)), classes]
            rounded = round_probabilities(chosen).tolist()
            writer.write(batch.read, batch.in_place(labels), batch.in_place(rounded))
    return report


def _count_workers(model: Model) -> int:
    """Use every core where the network's arithmetic outweighs reading and writing the table."""
    architecture = model.file.architecture
    computes = architecture.tables or any(
        each.parameters(architecture.embedding_dim) for each in architecture.encoders
    )
    return os.cpu_count() or 1 if computes else 0


def round_probabilities(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Round to six significant digits, as `f"{p:.6g}"` does, and below 1e-17 to fewer."""
    p = probabilities.astype(np.float64)
    # 10^22 is the largest power of ten that a float64 holds exactly; 1e-300 keeps the log finite.
    places = np.minimum(5 - np.floor(np.log10(np.maximum(p, 1e-300))), 22)
    scale = 10.0**places
    rounded: NDArray[np.float64] = np.rint(p * scale) / scale
    return rounded
