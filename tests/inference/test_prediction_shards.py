"""Predictions shard for shard: the same as those of one file, and none made twice."""

import json
import os
import shutil
from functools import partial

import polars as pl
import pytest

from nlptrain.datasets.shards import find_shards
from nlptrain.errors import DataError, NlptrainError, RunFolderError, WritingError
from nlptrain.inference import prediction_shards
from nlptrain.inference.model import load
from nlptrain.inference.prediction_shards import plan_predictions, predict_shard
from nlptrain.inference.table_source import TableSource
from nlptrain.runs.lock import hold_or_refuse
from nlptrain.workers.execution import Workers
from sharded import TEXTS, read_table
from sharded import write_shards as write_all


@pytest.fixture(scope="module")
def model(finished_run):
    return load(finished_run)


@pytest.fixture
def write_shards(tmp_path):
    """Write the rows as shards of a format, in the folder that is returned, and as one file."""
    return partial(write_all, tmp_path)


@pytest.fixture
def plan(model, tmp_path):
    """Plan the predictions of shards into the folder out."""

    def make(given, output=None, model=model, **options):
        source = {name: options.pop(name) for name in ("column", "encoding") if name in options}
        output = output or tmp_path / "out"
        return plan_predictions(
            model, TableSource(given, **source), find_shards(given), output, **options
        )

    return make


@pytest.fixture
def watched(monkeypatch):
    """List the shards that are predicted from now on, by name."""
    done = []

    def note(task):
        done.append(task.source.file.name)
        return predict_shard(task)

    monkeypatch.setattr(prediction_shards, "predict_shard", note)
    return done


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_shards_have_the_predictions_of_their_strings(model, plan, write_shards, tmp_path, ending):
    made = plan(write_shards(ending))
    made.run(Workers(1))
    names = [f"0{ending}", f"2{ending}", f"3{ending}", f"sub/1{ending}"]
    names = names[: 3 if ending == ".jsonl" else 4]
    assert sorted(contents(tmp_path / "out")) == names
    found = pl.concat([read_table(tmp_path / "out" / name) for name in names[:3]])
    expected = model.predict(TEXTS)
    assert found["id"].to_list() == list(range(len(TEXTS)))
    assert found["text"].to_list() == TEXTS
    assert found["predicted_label"].to_list() == [each.label for each in expected]
    assert found["predicted_probability"].to_list() == pytest.approx(
        [each.probability for each in expected], rel=1e-5
    )
    assert sum(record.rows for record in made.finished) == len(TEXTS)
    assert sum(record.unknown for record in made.finished) == model.decide(TEXTS).unknown


def test_processes_give_the_bytes_of_this_process(plan, write_shards, tmp_path):
    shards = write_shards()
    plan(shards).run(Workers(1))
    plan(shards, tmp_path / "other").run(Workers(2))
    assert contents(tmp_path / "other") == contents(tmp_path / "out")


def test_finished_shards_are_not_done_again(plan, write_shards, tmp_path, watched):
    shards = write_shards()
    plan(shards).run(Workers(1))
    before = contents(tmp_path / "out")
    (tmp_path / "out/2.csv").unlink()
    watched.clear()
    again = plan(shards)
    assert (again.shards, again.before) == (4, 3)
    again.run(Workers(1))
    assert watched == ["2.csv"]
    assert contents(tmp_path / "out") == before
    assert plan(shards).left == []
    assert sum(record.rows for record in plan(shards).finished) == len(TEXTS)


def test_what_has_not_come_to_its_end_leaves_no_table_and_is_done_again(
    plan, write_shards, tmp_path, monkeypatch
):
    shards = write_shards(".parquet")

    def fail(task):
        if task.source.file.name != "2.parquet":
            return predict_shard(task)
        # As if killed: what it has begun stays.
        (tmp_path / "out/.2.parquet.12345678.part").touch()
        (tmp_path / "out/.2.parquet.12345678.part.abc").mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(prediction_shards, "predict_shard", fail)
        made = plan(shards)
        with pytest.raises(KeyboardInterrupt):
            made.run(Workers(1))
    assert sorted(contents(tmp_path / "out")) == ["0.parquet"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"0.parquet"}
    again = plan(shards)
    assert again.before == len(made.finished) == 1
    again.run(Workers(1))
    assert len(contents(tmp_path / "out")) == 4


def test_record_without_its_table_is_not_finished(plan, write_shards, tmp_path):
    shards = write_shards()
    plan(shards).run(Workers(1))
    shutil.rmtree(tmp_path / "out/sub")
    assert [task.source.file.name for task in plan(shards).left] == ["1.csv"]


def test_shard_that_has_changed_is_done_again(plan, write_shards, tmp_path, watched):
    shards = write_shards()
    plan(shards).run(Workers(1))
    (shards / "2.csv").write_text("id,text,label\n5,abcd,absent\n6,jj,present\n")
    watched.clear()
    plan(shards).run(Workers(1))
    assert watched == ["2.csv"]
    assert read_table(tmp_path / "out/2.csv")["text"].to_list() == ["abcd", "jj"]


def test_new_shard_joins_the_others(plan, write_shards, tmp_path, watched):
    shards = write_shards()
    plan(shards).run(Workers(1))
    shutil.copy(shards / "0.csv", shards / "9.csv")
    watched.clear()
    plan(shards).run(Workers(1))
    assert watched == ["9.csv"]


