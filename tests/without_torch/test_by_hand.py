"""The half of nlptrain that needs no torch, where torch and the other large packages are missing.

In the usual environment they are hidden from the processes that these tests start; `.ci/run` runs
them once more in an environment of requirements/predict.txt, where they are not installed.
"""

import json
import shlex
import subprocess
import sys
from typing import NamedTuple

import pytest

MISSING = ("torch", "tensorboard", "scipy", "matplotlib", "polars", "PIL")
PROGRAM = f"""
import importlib.metadata as metadata
import sys

missing = {MISSING!r}

class Hiding:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

def version(package, found=metadata.version):
    if package in missing:
        raise metadata.PackageNotFoundError(package)
    return found(package)

sys.meta_path.insert(0, Hiding)
metadata.version = version
from nlptrain.cli.app import main
main()
"""
SMALL = (
    "data.sizes={train: 60, validation: 20, test: 20}",
    "model.encoder.hidden_size=4",
    "training.steps=4",
)


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a folder with a run trained by hand, and tables."""
    place = tmp_path_factory.mktemp("by_hand")
    (place / "names.csv").write_text("text,label\nabcd,present\nbcde,absent\n,absent\n")
    (place / "names.jsonl").write_text('{"text": "abcd", "label": "present"}\n')
    (place / "shards").mkdir()
    for number in "12":
        (place / "shards" / f"{number}.csv").write_text("text\nabcd\nbcde\n")
    rows = "".join(f"{letter}{number},{letter}\n" for letter in "ab" for number in range(30))
    (place / "own.csv").write_text(f"text,label\n{rows}")
    trained = run(place, "train", "rnn", *setting(*SMALL))
    assert trained.code == 0, trained.err
    assert "no events for TensorBoard: tensorboard is not installed" in trained.err
    return place


def run(folder, *words):
    """Run a command in a process without the packages."""
    command = [sys.executable, "-c", PROGRAM, *words]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def setting(*settings):
    return [word for each in settings for word in ("--set", each)]


def test_record_names_the_versions_that_there_are(folder):
    record = json.loads((folder / "runs/rnn-001/run.json").read_text())
    assert "numpy" in record["versions"]
    assert "torch" not in record["versions"]
    assert record["status"] == "finished"


@pytest.mark.parametrize(
    "line",
    [
        "predict abcd ''",
        "predict --file names.csv --column text",
        "predict --file names.csv --output predicted.jsonl",
        "predict --file names.jsonl --json",
        "predict --file shards --jobs 2 --output predicted",
        "evaluate",
        "evaluate --file names.csv",
        "explain abcd --html abcd.html",
        "runs",
        "config check lstm",
        "data show rnn",
        "resume rnn-001 --set training.steps=6",
        "train rnn --dry-run",
    ],
)
def test_command_works(folder, line):
    ended = run(folder, *shlex.split(line))
    assert ended.code == 0, ended.err


def test_own_file_is_trained_on_without_the_linear_model(folder):
    own = ("data.file.path=own.csv", "training.steps=4")
    ended = run(folder, "train", "own_file", *setting(*own))
    assert ended.code == 0, ended.err
    assert "no linear model beside the network: scipy is not installed" in ended.err
    assert "linear model" not in ended.out


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("verify rnn", "torch"),
        ("train rnn --set engine=torch", "torch"),
        ("train rnn --set device=cuda", "torch"),
        ("predict --file names.csv --output predicted.parquet", "polars"),
        ("evaluate --figures figures", "matplotlib"),
        ("data report own_file --set data.file.path=own.csv", "scipy"),
        ("compare-optimizers rnn --seeds 1", "matplotlib polars scipy tensorboard"),
    ],
)
def test_what_needs_more_says_what_to_install(folder, line, package):
    ended = run(folder, *shlex.split(line))
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert f"pip install {package}" in " ".join(ended.err.split())
    assert not (folder / "comparisons").exists()


def test_network_trained_by_hand_here_predicts_where_everything_is(folder):
    ended = run(folder, "predict", "abcd", "--json", "--run", "rnn-001")
    found = json.loads(ended.out)
    from nlptrain.inference.model import load

    (expected,) = load(folder / "runs/rnn-001").predict(["abcd"])
    assert found["label"] == expected.label
