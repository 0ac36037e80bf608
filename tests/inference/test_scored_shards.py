"""Scores of shards: those of the one file that they make."""

from pathlib import Path

import polars as pl
import pytest

from nlptrain.errors import DataError
from nlptrain.inference.evaluation import evaluate_file
from nlptrain.inference.labelled_file import LabelledFile
from nlptrain.workers.execution import Workers
from sharded import LABELS, TEXTS, read_table, write_shards, write_table

SCORES = ("accuracy", "macro_f1", "confusion", "examples", "classes", "majority_rate")


def evaluate(runs, path, bad_rows="error", **options):
    return evaluate_file(None, runs, LabelledFile(path, bad_rows=bad_rows), **options)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.long)])
def test_shards_have_the_scores_of_the_file_that_they_make(runs, tmp_path, ending, jobs):
    shards = write_shards(tmp_path, ending)
    found = evaluate(runs, shards, workers=Workers(jobs), mistakes=5)
    whole = evaluate(runs, tmp_path / f"whole{ending}", mistakes=5)
    one, other = found.to_json(), whole.to_json()
    assert [one[name] for name in SCORES] == [other[name] for name in SCORES]
    assert one["loss"] == pytest.approx(other["loss"], rel=1e-6)
    assert [m.text for m in found.file.mistakes] == [m.text for m in whole.file.mistakes]
    assert found.examples == str(shards)


def test_mistakes_name_their_shard_and_line(runs, tmp_path):
    shards = write_shards(tmp_path)
    for mistake in evaluate(runs, shards, mistakes=100).file.mistakes:
        assert read_table(Path(mistake.file))["text"][mistake.line - 2] == mistake.text


def test_partition_of_labels_is_scored(runs, tmp_path):
    for label in ("absent", "present"):
        texts = [text for text, each in zip(TEXTS, LABELS, strict=True) if each == label]
        table = pl.DataFrame({"text": texts})
        path = tmp_path / f"parts/label={label}/1.parquet"
        path.parent.mkdir(parents=True)
        table.write_parquet(path)
    write_shards(tmp_path)
    one = evaluate(runs, tmp_path / "parts", output=tmp_path / "out").to_json()
    other = evaluate(runs, tmp_path / "whole.csv").to_json()
    assert one["confusion"] == other["confusion"]
    # What is written can be scored in its turn.
    assert evaluate(runs, tmp_path / "out").to_json()["confusion"] == other["confusion"]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_output_has_each_shard_as_if_it_were_alone(runs, tmp_path, ending):
    shards = write_shards(tmp_path, ending)
    evaluate(runs, shards, output=tmp_path / "out")
    evaluate(runs, tmp_path / f"whole{ending}", output=tmp_path / f"all{ending}")
    written = [read_table(tmp_path / "out" / f"{number}{ending}") for number in (0, 2, 3)]
    assert pl.concat(written).equals(read_table(tmp_path / f"all{ending}"))


def test_bad_rows_are_counted_over_all_shards_or_stop_at_the_first(runs, tmp_path):
    shards = write_shards(tmp_path)
    for name in ("2.csv", "4.csv"):
        (shards / name).write_text("id,text,label\n1,a\n2,abcd,absent\n3,b,other\n")
    found = evaluate(runs, shards, bad_rows="skip").file
    assert (found.bad.number, dict(found.unknown)) == (2, {"other": 2})
    assert [line.split("/")[-1] for line in found.bad.listed] == [
        "2.csv:2: 2 fields instead of 3",
        "4.csv:2: 2 fields instead of 3",
    ]
    with pytest.raises(DataError, match=r"2\.csv: mend its bad rows, 1 in all"):
        evaluate(runs, shards)


def test_shards_without_a_row_are_refused(runs, tmp_path):
    with pytest.raises(DataError, match="no rows"):
        evaluate(runs, write_shards(tmp_path, sizes=(0, 0)))


def test_shard_that_lacks_a_column_is_named(runs, tmp_path):
    shards = write_shards(tmp_path)
    (shards / "2.csv").write_text("text,kind\na,absent\n")
    with pytest.raises(DataError, match=r"2\.csv: no column 'label'; .*0\.csv has it"):
        evaluate(runs, shards)


def test_pattern_of_one_file_is_scored_as_the_file(runs, tmp_path):
    write_table(tmp_path / "a.csv", TEXTS, LABELS)
    one, other = (evaluate(runs, tmp_path / name).to_json() for name in ("a.csv", "*.csv"))
    assert one == other
