"""Every command on a terminal of 60, 80, 120 and 200 columns: what stands on the screen, whole.

The screen is that of a terminal emulator, once as wide as the terminal, and once far wider: there
each line is as long as the command wrote it.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pyte
import pytest
import typer

import nlptrain
from nlptrain.cli.app import app
from nlptrain.errors import NonFiniteStepError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")

TRAINING = ("training.steps=4", "training.batch_size=20", "logging.tensorboard=false")
STRINGS = ("data.sizes={train: 60, validation: 20, test: 20}", *TRAINING)
NETWORK = ("model.encoder.hidden_size=4", *STRINGS)


def setting(*settings):
    """Write settings as arguments."""
    return [word for each in settings for word in ("--set", each)]


SMALL = setting(*NETWORK)
OWN = ["own_file", *setting("data.file.path=names.csv", *TRAINING)]
FEW = ["--seeds", "2", "--jobs", "1", "-q"]
ONE_RATE = ["--trials", "1"]
OPTIMIZERS = ["--optimizer", "adam", "--optimizer", "sgd", "--output", "ranking"]
TASKS = [*OPTIMIZERS[:-1], "tasks"]
CELLS = ["--vary", "model.encoder.cell=rnn_relu,gru,lstm"]
SEARCH = ["--trials", "2", "--seeds", "1", "-q"]
SHARDS = ["--file", "shards", "--jobs", "1"]
LANGUAGES = ["English", "Greek", "Norwegian Bokmål (Østfold)"]


class Case(NamedTuple):
    """A command, and what has to stand in one line of its screen each.

    Attributes:
        words: After nlptrain.
        names: What names the rows.
        code: The exit status.
    """

    words: list[str]
    names: list[str]
    code: int = 0


CASES = {
    "train": Case(["train", "rnn", *SMALL], ["test accuracy"]),
    "train refit": Case(
        ["train", "rnn", *SMALL, "--set", "training.refit=true"],
        ["of the first model", "steps on 80 strings", "test accuracy"],
    ),
    "train dry": Case(["train", "rnn", *SMALL, "--dry-run"], ["encoder (rnn_tanh)", "total"]),
    "train folds": Case(["train", *OWN, "--folds", "2"], ["all strings"]),
    "resume": Case(["resume", "rnn-001"], []),
    "replay": Case(["replay", "burst"], ["weight_hh_l0"]),
    "predict": Case(["predict", "abcd"], ["abcd"]),
    "evaluate": Case(["evaluate", "names"], LANGUAGES),
    "predict shards": Case(["predict", "--run", "names", *SHARDS, "--output", "predicted"], []),
    "evaluate shards": Case(
        ["evaluate", "names", *SHARDS, "--mistakes", "9"], ["shards/0.csv", *LANGUAGES]
    ),
    "explain": Case(["explain", "abcdefghijabcdefghij"], ["gradient × input"]),
    "export": Case(["export", "rnn-001", "--format", "onnx"], ["lengths (strings)"]),
    "export page": Case(["export", "rnn-001", "--format", "html"], ["model.html"]),
    "verify": Case(["verify", "rnn", *SMALL, "--steps", "1"], ["encoder.weight_hh_l0"]),
    "runs": Case(["runs"], ["rnn-001", "names", "burst"]),
    "runs show": Case(["runs", "show", "rnn-001"], ["data_fingerprint", "finished"]),
    "runs show card": Case(["runs", "show", "rnn-001", "--card"], ["# rnn"]),
    "serve": Case(["serve", "--host", "203.0.113.1"], ["cannot listen at 203.0.113.1:8000"], 1),
    "config list": Case(["config", "list"], ["reproductions/modular_arithmetic"]),
    "config check": Case(["config", "check", "rnn"], ["rnn: valid"]),
    "config copy": Case(["config", "copy", "rnn", "mine.yaml"], []),
    "config schema": Case(["config", "schema"], []),
    "config reference": Case(["config", "reference"], []),
    "data report": Case(["data", "report", *OWN], ["TF-IDF (1 to 5)", "validation"]),
    "data show": Case(["data", "show", *OWN], LANGUAGES),
    "data export": Case(["data", "export", "rnn", *SMALL, "--output", "x.csv"], []),
    "data tasks": Case(["data", "tasks"], ["modular_arithmetic", "contains_all"]),
    "compare-optimizers": Case(
        ["compare-optimizers", "rnn", *SMALL, *FEW, *ONE_RATE, *OPTIMIZERS],
        ["adam", "sgd"],
    ),
    "compare-optimizers of tasks": Case(
        ["compare-optimizers", "rnn", "pooling", *setting(*STRINGS), *FEW, *ONE_RATE, *TASKS],
        ["adam", "sgd"],
    ),
    "compare-encoders": Case(
        ["compare-encoders", "rnn", *setting(*STRINGS), *FEW, *ONE_RATE, "--output", "matrix"],
        ["mean pooling", "RNN ReLU"],
    ),
    "compare": Case(
        ["compare", "rnn", *SMALL, *FEW, *CELLS, "--output", "cells"],
        ["cell rnn_relu", "cell lstm"],
    ),
    "search": Case(
        ["search", "rnn", *SMALL, "--vary", "model.encoder.cell=rnn_tanh,gru,lstm", *SEARCH],
        ["model.encoder.cell", "best.yaml"],
    ),
    "compare report": Case(["compare", "report", "ranking"], ["adam", "sgd"]),
    "an unknown key": Case(
        ["train", "rnn", "--set", "model.encoder.hidden=32"], ["did you mean 'hidden_size'?"], 1
    ),
    "a broken config": Case(["config", "check", "broken.yaml"], ["broken.yaml:3:"], code=1),
}
UNWRAPPED = {"config schema", "config reference", "runs show card"}
"""What is for a file or another program, in lines as long as their content."""
WIDTHS = [80, *(pytest.param(width, marks=pytest.mark.long) for width in (60, 120, 200))]


@pytest.fixture(scope="module")
def server():
    """Start the process that forks a child for each command."""
    program = Path(__file__).with_name("terminal_server.py")
    with subprocess.Popen(
        [sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, finished_run):
    """Make a folder with runs, a table, and a config that is wrong."""
    place = tmp_path_factory.mktemp("terminal")
    shutil.copytree(finished_run, place / "runs" / "rnn-001")
    rows = [
        f"{letter * 3}{number},{name}"
        for letter, name in zip("aγø", LANGUAGES, strict=True)
        for number in range(12)
    ]
    (place / "names.csv").write_text("\n".join(["text,kind", *rows]), encoding="utf-8")
    (place / "shards").mkdir()
    for number in range(2):
        shard = ["text,kind", *rows[number::2]]
        (place / "shards" / f"{number}.csv").write_text("\n".join(shard), encoding="utf-8")
    quiet = {"runs_dir": place / "runs", "quiet": True}
    path = f"data.file.path={place / 'names.csv'}"
    nlptrain.train("own_file", overrides=[path, *TRAINING, "name=names"], **quiet)
    burst = ("name=burst", "optimizer={type: sgd, learning_rate: 1.0e+30}")
    with pytest.raises(NonFiniteStepError):
        nlptrain.train("rnn", overrides=[*NETWORK, *burst, "model.encoder.cell=rnn_relu"], **quiet)
    for name in ("names", "burst"):
        (place / "runs" / f"{name}-001").rename(place / "runs" / name)
    words = "one setting after another that nobody knows and that the line has no room for"
    (place / "broken.yaml").write_text(f"seed: 1\n\nname: [{words.replace(' ', ', ')}]\n")
    return place


@pytest.fixture(scope="module", params=WIDTHS)
def screens(request, server, folder):
    """Run every command on terminals of one width: what each wrote."""

    def run(words):
        (folder / "mine.yaml").unlink(missing_ok=True)
        request_line = {"words": words, "folder": str(folder), "columns": request.param}
        server.stdin.write(f"{json.dumps(request_line)}\n")
        server.stdin.flush()
        return json.loads(server.stdout.readline())

    return request.param, {name: run(case.words) for name, case in CASES.items()}


def lines_of(text, columns):
    """Show what a terminal of so many columns would: its lines, those scrolled off too."""
    screen = pyte.HistoryScreen(columns, 60, history=100_000, ratio=1)
    pyte.Stream(screen).feed(text)
    above = ["".join(row[column].data for column in range(columns)) for row in screen.history.top]
    return [line.rstrip() for line in (*above, *screen.display)]


def is_broken(line, columns):
    """Tell whether a terminal breaks a line of prose or of a table: not one long word."""
    if len(line) <= columns:
        return False
    start = line.rfind(" ", 0, columns + 1) + 1
    word = line[start:].split(" ")[0]
    return len(word) < columns // 2


def test_there_is_a_case_for_every_command():
    def names(group, before=""):
        for name, command in group.commands.items():
            if isinstance(command, typer.core.TyperGroup):
                yield from names(command, f"{before}{name} ")
            else:
                yield before + name

    missing = set(names(typer.main.get_command(app))) - set(CASES)
    assert missing == set()


def test_every_command_ends_as_it_should(screens):
    _, results = screens
    codes = {name: result["code"] for name, result in results.items()}
    told = {name: results[name]["text"][-500:] for name in CASES if codes[name] != CASES[name].code}
    assert told == {}


def test_no_line_is_wider_than_the_screen_or_broken_in_a_word(screens):
    columns, results = screens
    broken = {
        name: [line for line in lines_of(result["text"], 400) if is_broken(line, columns)]
        for name, result in results.items()
        if name not in UNWRAPPED
    }
    assert {name: lines for name, lines in broken.items() if lines} == {}


def test_names_of_rows_stand_in_one_line_each(screens):
    columns, results = screens
    missing = {}
    for name, case in CASES.items():
        lines = lines_of(results[name]["text"], columns) if case.names else []
        missing[name] = [each for each in case.names if not any(each in line for line in lines)]
    assert {name: names for name, names in missing.items() if names} == {}


def test_nothing_is_cut_off(screens):
    _, results = screens
    cut = {
        name: re.findall(r".*…", result["text"])
        for name, result in results.items()
        if name not in {*UNWRAPPED, "a broken config", "config list"}
    }
    assert {name: lines for name, lines in cut.items() if lines} == {}


def test_help_is_no_wider_than_the_screen(server, folder):
    for command in ("train", "compare-optimizers", "predict"):
        line = {"words": [command, "--help"], "folder": str(folder), "columns": 60}
        server.stdin.write(f"{json.dumps(line)}\n")
        server.stdin.flush()
        text = json.loads(server.stdout.readline())["text"]
        prose = [each for each in lines_of(text, 1000) if not each.lstrip().startswith("nlptrain ")]
        assert [each for each in prose if is_broken(each, 60)] == []
