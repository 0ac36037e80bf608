import errno
import io
import json

import polars as pl
import pytest

from nlptrain.datasets.tables.layout import FORMATS, WRITTEN, complete_layout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.datasets.tables.stream_writer import StreamWriter
from nlptrain.datasets.tables.table import Batch, Row, Table
from nlptrain.datasets.tables.writer import write_predictions
from nlptrain.errors import DataError

ROWS = [Row(2, ("a", "x"), None), Row(3, ("b,\xff", ""), "bad"), Row(4, ("c\nc", "z"), None)]


def table(*columns):
    return Table("in.csv", columns or ("text", "id"), iter(ROWS))


def write_and_fail(target, failure):
    with write_predictions(target, table()) as writer:
        writer.write(Batch(ROWS), ["L", None, "M"], [0.5, None, 0.5])
        raise failure


def write(target, **options):
    with write_predictions(target, table(), **options) as writer:
        writer.write(Batch(ROWS[:2]), ["L", None], [0.123457, None])
        writer.write(Batch(ROWS[2:]), ["M"], [1.0])


@pytest.mark.parametrize(
    "ending", [ending for ending, found in FORMATS.items() if found in WRITTEN]
)
def test_each_row_comes_out_once_in_order_in_every_format(tmp_path, ending):
    target = tmp_path / f"out{ending}"
    write(target)
    layout = complete_layout(target, table_format="tsv" if ending == ".txt" else None)
    with read_table(target, layout) as written:
        assert written.columns == ("text", "id", "predicted_label", "predicted_probability")
        rows = [row.values for row in written.rows]
    assert [row[0].replace("\\n", "\n") for row in rows] == ["a", "b,\xff", "c\nc"]
    assert [row[2] or None for row in rows] == ["L", None, "M"]
    assert [float(row[3]) if row[3] else None for row in rows] == [0.123457, None, 1.0]
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_parquet_probabilities_are_numbers(tmp_path):
    write(tmp_path / "out.parquet")
    assert pl.read_parquet_schema(tmp_path / "out.parquet")["predicted_probability"] == pl.Float64


def test_bad_row_keeps_its_bytes_from_csv_to_csv(tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(b'text,id\na\xff,1\n"b,2\n')
    with (
        read_table(source, complete_layout(source)) as rows,
        write_predictions(target, rows) as writer,
    ):
        writer.write(Batch(list(rows.rows)), [None, None], [None, None])
    assert target.read_bytes().splitlines()[1:] == [b"a\xff,1,,", b'"""b,2",,,']


def test_stream_gets_csv_unless_told_otherwise():
    plain, lines = io.BytesIO(), io.BytesIO()
    write(plain)
    write(lines, table_format="jsonl")
    assert plain.getvalue().startswith(b"text,id,predicted_label,predicted_probability\na,x,L,")
    assert json.loads(lines.getvalue().splitlines()[0])["predicted_probability"] == 0.123457


def test_output_may_replace_the_input_that_is_being_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,id\na,1\n")
    with read_table(path, complete_layout(path)) as rows, write_predictions(path, rows) as writer:
        writer.write(Batch(list(rows.rows)), ["L"], [0.5])
    assert path.read_text().splitlines()[1] == "a,1,L,0.5"


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_failure_midway_leaves_the_old_file_and_nothing_else(tmp_path, ending, failure):
    target = tmp_path / f"out{ending}"
    target.write_text("old")
    with pytest.raises(failure):
        write_and_fail(target, failure)
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert target.read_text() == "old"


def test_full_disk_is_a_plain_message_and_leaves_nothing(tmp_path, monkeypatch):
    def refuse(writer):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(StreamWriter, "finish", refuse)
    with pytest.raises(DataError, match=r"out\.csv: .*; nothing was written"):
        write(tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_reader_that_went_away_is_not_called_an_error_of_the_data(monkeypatch):
    class ClosedPipe(io.BytesIO):
        def flush(self):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        write(ClosedPipe())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.xls", r"known are \.csv"),
        ("out", r"known are \.csv"),
        ("none/out.csv", "does not exist: make it first"),
        ("folder.csv", "it is a folder"),
    ],
)
def test_target_that_cannot_be_written_is_refused(tmp_path, name, message):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match=message):
        write(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_link_stays_a_link(tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write(tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("text,id")


@pytest.mark.parametrize(
    ("columns", "ending", "message"),
    [
        (("text", "predicted_label"), ".csv", "has a column 'predicted_label' already"),
        (("text", "text"), ".jsonl", "two columns are called 'text'"),
    ],
)
def test_columns_that_clash_are_refused(tmp_path, columns, ending, message):
    with (
        pytest.raises(DataError, match=message),
        write_predictions(tmp_path / f"a{ending}", table(*columns)),
    ):
        pass


def test_parquet_to_a_stream_is_refused():
    with pytest.raises(DataError, match="cannot be written to a stream"):
        write(io.BytesIO(), table_format="parquet")
