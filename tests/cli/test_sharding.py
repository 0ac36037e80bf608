"""`predict --file` and `evaluate --file` of a folder or a pattern of shards."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from nlptrain.inference import prediction_shards
from nlptrain.inference.prediction_shards import predict_shard
from sharded import read_table, write_shards

PREDICT = ("predict", "--run", "rnn-001", "--file", "shards", "--output", "out")


@pytest.fixture
def shards(runs, workplace):
    return write_shards(workplace)


def tables(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.csv")
        if path.is_file()
    }


def test_shards_become_tables_and_a_second_call_does_nothing(cli, shards, workplace):
    first = cli(*PREDICT, "--jobs", "1")
    assert (first.code, first.out) == (0, "")
    assert first.err.splitlines()[0] == "out: shards: 4, rows: 20"
    assert sorted(tables(workplace / "out")) == ["0.csv", "2.csv", "3.csv", "sub/1.csv"]
    second = cli(*PREDICT)
    assert second.code == 0
    assert second.err.splitlines() == [
        "out: finished before, and not done again: 4 of 4",
        *first.err.splitlines(),
    ]


def test_pattern_names_the_shards(cli, shards, workplace):
    arguments = ("--file", "shards/[03].csv", "--output", "out", "--json", "--jobs", "1")
    assert cli("predict", *arguments).code == 0
    assert sorted(path.name for path in (workplace / "out").glob("*.jsonl")) == [
        "0.jsonl",
        "3.jsonl",
    ]


def test_bad_rows_exit_1_also_when_all_is_finished(cli, shards):
    (shards / "2.csv").write_bytes(b"id,text,label\n1,\xff,absent\n")
    for _ in range(2):
        code, _, err = cli(*PREDICT, "--jobs", "1")
        assert code == 1
        assert "2.csv:2: bytes that are not valid utf-8" in err
        assert "bad rows, left without a prediction: 1 of 20" in err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--file", "shards"), "--output DIR"),
        (("--file", "shards/*.tsv", "--output", "out"), "shards/*.tsv: matches no file"),
        (("--file", "whole.csv", "--jobs", "2"), "--jobs and --scheduler go with a folder"),
        (
            ("--file", "shards", "--output", "out", "--jobs", "2", "--scheduler", "tcp://a:1"),
            "--jobs cannot be combined with --scheduler",
        ),
        (("--file", "shards", "--output", "whole.csv"), "whole.csv: shards are written into a f"),
        (("--file", "shards", "--output", "shards/out"), "would be taken for shards"),
        (("--file", "shards", "--output", "out", "--column", "no"), "0.csv: no column 'no'"),
    ],
)
def test_mistake_is_one_message_and_writes_nothing(cli, shards, workplace, arguments, problem):
    code, out, err = cli("predict", "--run", "rnn-001", *arguments)
    assert code
    assert out == ""
    assert problem in " ".join(err.split())
    assert not (workplace / "out").exists()


def test_error_in_a_shard_says_what_is_finished(cli, shards, workplace):
    (shards / "2.csv").write_text("id,label\n1,absent\n")
    code, out, err = cli(*PREDICT, "--jobs", "1")
    assert (code, out) == (1, "")
    told, problem = err.splitlines()
    assert told == ("out: shards that are finished: 1 of 4; the same command goes on with the rest")
    assert problem.startswith("shards/2.csv: no column 'text'")
    assert sorted(tables(workplace / "out")) == ["0.csv"]


def test_ctrl_c_says_how_to_go_on(cli, shards, workplace, monkeypatch):
    def interrupt(task):
        if task.source.file.name == "3.csv":
            os.kill(os.getpid(), signal.SIGTERM)
        return predict_shard(task)

    with monkeypatch.context() as patch:
        patch.setattr(prediction_shards, "predict_shard", interrupt)
        code, out, err = cli(*PREDICT, "--jobs", "1")
    assert (code, out) == (128 + signal.SIGTERM, "")
    assert err == (
        "interrupted; out: shards that are finished: 2 of 4; the same command goes on with the "
        "rest\n"
    )
    assert cli(*PREDICT, "--jobs", "1").code == 0
    assert len(tables(workplace / "out")) == 4


def test_evaluation_of_shards_is_that_of_the_file(cli, shards):
    one = json.loads(cli("evaluate", "--file", "shards", "--jobs", "1", "--json").out)
    other = json.loads(cli("evaluate", "--file", "whole.csv", "--json").out)
    for values in (one, other):
        values.pop("loss")
    assert one == other


def test_mistakes_show_their_shard(cli, shards):
    out = cli("evaluate", "--file", "shards", "--jobs", "1", "--mistakes", "20").out
    assert "shards/0.csv" in out
    assert "shards/3.csv" in out
    assert "whole.csv" not in cli("evaluate", "--file", "whole.csv", "--mistakes", "20").out


def test_training_on_shards_is_training_on_the_file(cli, shards, workplace):
    settings = ("training.steps=2", "logging.tensorboard=false", "data.file.min_examples=1")
    words = [word for each in settings for word in ("--set", each)]
    for path in ("shards", "whole.csv"):
        ended = cli("train", "own_file", "--set", f"data.file.path={path}", *words)
        assert ended.code == 0, ended.err
    models = sorted((workplace / "runs").glob("own_file-*/model.safetensors"))
    assert len(models) == 2
    assert models[0].read_bytes() == models[1].read_bytes()
    report = cli("data", "report", "own_file", "--set", "data.file.path=shards", "--json")
    assert report.code == 0


@pytest.fixture
def start(shards):
    """Start `nlptrain` in a session of its own, as a terminal would; it waits in each shard."""
    program = """
from nlptrain.inference import prediction_shards
predict = prediction_shards.predict_shard

def slowly(task):
    import time
    from nlptrain.inference import bulk

    def wait(*arguments, **options):
        time.sleep(0.5)
        yield from batches(*arguments, **options)

    batches, bulk.predict_batches = bulk.predict_batches, wait
    try:
        return predict(task)
    finally:
        bulk.predict_batches = batches

prediction_shards.predict_shard = slowly
from nlptrain.cli.app import main
main()
"""
    started = []

    def run(*words):
        command = [sys.executable, "-c", program, *words]
        started.append(
            subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


def has_processes(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_signal_leaves_whole_files_alone_and_no_process(
    start, cli, shards, workplace, number, jobs
):
    process = start(*PREDICT, "--jobs", jobs)
    deadline = time.monotonic() + 60
    while not tables(workplace / "out") and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    said = process.stderr.read()
    assert process.wait() == 128 + number, said
    assert "Traceback" not in said
    assert said.splitlines()[-1].endswith("the same command goes on with the rest")
    assert not list((workplace / "out").rglob("*.part*"))
    for name in tables(workplace / "out"):
        read_table(workplace / "out" / name)
    while has_processes(process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert cli(*PREDICT, "--jobs", "1").code == 0
    assert len(tables(workplace / "out")) == 4
