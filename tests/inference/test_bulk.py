import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.datasets.tables.bad_rows import LISTED
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.inference.bulk import (
    BulkReport,
    predict_batches,
    round_probabilities,
    write_table,
)
from nlptrain.inference.model import load


@pytest.fixture(scope="module")
def model(finished_run):
    return load(finished_run)


class Written:
    """Keeps what a writer would write."""

    def __init__(self):
        self.rows = []

    def write(self, batch, labels, probabilities):
        self.rows += zip((row.values for row in batch.rows), labels, probabilities, strict=True)


def lines(content):
    return read_table(io.BytesIO(content), TableLayout("text"))


def test_each_row_gets_the_prediction_of_its_string(model):
    written = Written()
    with lines(b"abcd\n\nbcde\n") as table:
        write_table(model, table, 0, written)
    expected = model.predict(["abcd", "", "bcde"])
    assert [row[0] for row in written.rows] == [("abcd",), ("",), ("bcde",)]
    assert [row[1] for row in written.rows] == [each.label for each in expected]
    assert [row[2] for row in written.rows] == pytest.approx([e.probability for e in expected])


def test_bad_rows_keep_their_place_and_are_counted(model):
    written = Written()
    with lines(b"abcd\n\xff\nx\n") as table:
        report = write_table(model, table, 0, written)
    assert [row[1] is None for row in written.rows] == [False, True, False]
    assert (report.rows, report.bad.number, report.unknown) == (3, 1, 1)
    assert report.bad.listed == ["standard input:2: bytes that are not valid utf-8"]


def test_only_the_first_problems_are_kept(model):
    with lines(b"\xff\n" * 50) as table:
        report = write_table(model, table, 0, Written())
    assert report.bad.number == 50
    assert len(report.bad.listed) == LISTED


def test_rows_come_as_soon_as_asked(model):
    report = BulkReport()
    with lines(b"a\nb\nc\n") as table:
        batches = predict_batches(model, table, 0, report, rows_at_once=2)
        assert next(batches).good_texts == ["a", "b"]
        assert report.rows == 2
        assert next(batches).good_texts == ["c"]


@given(st.floats(2.0**-40, 1, width=32) | st.sampled_from([0.0, 1e-6, 0.5, 0.9999995]))
def test_probabilities_are_rounded_as_python_formats_them(probability):
    rounded = round_probabilities(np.array([probability]))
    assert rounded.tolist() == [float(f"{probability:.6g}")]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_threads_leave_rows_and_predictions_as_they_are(model, workers):
    texts = ["abcd", "j", "", "bcdefgh"] * 20
    report = BulkReport()
    with lines("".join(f"{text}\n" for text in texts).encode()) as table:
        batches = list(predict_batches(model, table, 0, report, rows_at_once=7, workers=workers))
    assert [text for batch in batches for text in batch.texts] == texts
    classes = [index for batch in batches for index in batch.decisions.classes.tolist()]
    assert [model.file.labels[index] for index in classes] == [
        each.label for each in model.predict(texts)
    ]
    assert report.rows == len(texts)
