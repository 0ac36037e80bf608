import csv
import json
from pathlib import Path

import pytest

from nlptrain.config.load import load_config

VARIED = (
    *("--vary", "optimizer.learning_rate=1e-3..1e-1:log"),
    *("--vary", "model.encoder.type=rnn,pooling"),
)


@pytest.fixture
def search(cli, tiny, monkeypatch):
    """Search around the config rnn in this process, without figures."""
    monkeypatch.setattr("nlptrain.search.report.write.draw_figures", lambda *_: {})
    sizes = [each for each in tiny if each.startswith("data.")]
    settings = [word for size in sizes for word in ("--set", size)]
    few = ("--trials", "4", "--seeds", "2", "--set", "training.epochs=3")

    def run(*arguments, varied=VARIED):
        return cli("search", "rnn", *settings, *few, *varied, *arguments)

    return run


def test_a_search_prints_and_leaves_what_it_found(search):
    code, out, err = search("--output", "s")
    assert code == 0
    assert "model.encoder.type" in out
    assert "on 2 fresh seeds" in out
    assert "search: 4 of 4 trials" in err
    report = json.loads(Path("s/report.json").read_text())
    assert len(report["trials"]) == 4
    assert report["final"]["seeds"] == [1, 2]
    rows = list(csv.DictReader(Path("s/trials.csv").read_text().splitlines()))
    assert [row["number"] for row in rows] == ["1", "2", "3", "4"]
    assert Path("s/report.html").is_file()
    assert next(Path("s/tensorboard").iterdir()).is_dir()


def test_best_config_trains_as_it_stands(search, cli):
    search("--output", "s")
    header = Path("s/best.yaml").read_text()
    assert "nlptrain train s/best.yaml" in header
    assert load_config("s/best.yaml").config.search.space == ()
    code, out, _ = cli("train", "s/best.yaml", "--quiet")
    assert code == 0
    assert "test accuracy" in out


def test_same_command_trains_nothing_again(search, monkeypatch):
    first = search()

    def refuse(*_):
        raise AssertionError("a config was trained")

    monkeypatch.setattr("nlptrain.search.work.train_trial", refuse)
    monkeypatch.setattr("nlptrain.comparison.run.run_trials", refuse)
    again = search()
    assert (again.code, again.out) == (0, first.out)
    assert [path.name for path in Path("searches").glob("search-*")] == ["search-rnn-001"]


def test_two_objectives_and_the_smaller_one(search):
    code, out, _ = search("--objective", "accuracy,parameters", "--prefer", "small", "-q")
    assert code == 0
    assert "beaten by no other in both objectives; taken is the smallest" in out


def test_quiet_prints_only_the_result(search):
    code, out, err = search("--quiet")
    assert (code, err) == (0, "")
    assert "best.yaml" in out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--vary", "model.encoder.typ=rnn"), "did you mean 'type'?"),
        (("--vary", "model.dropout=0..2"), "2 is not less than 1"),
        ((), "search.space: is empty"),
        (("--objective", "accuracy,size"), "then one of parameters, seconds, model_bytes"),
        (("--prefer", "small"), "needs two objectives"),
        (("--vary", "data.seed=1,2"), "all trials see the same data"),
    ],
)
def test_what_cannot_be_searched_is_one_message(search, arguments, problem):
    code, out, err = search(varied=arguments)
    assert (code, out) == (1, "")
    assert problem in err
    assert "Traceback" not in err
    assert not Path("searches").exists()


def test_without_optuna_it_says_what_to_install(search, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    code, _, err = search()
    assert code == 1
    assert "pip install 'nlptrain[search]'" in err


def test_folder_of_another_search_is_refused(search):
    search("--output", "s")
    code, _, err = search("--output", "s", "--vary", "model.dropout=0..0.5")
    assert code == 1
    assert "holds a search of other settings" in err
