"""Several processes read the shards of one training, each its share, in the order of one."""

import json
import shutil

import numpy as np
import pytest

from nlptrain.config.load import load_config
from nlptrain.datasets.build import build_dataset
from nlptrain.errors import DataError
from nlptrain.runs.folder import RunFolder
from nlptrain.training.distributed.launch import Launch
from nlptrain.training.distributed.own_shards import OwnShards

SHARDS = 7
SETTINGS = (
    "data={file: {path: shards}, stream: true, stream_window: 60, stream_held_out: 40}",
    "text.min_count=1",
    "engine=torch",
    "device=cpu",
    "model.encoder={type: pooling}",
    "model.dropout=0.3",
    "training={epochs: 2, batch_size: 32, dtype: float64}",
    "training.checkpoint_every_steps=1",
    "logging={tensorboard: false, every_steps: 1}",
)
WORDS = [word for setting in SETTINGS for word in ("--set", setting)]
PROGRAM = """
import os
from dataclasses import replace
from pathlib import Path
from nlptrain.cli.app import main
from nlptrain.datasets.shard_windows import WindowReader

rank, read_windows = int(os.environ["RANK"]), WindowReader.read

def read(self, shard):
    with open(f"read_by_{rank}.txt", "a") as log:
        print(shard.name, file=log)
    if rank == int(os.environ.get("WITHOUT_SHARDS", -1)):
        shard = replace(shard, path=Path("nowhere") / shard.name)
    yield from read_windows(self, shard)
    if rank == int(os.environ.get("DIES", -1)):
        os.kill(os.getpid(), 9)

WindowReader.read = read
main()
"""
"""nlptrain, whose processes write down which shards they open."""


@pytest.fixture
def place(tmp_path):
    """A folder with shards of unlike sizes, one of them without a row, and the program."""
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "shards").mkdir()
    for number in range(SHARDS):
        rows = range(number * 1000, number * 1000 + 90 * (number % 4))
        lines = ["text,label", *(f"{row:04},{'xy'[row % 3 == 0]}" for row in rows)]
        (tmp_path / "shards" / f"{number}.csv").write_text("".join(f"{line}\n" for line in lines))
    return tmp_path


def read_metrics(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def assert_same_curve(run, other):
    pairs = list(zip(read_metrics(run), read_metrics(other), strict=True))
    assert len(pairs) > 20
    for one, another in pairs:
        assert one == pytest.approx(another, abs=1e-9)


@pytest.mark.parametrize("processes", [2, pytest.param(4, marks=pytest.mark.long)])
def test_each_shard_of_an_epoch_is_read_by_one_process_and_the_curve_stays(
    torchrun, cli, place, monkeypatch, processes
):
    monkeypatch.chdir(place)
    ended = torchrun(processes, "program.py", "train", "rnn", "--quiet", *WORDS, folder=place)
    assert ended.code == 0, ended.err
    read = [(place / f"read_by_{rank}.txt").read_text().split() for rank in range(processes)]
    # The first process alone counts the strings beforehand.
    counted, read[0] = read[0][:SHARDS], read[0][SHARDS:]
    assert sorted(counted) == [f"{number}.csv" for number in range(SHARDS)]
    for epoch in range(2):
        parts = []
        for rank, names in enumerate(read):
            share = len(range(rank, SHARDS, processes))
            assert len(names) == 2 * share
            parts += names[epoch * share : (epoch + 1) * share]
        assert sorted(parts) == sorted(counted)
    assert cli("train", "rnn", *WORDS).code == 0
    assert_same_curve(place / "runs" / "rnn-001", place / "runs" / "rnn-002")


@pytest.mark.long
def test_process_without_the_shards_is_named_once(torchrun, place, monkeypatch):
    monkeypatch.setenv("WITHOUT_SHARDS", "1")
    ended = torchrun(2, "program.py", "train", "rnn", "--quiet", *WORDS, folder=place)
    assert ended.code == 1
    [line] = [line for line in ended.err.splitlines() if "process 2 of 2, on " in line]
    assert "which reads its share of the shards: " in line
    assert "nowhere/" in line


@pytest.mark.long
def test_process_that_dies_while_reading_costs_no_step(torchrun, cli, place, monkeypatch):
    monkeypatch.chdir(place)
    with monkeypatch.context() as environment:
        environment.setenv("DIES", "1")
        ended = torchrun(2, "program.py", "train", "rnn", "--quiet", *WORDS, folder=place)
    assert ended.code != 0
    assert ended.err.count("one of the 2 processes has ended") == 1
    run = RunFolder(place / "runs" / "rnn-001")
    assert run.read_record().status == "failed"
    assert cli("resume", "rnn-001").code == 0
    assert cli("train", "rnn", *WORDS).code == 0
    assert_same_curve(run.path, place / "runs" / "rnn-002")


@pytest.fixture
def stream(place, monkeypatch):
    """Give the training strings of the shards, which have been counted."""
    monkeypatch.chdir(place)
    config = load_config("rnn", SETTINGS).config
    return build_dataset(config.data, config.text, seed=config.seed).stream


def read_all(own, shards):
    """Give the strings of each shard."""
    return [[text for piece in iter(own.next, None) for text in piece.texts] for _ in range(shards)]


def test_processes_together_read_what_one_reads(stream):
    order = np.random.default_rng(0).permutation(SHARDS).tolist()
    alone = [[text for piece in stream.read_shard(one) for text in piece.texts] for one in order]
    for rank in range(3):
        own = OwnShards(Launch(rank, 3, rank, 3))
        own.begin(stream, order)
        assert read_all(own, len(order[rank::3])) == alone[rank::3]
        own.end()


def test_reading_that_nobody_waits_for_any_more_ends_and_may_begin_anew(stream):
    own = OwnShards(Launch(0, 1, 0, 1))
    own.end()
    for _ in range(3):
        own.begin(stream, [3, 2, 1])
        own.next()
    own.begin(stream, [2])
    assert sum(map(len, read_all(own, 1))) == sum(map(len, stream.read_shard(2)))
    own.end()


def test_shard_that_cannot_be_read_is_an_error_at_its_turn(stream, place):
    shutil.rmtree(place / "shards")
    own = OwnShards(Launch(1, 2, 1, 2))
    own.begin(stream, range(SHARDS))
    error = own.next()
    assert isinstance(error, DataError)
    assert str(error).startswith("process 2 of 2, on ")
    assert "shards/1.csv" in str(error)
