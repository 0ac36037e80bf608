from pathlib import Path

import pytest

from nlptrain.storage import read_json

TWO = "comparison.optimizers=[{type: sgd}, {type: adam, learning_rate: 0.01}]"


@pytest.fixture
def compare(cli, tiny):
    def run(*arguments):
        return cli("compare-optimizers", "rnn", *tiny, "--set", TWO, "--jobs", "1", *arguments)

    return run


def test_comparison_shows_a_table_and_leaves_curves_and_numbers(compare, workplace):
    code, out, err = compare("--seeds", "2")
    rows = [line.split() for line in out.splitlines()]
    assert code == 0
    assert [row[0] for row in rows[2:4]] == ["sgd", "adam"]
    paths = {row[0]: Path(row[1]) for row in rows if row and row[0] in ("curves", "numbers")}
    assert paths["curves"].read_bytes().startswith(b"\x89PNG")
    assert read_json(paths["numbers"])["protocol"]["seeds"] == [0, 1]
    assert err.startswith("engine: ")
    assert err.count("test accuracy") == 4


def test_trials_are_no_runs(compare, cli, workplace):
    compare("--seeds", "1", "--quiet")
    assert cli("runs").out == ""
    assert cli("predict", "abcd").code == 1


def test_quiet_comparison_prints_only_its_result(compare):
    code, out, err = compare("--seeds", "1", "--quiet", "--output", "elsewhere")
    assert (code, err) == (0, "")
    assert "elsewhere/compare-rnn-001/" in out
