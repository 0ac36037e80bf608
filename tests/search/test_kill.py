"""Real processes: killed anywhere, and two at once on one study."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL"),
]

SETTINGS = (
    "engine=numpy",
    "data.sizes={train: 200, validation: 50, test: 50}",
    "model.encoder.hidden_size=8",
    "training.epochs=9",
)
COMMAND = [
    *(sys.executable, "-m", "nlptrain", "search", "rnn", "--trials", "12", "--seeds", "2", "-q"),
    *(word for setting in SETTINGS for word in ("--set", setting)),
    *("--vary", "optimizer.learning_rate=1e-4..1e-1:log", "--vary", "model.encoder.cell=gru,lstm"),
    "--output",
]


def start(folder, *more):
    return subprocess.Popen(
        [*COMMAND, folder, *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(process):
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    return out


def size_of(path):
    return path.stat().st_size if path.is_file() else 0


def report_of(folder):
    report = json.loads(Path(folder, "report.json").read_text())
    del report["protocol"]
    return report


@pytest.fixture
def whole(workplace):
    finish(start("whole"))
    return report_of("whole")


def wait_for_growth(process, study, share):
    """Wait until a study has grown by a share of the whole one, in a process that goes on."""
    goal = size_of(study) + share * size_of(Path("whole", study.name))
    while size_of(study) <= goal and process.poll() is None:
        time.sleep(0.002)
    assert process.poll() is None


def test_killed_anywhere_it_comes_to_the_same(whole):
    chance, study = random.Random(0), Path("killed", "study.jsonl")
    for _ in range(5):
        process = start("killed")
        wait_for_growth(process, study, chance.uniform(0.01, 0.15))
        process.kill()
        process.communicate()
    finish(start("killed"))
    assert report_of("killed") == whole


def test_interrupted_by_the_user_it_goes_on(whole):
    process = start("broken")
    wait_for_growth(process, Path("broken", "study.jsonl"), 0.3)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command resumes the search" in out
    finish(start("broken"))
    assert report_of("broken") == whole


@pytest.mark.parametrize("more", [(), ("--jobs", "2")])
def test_processes_work_on_one_study(workplace, more):
    first, second = start("shared", *more), start("shared", *more)
    outs = [finish(first), finish(second)]
    trials = report_of("shared")["trials"]
    ended = [trial for trial in trials if trial["state"] in ("finished", "pruned")]
    assert len(ended) == 12
    settings = [json.dumps(trial["values"]) for trial in ended if trial["repeats"] is None]
    assert len(set(settings)) == len(settings)
    assert any("on 2 fresh seeds" in out for out in outs)
