"""Shards on a real Dask cluster, and on processes that are killed."""

import os
import signal

import pytest

from dask_cluster import Cluster
from nlptrain.datasets.shards import find_shards
from nlptrain.inference import prediction_shards
from nlptrain.inference.evaluation import evaluate_file
from nlptrain.inference.labelled_file import LabelledFile
from nlptrain.inference.model import load
from nlptrain.inference.prediction_shards import plan_predictions
from nlptrain.inference.table_source import TableSource
from nlptrain.workers.execution import Workers
from sharded import write_shards

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    running = Cluster(tmp_path_factory.mktemp("dask"))
    yield running
    running.close()


@pytest.fixture
def plan(finished_run, tmp_path):
    shards = write_shards(tmp_path)

    def make(name):
        source = TableSource(shards)
        return plan_predictions(load(finished_run), source, find_shards(shards), tmp_path / name)

    return make


def tables(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.csv")
    }


def test_shards_on_a_cluster_are_those_of_this_process(dask, plan, tmp_path):
    dask.have_workers(2)
    plan("cluster").run(Workers(scheduler=dask.address))
    plan("own").run(Workers(1))
    assert tables(tmp_path / "cluster") == tables(tmp_path / "own")
    assert len(tables(tmp_path / "own")) == 4


@pytest.mark.parametrize("where", ["cluster", "processes"])
def test_worker_killed_within_a_shard_costs_that_shard_alone(
    dask, plan, tmp_path, monkeypatch, where
):
    predict, died, again = prediction_shards.predict_shard, tmp_path / "died", tmp_path / "again"

    def die_once(task):
        from nlptrain.inference import bulk

        def die(*arguments, **options):
            name = task.source.file.name
            if list((tmp_path / "killed").rglob(name)):
                again.touch()
            if name == "3.csv":
                try:
                    died.touch(exist_ok=False)
                    os.kill(os.getpid(), signal.SIGKILL)
                except FileExistsError:
                    pass
            yield from batches(*arguments, **options)

        batches, bulk.predict_batches = bulk.predict_batches, die
        try:
            return predict(task)
        finally:
            bulk.predict_batches = batches

    dask.have_workers(2)
    with monkeypatch.context() as patch:
        patch.setattr(prediction_shards, "predict_shard", die_once)
        plan("killed").run(
            Workers(scheduler=dask.address) if where == "cluster" else Workers(jobs=2)
        )
    assert died.exists()
    assert not again.exists()
    plan("own").run(Workers(1))
    assert tables(tmp_path / "killed") == tables(tmp_path / "own")
    assert not list(tmp_path.rglob("*.part*"))
    assert plan("killed").left == []


def test_evaluation_on_a_cluster_is_that_of_this_process(dask, finished_run, tmp_path):
    dask.have_workers(2)
    file = LabelledFile(write_shards(tmp_path))
    found = [
        evaluate_file(str(finished_run), tmp_path, file, workers=workers).to_json()
        for workers in (Workers(scheduler=dask.address), Workers(1))
    ]
    assert found[0] == found[1]
