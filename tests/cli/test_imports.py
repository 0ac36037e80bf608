import shlex
import subprocess
import sys

import pytest

HEAVY = {
    *("torch", "tensorboard", "matplotlib", "polars", "joblib", "sklearn", "jinja2"),
    *("optuna", "sqlalchemy", "fastapi", "uvicorn"),
}

PROGRAM = """
import atexit, sys
atexit.register(lambda: print("loaded", *{name.partition(".")[0] for name in sys.modules}))
sys.argv = ["nlptrain", *sys.argv[1:]]
"""

NLPTRAIN = "from nlptrain.cli.app import main; main()"

SEVERAL = """
import shlex
from nlptrain.cli.app import main

for line in sys.argv[1:]:
    sys.argv = ["nlptrain", *shlex.split(line)]
    try:
        main()
    except SystemExit as end:
        assert not end.code, line
"""


def loaded_by(program, arguments, folder):
    """Run a program and list the top packages that it has loaded at its end."""
    command = [sys.executable, "-c", PROGRAM + program, *shlex.split(arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.splitlines()[-1].split()[1:])


def loaded_by_several(commands, folder):
    """Run nlptrain's commands one after another in one process: what it has loaded at its end."""
    return loaded_by(SEVERAL, shlex.join(map(shlex.join, commands)), folder)


def test_commands_load_nothing_heavy(runs):
    lines = ("train --help", "search --help", "runs", "runs show", "config check own_file")
    assert not loaded_by_several(map(shlex.split, lines), runs.parent) & HEAVY


def test_listing_runs_loads_no_numpy(runs):
    assert "numpy" not in loaded_by(NLPTRAIN, "runs", runs.parent)


def test_help_loads_no_package_but_typer(runs):
    packages = {"numpy", "pydantic", "yaml", "rich", "safetensors", "filelock", *HEAVY}
    assert not loaded_by(NLPTRAIN, "--help", runs.parent) & packages


def test_predict_loads_numpy_and_safetensors_alone(runs):
    loaded = loaded_by(NLPTRAIN, "predict abcd", runs.parent)
    assert {"numpy", "safetensors"} <= loaded
    assert not loaded & {"pydantic", "pydantic_core", "yaml", "rich", "filelock", *HEAVY}


def test_predict_loads_no_random_numbers(runs):
    # NumPy's generators load the module of secrets.
    assert "secrets" not in loaded_by(NLPTRAIN, "predict abcd", runs.parent)


def test_training_by_hand_never_loads_torch(runs, tiny):
    lines = (
        ["train", "rnn", *tiny, "--set", "engine=numpy", "--set", "logging.tensorboard=true"],
        ["train", "rnn", *tiny, "--set", "engine=numpy", "--dry-run"],
        ["evaluate", "rnn-001"],
        ["explain", "abcd"],
    )
    assert "torch" not in loaded_by_several(lines, runs.parent)


def test_serving_never_loads_torch(runs):
    program = """
from pathlib import Path
import nlptrain.serving.server
from nlptrain.serving.app import build_app
from nlptrain.serving.limits import Limits
from nlptrain.serving.models import ServedModels
build_app(ServedModels([], Path("runs")), Limits(), log=print, tell=print)
"""
    heavy = HEAVY - {"fastapi", "uvicorn", "jinja2"}
    assert not loaded_by(program, "", runs.parent) & heavy


@pytest.mark.long
def test_resuming_and_comparing_by_hand_never_load_torch(runs, tiny):
    record = runs / "rnn-001" / "run.json"
    record.write_text(record.read_text().replace('"finished"', '"interrupted"'))
    small = [*tiny, "--set", "engine=numpy", "--set", "training.epochs=1"]
    lines = (
        ["resume", "rnn-001"],
        ["compare-optimizers", "rnn", *small, "--seeds", "1", "--trials", "1", "--jobs", "1"],
        ["compare", "rnn", *small, "--vary", "seed=1,2", "--seeds", "1", "--jobs", "2"],
    )
    assert "torch" not in loaded_by_several(lines, runs.parent)


@pytest.mark.long
def test_parent_of_processes_that_train_with_torch_never_loads_it(runs, tiny):
    small = [*tiny, "--set", "engine=torch", "--set", "training.epochs=1"]
    options = ("--vary", "seed=1,2", "--seeds", "1", "--jobs", "2")
    arguments = shlex.join(["compare", "rnn", *small, *options])
    assert "torch" not in loaded_by(NLPTRAIN, arguments, runs.parent)


@pytest.mark.long
def test_processes_that_train_by_hand_never_load_torch(runs, tiny):
    program = """
from nlptrain.workers import execution
run = execution._run_numbered

def look(task, number, group):
    outcome = run(task, number, group)
    import sys
    assert not {"torch", "matplotlib", "tensorboard"} & sys.modules.keys()
    return outcome

execution._run_numbered = look
"""
    small = [*tiny, "--set", "engine=numpy", "--set", "training.epochs=1"]
    options = ("--vary", "seed=1,2", "--seeds", "1", "--jobs", "2")
    loaded_by(program + NLPTRAIN, shlex.join(["compare", "rnn", *small, *options]), runs.parent)