def test_json_lines_of_any_shards(plan, write_shards, tmp_path):
    plan(write_shards(".parquet"), as_json=True).run(Workers(1))
    assert sorted(contents(tmp_path / "out")) == ["0.jsonl", "2.jsonl", "3.jsonl", "sub/1.jsonl"]


def test_bad_rows_are_named_by_shard_and_kept_for_later_calls(plan, write_shards):
    shards = write_shards()
    (shards / "2.csv").write_bytes(b"id,text,label\n1,\xff,absent\n2,a,present\n")
    plan(shards).run(Workers(1))
    records = plan(shards).finished
    assert sum(record.bad for record in records) == 1
    problems = [problem for record in records for problem in record.problems]
    assert problems[0] == f"{shards}/2.csv:2: bytes that are not valid utf-8"


def test_column_of_the_first_shard_is_that_of_all(plan, tmp_path):
    shards = tmp_path / "shards"
    shards.mkdir()
    (shards / "1.csv").write_text("Text,other\nabcd,1\n")
    (shards / "2.csv").write_text("Text,text\nabcd,1\n")
    made = plan(shards)
    assert len(made.notes) == 1
    made.run(Workers(1))
    assert {record.manner.column for record in made.finished} == {"Text"}
    (shards / "3.csv").write_text("name,text\nabcd,1\n")
    with pytest.raises(DataError, match=r"3\.csv: no column 'Text'"):
        plan(shards).run(Workers(1))


@pytest.mark.parametrize(
    ("output", "given", "problem"),
    [
        ("shards/out", "shards", "would be taken for shards"),
        ("shards", "shards", "would be taken for shards"),
        ("shards", "shards/*.csv", "would be taken for shards"),
        ("shards/out", "shards/**/*.csv", "would be taken for shards"),
        ("whole.csv", "shards", "this is a file"),
    ],
)
def test_folder_that_would_be_read_again_is_refused(
    plan, write_shards, tmp_path, output, given, problem
):
    write_shards()
    with pytest.raises(DataError, match=problem):
        plan(tmp_path / given, tmp_path / output)


def test_folder_beside_the_shards_of_a_pattern_is_fine(plan, write_shards, tmp_path):
    write_shards()
    plan(tmp_path / "shards/*.csv", tmp_path / "shards/out").run(Workers(1))
    assert len(contents(tmp_path / "shards/out")) == 3
    assert plan(tmp_path / "shards/*.csv", tmp_path / "shards/out").left == []


def test_table_of_somebody_else_is_not_overwritten(plan, write_shards, tmp_path):
    shards = write_shards()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/2.csv").write_text("mine")
    with pytest.raises(DataError, match=r"out/2\.csv: is there already"):
        plan(shards)
    assert contents(tmp_path / "out") == {"2.csv": b"mine"}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"safe_csv": True}, "another safe_csv, False then and True now"),
        ({"column": "label"}, "another column, 'text' then and 'label' now"),
        ({"encoding": "latin-1"}, "another encoding, 'utf-8' then and 'latin-1' now"),
    ],
)
def test_tables_that_were_predicted_otherwise_are_not_mixed_in(
    plan, write_shards, options, problem
):
    shards = write_shards()
    plan(shards).run(Workers(1))
    with pytest.raises(RunFolderError, match=problem):
        plan(shards, **options)


def test_tables_of_another_network_are_not_mixed_in(plan, model, write_shards, tmp_path):
    shards = write_shards()
    plan(shards).run(Workers(1))
    other = tmp_path / "model.safetensors"
    other.write_bytes(model.path.read_bytes().replace(b"absent", b"nobody"))
    with pytest.raises(RunFolderError, match="predicted with another model; name another folder"):
        plan(shards, model=load(other))


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"format_version": 1}', '{"format_version": 2}', None]
)
def test_damaged_record_is_one_message(plan, write_shards, tmp_path, damage):
    shards = write_shards()
    plan(shards).run(Workers(1))
    record = tmp_path / ".out.nlptrain/2.csv.json"
    if damage is None:
        damage = json.dumps(json.loads(record.read_text()) | {"rows": "many"})
    record.write_text(damage)
    with pytest.raises(RunFolderError) as problem:
        plan(shards)
    assert str(record) in str(problem.value)


def test_command_that_is_writing_there_keeps_another_out(plan, write_shards, monkeypatch):
    shards = write_shards()
    monkeypatch.setattr(prediction_shards, "hold_or_refuse", partial(hold_or_refuse, timeout=0))
    first, second = plan(shards), plan(shards)

    def meanwhile(task):
        with pytest.raises(RunFolderError, match="another command is predicting into it"):
            second.run(Workers(1))
        return predict_shard(task)

    monkeypatch.setattr(prediction_shards, "predict_shard", meanwhile)
    first.run(Workers(1))


@pytest.mark.parametrize("ending", [".json", ".xlsx"])
def test_shards_of_a_format_that_is_not_written_are_refused(plan, tmp_path, ending):
    (tmp_path / "shards").mkdir()
    (tmp_path / f"shards/a{ending}").write_text('[{"text": "abcd"}]')
    with pytest.raises(NlptrainError, match="is read, not written"):
        plan(tmp_path / "shards")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_may_not_be_written_is_one_message(plan, write_shards, tmp_path):
    shards = write_shards()
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(WritingError, match="allow writing there"):
        plan(shards).run(Workers(1))
