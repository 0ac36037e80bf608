import signal

import numpy as np
import pytest

from nlptrain.comparison.folds import SUMMARY_FILE, CrossValidation, FoldResult, cross_validate
from nlptrain.config.load import load_config
from nlptrain.files.storage import read_json
from nlptrain.reporting.audience import Audience
from nlptrain.runs.folder import RunFolder

SMALL = (
    "model.encoder.type=pooling",
    "training.epochs=1",
    "logging.tensorboard=false",
    "engine=numpy",
    "text.min_count=1",
)


@pytest.fixture
def configs(tmp_path):
    """Load the turns of a cross-validation on a small file."""
    rows = [f"{'ab'[number % 2]}{number},{'xy'[number % 2]}" for number in range(90)]
    (tmp_path / "data.csv").write_text("\n".join(["text,label", *rows]))
    (tmp_path / "mine.yaml").write_text("data: {file: {path: data.csv}}\n")

    def load(folds):
        return [
            load_config(
                tmp_path / "mine.yaml",
                [*SMALL, f"data.folds={{number: {folds}, held_out: {turn}}}"],
            ).config
            for turn in range(1, folds + 1)
        ]

    return load


def run(configs, tmp_path, audience=None):
    runs = tmp_path / "runs"
    return cross_validate(
        configs, runs_dir=runs, command="test", audience=audience or Audience(), tell=print
    )


def test_each_fold_is_a_run_of_its_own_and_tests_its_strings_once(configs, tmp_path):
    found = run(configs(3), tmp_path)
    assert [result.examples for result in found.results] == [30, 30, 30]
    names = [RunFolder(tmp_path / "runs" / f"mine-fold{turn}of3-001") for turn in (1, 2, 3)]
    assert [folder.read_record().score for folder in names] == [
        result.accuracy for result in found.results
    ]
    config = load_config(names[1].config_path).config
    assert (config.data.folds.number, config.data.folds.held_out) == (3, 2)


def test_summary_holds_mean_and_spread(configs, tmp_path):
    found = run(configs(2), tmp_path)
    values = read_json(found.folder / SUMMARY_FILE)
    accuracies = [result["accuracy"] for result in values["folds"]]
    assert values["mean"]["accuracy"] == pytest.approx(np.mean(accuracies))
    assert values["standard_deviation"]["accuracy"] == pytest.approx(np.std(accuracies, ddof=1))
    assert values["pooled_accuracy"]["accuracy"] == pytest.approx(np.mean(accuracies))


def test_pooled_accuracy_counts_strings_not_folds():
    results = [FoldResult(1, "a", 10, 1.0, 1, 0), FoldResult(2, "b", 30, 0.5, 1, 0)]
    accuracy, low, high = CrossValidation(results, None).pooled_accuracy()
    assert accuracy == 25 / 40
    assert low < accuracy < high


def test_an_interrupted_turn_ends_it_and_keeps_what_is_done(configs, tmp_path):
    turns = configs(3)
    heard = []

    class Stop:
        def report(self, record):
            signal.raise_signal(signal.SIGINT)

        def close(self):
            pass

    class Listen:
        def report(self, record):
            pass

        def close(self):
            pass

    def watch(*length):
        heard.append(length)
        return Stop() if len(heard) == 2 else Listen()

    found = run(turns, tmp_path, Audience(watch_training=watch))
    assert len(found.results) == 1
    assert found.interrupted.interrupted_by == signal.SIGINT
    assert found.folder is None
    assert not list((tmp_path / "runs").glob("folds-*"))


def test_a_long_name_is_cut_so_that_its_config_stays_valid(configs, tmp_path):
    long = [config.model_copy(update={"name": "n" * 80}) for config in configs(2)]
    found = run(long, tmp_path)
    folder = RunFolder(tmp_path / "runs" / found.results[0].run.rpartition("/")[2])
    assert len(load_config(folder.config_path).config.name) == 80
