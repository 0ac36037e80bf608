"""Disks that are really full or read-only, and files that may not grow: in real processes."""

import json
import os
import shutil
import subprocess

import pytest

from nlptrain.runs.folder import RunFolder
from nlptrain.training.checkpoint import Checkpoint

pytestmark = [pytest.mark.long, pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")]

SETTINGS = (
    "device=cpu",
    "engine=numpy",
    "text.min_count=1",
    "data.sizes={train: 40, validation: 12, test: 12}",
    "model.embedding.dim=4",
    "model.encoder.hidden_size=48",
    "training.batch_size=8",
    "training.epochs=2",
    "training.checkpoint_every_steps=3",
    "training.calibration=temperature",
    "logging.every_steps=2",
)
SMALL = tuple(word for setting in SETTINGS for word in ("--set", setting))
TRAIN = ("train", "rnn", "-q", *SMALL)
FILES = ("model.safetensors", "checkpoint.safetensors", "metrics.jsonl")


@pytest.fixture
def limited(limited_server, tmp_path):
    """Run a command in tmp_path: limited("train", "rnn", file_size=…) → status, words."""

    def run(*words, file_size=None, folder=tmp_path):
        return _ask(limited_server, words, folder, file_size)

    return run


def _ask(server, words, folder, file_size=None):
    request = {"words": words, "folder": str(folder), "file_size": file_size}
    server.stdin.write(f"{json.dumps(request)}\n")
    server.stdin.flush()
    return json.loads(server.stdout.readline())


@pytest.fixture
def disk(tmp_path):
    """Mount a small disk as runs/ or another folder: disk(kibibytes); again, with another size."""
    mounted = []

    def mount(size, name="runs"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        options = f"{'remount,' if folder in mounted else ''}size={size}k"
        _call("mount", "-t", "tmpfs", "-o", options, "none", folder)
        mounted.append(folder)
        return folder

    yield mount
    for folder in set(mounted):
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def read_only(tmp_path):
    """Make a folder read-only: by a mount for root, whom no mode stops."""
    mounted, closed = [], []

    def close(folder):
        assert folder.is_dir()
        if os.geteuid():
            folder.chmod(0o500)
            closed.append(folder)
            return
        _call("mount", "--bind", folder, folder)
        mounted.append(folder)
        _call("mount", "-o", "remount,bind,ro", folder)

    yield close
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)
    for folder in closed:
        folder.chmod(0o700)


def _call(*words):
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip(f"no {words[0]} here")
    if done.returncode:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")


@pytest.fixture(scope="module")
def whole(limited_server, tmp_path_factory):
    """Train once with nothing in the way: the run's folder."""
    folder = tmp_path_factory.mktemp("whole")
    assert _ask(limited_server, TRAIN, folder)[0] == 0
    return folder / "runs" / "rnn-001"


def read_files(folder):
    return {name: (folder / name).read_bytes() for name in FILES}


def check_failure(ended, runs, problem):
    """Check the message, and that what is there is whole: whether it can be resumed."""
    status, said = ended
    assert status == 1, said
    last = said.splitlines()[-1]
    assert problem in last
    assert "Traceback" not in said
    assert not list(runs.rglob("*.part"))
    folder = RunFolder(runs / "rnn-001")
    if not folder.path.exists():
        return False
    assert last.endswith("; then resume: nlptrain resume runs/rnn-001")
    folder.read_record()
    if folder.checkpoint_path.exists():
        Checkpoint.load(folder.checkpoint_path)
    return True


def resume_to_the_end(limited, runs, whole):
    status, said = limited("resume", "rnn-001", "-q")
    assert status == 0, said
    assert read_files(runs / "rnn-001") == read_files(whole)
    assert not list(runs.rglob("*.part"))


SELDOM = ("--set", "training.checkpoint_every_steps=null")


@pytest.mark.parametrize(
    ("size", "settings", "name"),
    [
        (0, (), "config.yaml"),
        (4400, (), "run.json"),
        (8000, (), "checkpoint.safetensors"),
        (9000, SELDOM, "model.safetensors"),
        (20000, (), "checkpoint.safetensors"),
    ],
)
def test_file_that_may_not_grow_ends_the_training_and_can_be_resumed(
    limited, tmp_path, whole, size, settings, name
):
    ended = limited(*TRAIN, *settings, file_size=size)
    runs = tmp_path / "runs"
    problem = f"{name}: cannot write: File too large; allow larger files: ulimit -f unlimited"
    is_kept = name not in ("config.yaml", "run.json")
    assert check_failure(ended, runs, problem) == is_kept
    if is_kept:
        resume_to_the_end(limited, runs, whole)


@pytest.mark.parametrize("size", range(4, 112, 12))
def test_full_disk_ends_the_training_and_can_be_resumed(limited, disk, whole, size):
    runs = disk(size)
    ended = limited(*TRAIN)
    problem = "cannot write: No space left on device; free some space there"
    if check_failure(ended, runs, problem):
        disk(1000)
        resume_to_the_end(limited, runs, whole)
    else:
        assert "/config.yaml: " in ended[1] or "/run.json: " in ended[1]


def test_disk_that_fills_up_again_and_again(limited, disk, whole):
    runs = disk(16)
    ended = limited(*TRAIN)
    for size in (36, 60, 84, 120, 160):
        if ended[0]:
            check_failure(ended, runs, "No space left on device")
            disk(size)
            ended = limited("resume", "rnn-001", "-q")
    assert ended[0] == 0
    assert read_files(runs / "rnn-001") == read_files(whole)


OUTPUTS = {
    "predict --file words.csv --output out.csv": "out.csv",
    "predict --file words.csv --output out.tsv": "out.tsv",
    "predict --file words.csv --output out.jsonl": "out.jsonl",
    "predict --file words.csv --output out.parquet": "out.parquet",
    "data export rnn --output out.csv": "out.csv",
    "data export rnn --output out.jsonl": "out.jsonl",
    "data export rnn --output out.parquet": "out.parquet",
    "evaluate --figures .": "reliability.png",
    "explain abcd --html out.html": "out.html",
    "config copy rnn out.yaml": "out.yaml",
}


@pytest.fixture
def trained(whole, tmp_path):
    """Have a finished run, and words to predict."""
    shutil.copytree(whole, tmp_path / "runs" / "rnn-001")
    (tmp_path / "words.csv").write_text("text\n" + "abc\nbcd\n" * 50)
    return sorted(path.name for path in tmp_path.iterdir())


def run_output(limited, command, **limits):
    settings = SMALL if command.startswith("data") else ()
    return limited(*command.split(), *settings, **limits)


@pytest.mark.parametrize("command", OUTPUTS)
def test_output_that_may_not_grow_is_one_message_and_no_file(limited, tmp_path, trained, command):
    status, said = run_output(limited, command, file_size=100)
    last = said.splitlines()[-1]
    assert status == 1
    assert last.startswith(f"{OUTPUTS[command]}: ")
    assert "File too large" in last
    assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == trained


@pytest.mark.parametrize("command", OUTPUTS)
def test_output_into_a_read_only_folder_is_one_message(
    limited, tmp_path, trained, read_only, command
):
    read_only(tmp_path)
    status, said = run_output(limited, command)
    last = said.splitlines()[-1]
    assert status == 1
    assert last.startswith(f"{OUTPUTS[command]}: ")
    assert "Read-only file system" in last or "Permission denied" in last
    assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == trained


@pytest.mark.parametrize("command", OUTPUTS)
def test_output_on_a_full_disk_is_one_message_and_no_file(limited, disk, trained, command):
    folder = disk(4, "small")
    (folder / "filler").write_bytes(b"x" * 4096)
    moved = command.replace(" out.", " small/out.").replace("--figures .", "--figures small")
    status, said = run_output(limited, moved)
    assert status == 1
    last = said.splitlines()[-1]
    assert last.startswith(f"small/{OUTPUTS[command]}: ")
    assert "No space left on device" in last
    assert [path.name for path in folder.iterdir()] == ["filler"]


def test_read_only_run_cannot_be_resumed_but_seen(limited, tmp_path, read_only):
    diverging = ("--set", "optimizer.learning_rate=1e30", "--set", "model.encoder.cell=rnn_relu")
    limited(*TRAIN, *diverging)
    read_only(tmp_path / "runs" / "rnn-001")
    status, said = limited("resume", "rnn-001")
    assert status == 1
    assert said.splitlines()[-1].endswith("; allow writing there")
    status, said = limited("runs")
    assert status == 0
    assert "rnn-001  failed" in said


COMPARE = (
    *("compare-optimizers", "rnn", *SMALL, "--jobs", "1", "--output", "comparison"),
    *("--set", "comparison={seeds: 12, trials: 2, max_widenings: 1}"),
    *("--set", "comparison.optimizers=[{type: sgd, learning_rate: 0.1}]"),
)


@pytest.mark.parametrize(
    ("size", "name"),
    [(300, "protocol.json"), (4000, "trials.jsonl"), (9000, "comparison.json")],
)
def test_comparison_that_may_not_write_goes_on_with_the_same_command(limited, tmp_path, size, name):
    status, said = limited(*COMPARE, file_size=size)
    last = said.splitlines()[-1]
    assert status == 1
    assert last.startswith(f"comparison/{name}: cannot write: File too large")
    assert last.endswith("then give the same command again, finished trials are kept")
    assert not list(tmp_path.rglob("*.part"))
    kept = tmp_path / "comparison" / "trials.jsonl"
    finished = kept.read_bytes().rpartition(b"\n")[0] if kept.exists() else b""
    limited(*COMPARE, file_size=9000)
    assert kept.read_bytes().startswith(finished)
    assert kept.read_bytes().count(b"\n") == 15


def test_comparison_ends_once_there_is_room(limited, tmp_path):
    assert limited(*COMPARE, file_size=60_000)[0] == 1
    status, said = limited(*COMPARE)
    assert status == 0, said
    assert (tmp_path / "comparison" / "report.html").is_file()
    assert not list(tmp_path.rglob("*.part"))
