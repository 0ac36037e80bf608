"""`nlptrain compare report` as a user sees it."""

import shlex
from pathlib import Path

import pytest

from nlptrain.comparison import run as comparison

SETTINGS = ("--vary", "model.encoder.type=pooling,rnn", "--set", "training.epochs=1", "--jobs", "1")


@pytest.fixture
def compare(cli, tiny, monkeypatch):
    """Compare two encoders in this process, without figures."""
    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})
    sizes = [word for each in tiny if each.startswith("data.") for word in ("--set", each)]

    def run(*arguments):
        return cli("compare", "rnn", *sizes, *SETTINGS, "--seeds", "2", *arguments)

    return run


def test_report_prints_what_the_comparison_printed(compare, cli, monkeypatch):
    first = compare("--output", "o")
    monkeypatch.setattr(comparison, "run_trials", None)
    assert cli("compare", "report", "o") == (0, first.out, "")
    assert cli("compare", "report", "o", "--markdown").out.startswith("| rank | contestant ")


def test_seeds_of_two_comparisons_are_joined(compare, cli):
    compare("--output", "a")
    compare("--output", "b", "--set", "comparison.first_seed=3")
    code, out, err = cli("compare", "report", "a", "b", "--output", "c", "--csv")
    assert (code, err) == (0, "")
    assert [line.split(",")[-1] for line in out.splitlines()] == ["trials", "4", "4"]
    assert Path("c/report.html").is_file()


def test_interrupted_comparison_names_the_command_and_that_command_finishes_it(compare, cli):
    compare("--output", "o")
    trials = Path("o/trials.jsonl")
    trials.write_bytes(trials.read_bytes().splitlines(keepends=True)[0])
    code, out, err = cli("compare", "report", "o")
    assert (code, out) == (1, "")
    said, command = err.split("; to finish it: nlptrain ")
    assert said == "o: not finished: 1 of 4 final trials"
    assert cli(*shlex.split(command)).code == 0
    assert cli("compare", "report", "o").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("a", "b"), 2, "several folders: --output DIR says where to join them"),
        ((), 2, "FOLDER"),
        (("nowhere",), 1, "nowhere: not a comparison, as it has no protocol.json"),
        (("nowhere", "--csv", "--markdown"), 2, "--csv cannot be combined with --markdown"),
    ],
)
def test_mistake_is_one_message(cli, workplace, arguments, code, said):
    ended = cli("compare", "report", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert said in " ".join(ended.err.replace("│", " ").split())


def test_all_curves_are_written_on_request(cli, tiny, monkeypatch):
    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})
    names = ("--optimizer", "sgd", "--optimizer", "adam")
    words = ("--trials", "2", "--seeds", "2", "--jobs", "1", "--output", "o")
    widened = ("--set", "comparison.max_widenings=0")
    cli("compare-optimizers", "rnn", *tiny, *names, *words, *widened)
    assert len(list(Path("o/tensorboard").iterdir())) == 4
    cli("compare", "report", "o", "--all-curves")
    assert len(list(Path("o/tensorboard").iterdir())) == 8
