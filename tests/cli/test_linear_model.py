import json

import numpy as np
import pytest

from nlptrain.cli.linear_model import warn_of_linear_model
from nlptrain.evaluation.paired import PairedCounts


@pytest.fixture
def bigram_file(tmp_path):
    """A class that is the order of two letters, which mean pooling cannot see."""
    generator = np.random.default_rng(0)
    rows = ["text,label"]
    for number in range(400):
        pair, label = (("ab", "x"), ("ba", "y"))[number % 2]
        letters = "".join(generator.choice(list("cdefgh"), 6))
        rows.append(f"{letters[:3]}{pair}{letters[3:]},{label}")
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(rows))
    return path


@pytest.fixture
def train(bigram_file, cli):
    def run(*arguments):
        settings = [
            f"data.file.path={bigram_file}",
            "data.file.label=label",
            "model.encoder={type: pooling}",
            "model.ngrams=null",
            "model.readout=mean",
            "training.epochs=1",
        ]
        options = [part for setting in settings for part in ("--set", setting)]
        runs = bigram_file.parent / "runs"
        done = cli("train", "own_file", *options, "--runs-dir", str(runs), "-q", *arguments)
        reports = [json.loads(path.read_text()) for path in sorted(runs.glob("*/report.json"))]
        return reports, done

    return run


def test_a_network_that_the_linear_model_beats_is_told_so(train):
    (report,), done = train()
    linear = report["linear_model"]
    assert linear["accuracy"] > 0.95
    assert linear["difference"] == pytest.approx(report["accuracy"] - linear["accuracy"])
    assert linear["difference_high"] < 0
    assert "linear model" in done.out
    assert "the linear model does better" in done.err


def test_a_comparison_on_a_sample_says_so(train, monkeypatch):
    monkeypatch.setattr("nlptrain.training.baseline.MOST_OTHERS", 30)
    (report,), done = train()
    linear = report["linear_model"]
    assert (linear["tested_on"], linear["trained_on"]) == (30, 350)
    assert "350 of 360 training strings, 30 of 40 tested" in done.out


def test_without_baseline_nothing_is_said_of_it(train):
    (report,), done = train("--no-baseline")
    assert "linear_model" not in report
    assert "linear" not in done.out + done.err


def test_folds_compare_over_all_strings(bigram_file, train):
    reports, done = train("--folds", "2")
    assert all("linear_model" in report for report in reports)
    summary = json.loads(next(bigram_file.parent.glob("runs/folds-*/folds.json")).read_text())
    assert sum(sum(fold["linear_model"].values()) for fold in summary["folds"]) == 400
    assert "the linear model does better" in done.err


def test_nothing_is_claimed_where_the_interval_holds_0():
    assert warn_of_linear_model(PairedCounts(300, 20, 20, 60)) is None
    assert warn_of_linear_model(PairedCounts(300, 20, 25, 60)) is None
    assert warn_of_linear_model(PairedCounts(300, 40, 5, 60)) is None


def test_claims_are_rare_where_both_models_are_equally_good():
    draws = np.random.default_rng(1).multinomial(300, [0.8, 0.06, 0.06, 0.08], 2000).tolist()
    claims = [warn_of_linear_model(PairedCounts(*draw)) is not None for draw in draws]
    assert np.mean(claims) <= 0.035
