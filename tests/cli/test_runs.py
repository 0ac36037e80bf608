import json
import shutil

import pytest

from nlptrain.files.storage import read_json, write_json
from nlptrain.runs.folder import RunFolder


@pytest.fixture
def add(runs):
    """Add runs that are changed copies of the first."""

    def add_run(name, **changes):
        shutil.copytree(runs / "rnn-001", runs / name)
        path = runs / name / "run.json"
        write_json(path, read_json(path) | {"name": name} | changes)
        return RunFolder(runs / name)

    return add_run


def test_table_has_a_run_a_row(cli, runs, add):
    add(
        "lstm-001",
        encoder="lstm",
        score=None,
        status="interrupted",
        started="2020-01-01T00:00+00:00",
    )
    code, out, err = cli("runs")
    rows = [line.split() for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert rows[0] == ["name", "status", "encoder", "optimizer", "score", "seconds", "when"]
    assert rows[2][:4] == ["lstm-001", "interrupted", "lstm", "adam"]
    assert rows[3][:5] == ["rnn-001", "finished", "rnn_tanh", "adam", f"{float(rows[3][4]):.4f}"]


def test_run_whose_process_died_was_killed(cli, runs, add):
    folder = add("rnn-002", status="running")
    assert "killed" in cli("runs").out
    with folder.lock():
        out = cli("runs").out
    assert "killed" not in out
    assert "running" in out


def test_json_lists_all_that_is_known(cli, runs):
    (run,) = json.loads(cli("runs", "--json").out)
    assert run["name"] == "rnn-001"
    assert run["run"] == "runs/rnn-001"
    assert run["score"] == read_json(runs / "rnn-001" / "report.json")["accuracy"]
    assert {"config.yaml", "model.safetensors", "run.json"} <= set(run["files"])


def test_moved_run_goes_by_the_name_of_its_folder(cli, runs):
    (runs / "rnn-001").rename(runs / "best")
    assert json.loads(cli("runs", "--json").out)[0]["name"] == "best"
    assert "best " in cli("runs").out
    assert cli("predict", "abcd", "--run", "best").code == 0


def test_no_runs_suggest_a_training(cli, workplace):
    assert cli("runs") == (0, "", "runs: no runs yet; train one: nlptrain train rnn\n")
    assert cli("runs", "--json").out == "[]\n"


def test_one_run_in_full(cli, runs):
    code, out, err = cli("runs", "show", "rnn-001")
    assert (code, err) == (0, "")
    assert any(line.split() == ["optimizer", "adam"] for line in out.splitlines())
    assert any(line.startswith("test accuracy") for line in out.splitlines())
    assert out.endswith((runs / "rnn-001" / "config.yaml").read_text())


def test_one_run_as_json_has_its_report(cli, runs):
    shown = json.loads(cli("runs", "show", "--json").out)
    assert shown["report"] == read_json(runs / "rnn-001" / "report.json")
    assert shown["status"] == "finished"


@pytest.mark.parametrize(
    "arguments",
    [("runs", "--runs-dir", "elsewhere", "show"), ("runs", "show", "--runs-dir", "elsewhere")],
    ids=" ".join,
)
def test_runs_dir_may_stand_before_and_after_show(cli, runs, workplace, arguments):
    runs.rename(workplace / "elsewhere")
    assert cli(*arguments, "rnn-001").code == 0


def test_extensions_are_shown_but_not_the_config_twice(cli, runs, add):
    change = {"training.epochs": {"from": 2, "to": 3}}
    add("rnn-002", extensions=[{"after_step": 10, "changes": change}] * 2)
    out = cli("runs", "show", "rnn-002").out
    (line,) = [line for line in out.splitlines() if line.startswith("extensions")]
    one = "after_step 10, changes training.epochs from 2, to 3"
    assert line.removeprefix("extensions").strip() == f"{one}; {one}"
    assert not any(line.startswith("config ") for line in out.splitlines())
    assert "config" not in json.loads(cli("runs", "show", "rnn-002", "--json").out)
