from pathlib import Path

import pytest

from nlptrain.files.storage import read_json


@pytest.fixture
def compare(cli, tiny, monkeypatch):
    """Compare variations of the config rnn in this process, without figures."""
    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})

    def run(*arguments, jobs=("--jobs", "1")):
        sizes = [each for each in tiny if each.startswith("data.")]
        settings = [word for size in sizes for word in ("--set", size)]
        return cli("compare", "rnn", *settings, "--seeds", "2", *jobs, *arguments)

    return run


ENCODERS = ("--vary", "model.encoder.type=pooling,rnn")
SMALL = ("--set", "training.epochs=1")


def test_variations_are_compared_over_the_same_seeds(compare):
    code, out, err = compare(*ENCODERS, *SMALL, "--output", "o")
    assert code == 0
    found = read_json(Path("o/comparison.json"))
    trained = {(trial["contestant"], trial["seed"]) for trial in found["trials"]}
    assert trained == {(f"type {name}", seed) for name in ("pooling", "rnn") for seed in (1, 2)}
    assert {name for name in ("type pooling", "type rnn") if name in out} == {
        "type pooling",
        "type rnn",
    }
    assert "final: 4 of 4 trials" in err


def test_settings_varied_twice_make_all_combinations(compare):
    compare(*ENCODERS, *SMALL, "--vary", "training.batch_size=64,128", "--output", "o")
    assert len(read_json(Path("o/comparison.json"))["ranking"]) == 4


def test_numbers_of_members_are_compared(compare):
    code, out, _ = compare("--vary", "training.members=1,2", *SMALL, "--output", "o")
    assert code == 0
    assert "members 1" in out
    trials = read_json(Path("o/comparison.json"))["trials"]
    losses = {(trial["contestant"], trial["test_loss"]) for trial in trials}
    assert len({loss for _, loss in losses}) == 4


def test_another_optimizer_is_another_comparison(compare):
    for kind in ("adam", "sgd"):
        compare(*ENCODERS, *SMALL, "--set", f"optimizer={{type: {kind}, learning_rate: 0.01}}")
    assert len(list(Path("comparisons").iterdir())) == 2


def test_quiet_prints_only_the_result(compare):
    code, out, err = compare(*ENCODERS, *SMALL, "--quiet")
    assert (code, err) == (0, "")
    assert "comparisons/compare-rnn-001/report.html" in out


@pytest.mark.parametrize(
    ("varied", "problem"),
    [
        ("model.encoder.type", "write --vary key.path=value,value"),
        ("model.encoder.type=rnn,lstmm", "'lstmm' is not one of pooling, rnn"),
        ("model.encoder.typ=rnn", "did you mean 'type'?"),
        ("seed=1,1", "a value stands there twice"),
    ],
)
def test_variation_that_cannot_be_is_one_message(compare, varied, problem):
    code, out, err = compare("--vary", varied)
    assert (code, out) == (1, "")
    assert problem in err
    assert "Traceback" not in err
    assert not Path("comparisons").exists()


def test_nothing_to_vary_is_a_usage_error(compare):
    code, _, err = compare()
    assert code == 2
    assert "--vary" in err


def test_jobs_and_a_scheduler_exclude_each_other(compare):
    code, _, err = compare(*ENCODERS, "--scheduler", "tcp://host:1")
    assert code == 2
    assert "--jobs cannot be combined with --scheduler" in " ".join(err.replace("│", " ").split())
