import json

import pytest

from nlptrain.numpy_nn import optimizers
from nlptrain.training import numpy_learner

SMALL = [
    argument
    for setting in ("train=200", "validation=20", "test=20")
    for argument in ("--set", f"data.sizes.{setting}")
]


@pytest.fixture
def broken_adam(monkeypatch):
    right = optimizers.Adam
    wrong = lambda p, **rest: right(p, **rest | {"eps": 1e-3})  # noqa: E731
    monkeypatch.setitem(optimizers.CLASSES, "adam", wrong)


@pytest.fixture
def broken_logits(monkeypatch):
    logits = numpy_learner.Classifier.logits
    nan = float("nan")
    monkeypatch.setattr(
        numpy_learner.Classifier, "logits", lambda *arguments: logits(*arguments) * nan
    )


@pytest.mark.parametrize("config", ["pooling", "rnn", "cnn", "lstm"])
def test_agreeing_engines_are_shown_row_by_row(cli, config):
    code, out, err = cli("verify", config, *SMALL, "--steps", "1")
    rows = [line.split() for line in out.splitlines() if line.endswith(("pass", "FAIL"))]
    assert code == 0
    assert rows[0][0] == "logits"
    assert rows[-1][:4] == ["parameters", "after", "1", "update"]
    assert {row[-1] for row in rows} == {"pass"}
    assert err == "by hand and torch, on the CPU in float64: steps 1, batch size 64\n"


def test_table_says_where_its_tolerances_come_from(cli):
    out = cli("verify", "pooling", *SMALL, "--dtype", "float32").out
    assert "tolerance before updates  256 ulps (3.1e-05) of the largest: the same sums" in out
    assert "tolerance after updates   1,024 ulps (1.2e-04) of the largest: rounding" in out


def test_without_a_config_the_packaged_rnn_is_taken(cli):
    rows = json.loads(cli("verify", *SMALL, "--steps", "1", "--json").out)
    assert "encoder.weight_hh_l0" in [row["array"] for row in rows]


def test_five_updates_are_the_default(cli):
    rows = json.loads(cli("verify", "pooling", *SMALL, "--json").out)
    assert rows[-1]["quantity"] == "parameters after 5 updates"
    assert all(row["passed"] and 0 <= row["absolute"] <= row["allowed"] for row in rows)


def test_broken_engine_exits_1_and_says_how_much_is_wrong(cli, broken_adam):
    code, out, err = cli("verify", "pooling", *SMALL, "--steps", "2")
    assert code == 1
    assert out.count("FAIL") == 2
    assert err.endswith("\n2 of 7 differ by more than rounding errors\n")


def test_failure_in_float32_names_what_else_it_may_be(cli, broken_adam):
    code, _, err = cli("verify", "pooling", *SMALL, "--dtype", "float32")
    assert code == 1
    assert "--dtype float64 distinguishes this from a mistake" in err


def test_nan_fails_and_is_null_in_json(cli, broken_logits):
    code, out, _ = cli("verify", "pooling", *SMALL, "--steps", "1", "--json")
    logits = json.loads(out)[0]
    assert code == 1
    assert (logits["absolute"], logits["passed"]) == (None, False)


def test_wrong_config_is_one_message(cli):
    code, out, err = cli("verify", "rnn", "--set", "model.readout=first")
    assert (code, out) == (1, "")
    assert "model.readout" in err


@pytest.mark.parametrize("arguments", [("--steps", "0"), ("--dtype", "float16")])
def test_wrong_usage_exits_2(cli, arguments):
    assert cli("verify", *arguments).code == 2
