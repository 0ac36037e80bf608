"""Trainings that are killed, anywhere, again and again: resumed, they end with the same bytes."""

import json
import os
import random
import subprocess
import sys

import pytest

pytestmark = pytest.mark.long

SETUPS = [
    f"{engine}-{name}"
    for name in ("cnn", "rnn", "lstm", "pooling")
    for engine in ("numpy", "torch")
]
WRITTEN = (
    *("config.yaml", "run.json", "model.safetensors", "checkpoint.safetensors"),
    *("report.json", "card.md"),
)
NAMED = [
    # Between the temporary file and its name, and right after it.
    *(
        f"{event} replace in write_atomic {name}"
        for name in WRITTEN
        for event in ("c_call", "c_return")
    ),
    # The file half written.
    *(f"c_return flush in write_atomic {name}" for name in WRITTEN),
    "c_return flush in MetricsFile.report metrics.jsonl",
    "c_return flush in EventFile.flush events.out.tfevents.000001",
    # Between the metrics and the checkpoint that counts on them.
    "return MetricsFile.offset",
    "call _evaluate",
    "return _evaluate",
    "call ModelFile.save",
    "call fit_decision_rule",
    "call evaluate_on_test",
    "return Journal.write_report",
    "return Journal.close",
]
"""Where a kill is least wanted."""
BETWEEN = [
    "call Journal.save_decision_rule",
    "return Journal.save_decision_rule",
    "call Journal.begin_refit",
    "return Journal.begin_refit",
    "return _sum_up",
    "c_return replace in write_atomic model.safetensors",
]
"""The same in a run with a second training."""


def pytest_generate_tests(metafunc):
    """Make the points; `--kill-points N` makes more of those drawn by lot."""
    if "point" in metafunc.fixturenames:
        metafunc.parametrize("point", range(metafunc.config.getoption("kill_points")))


def draw_fault(lot, whole):
    """Draw what happens to one process."""
    kind = lot.choice(["place", "place", "call", "tear", "power", "time"])
    if kind == "time":
        return {"seconds": lot.uniform(0, whole.seconds)}
    if kind == "call":
        return {"call": lot.randrange(whole.first, whole.events), "act": "kill"}
    places = sorted(whole.places)
    if kind == "tear":
        places = [place for place in places if place.startswith("c_return flush")]
    place = lot.choice(places)
    fault = {"place": place, "number": lot.randint(1, whole.places[place])}
    if kind == "tear":
        return fault | {"act": "tear", "share": lot.random()}
    if kind == "power":
        return fault | {"act": "power", "keep_names": lot.random() < 0.5}
    return fault | {"act": "kill"}


@pytest.mark.parametrize("setup", SETUPS)
def test_unbroken_run_has_every_step_once(unbroken, setup):
    lines = [
        json.loads(line) for line in unbroken(setup).folder.metrics_path.read_text().splitlines()
    ]
    refit = [line for line in lines if "phase" in line]
    assert [line["step"] for line in refit if line["kind"] == "step"] == list(
        range(2, max((line["step"] for line in refit), default=0) + 1, 2)
    )
    lines = [line for line in lines if "phase" not in line]
    steps = [line["step"] for line in lines if line["kind"] == "step"]
    evaluations = [line["step"] for line in lines if line["kind"] == "evaluation"]
    last = max(steps[-1], evaluations[-1])
    assert steps == list(range(2, last + 1, 2))
    assert evaluations == sorted(set(evaluations))
    # The one with patience ends by it, long before its 30 steps.
    assert 10 <= last < 30


@pytest.mark.parametrize("number", range(len(NAMED)))
def test_run_killed_where_it_hurts_ends_with_the_same_bytes(
    unbroken, break_and_resume, assert_equal_runs, number
):
    whole = unbroken(SETUPS[number % len(SETUPS)])
    lot = random.Random(number)
    place = NAMED[number]
    act = {"act": "tear", "share": lot.random()} if "flush" in place else {"act": "kill"}
    fault = {"place": place, "number": lot.randint(1, whole.places[place])} | act
    assert_equal_runs(break_and_resume(whole.words, [fault]), whole.folder)


@pytest.mark.parametrize("engine", ["numpy", "torch"])
@pytest.mark.parametrize("place", BETWEEN)
def test_run_killed_between_its_trainings_ends_with_the_same_bytes(
    unbroken, break_and_resume, assert_equal_runs, engine, place
):
    whole = unbroken(f"{engine}-cnn")
    fault = {"place": place, "number": whole.places[place], "act": "kill"}
    assert_equal_runs(break_and_resume(whole.words, [fault]), whole.folder)


def test_run_killed_anywhere_ends_with_the_same_bytes(
    unbroken, break_and_resume, assert_equal_runs, point
):
    lot = random.Random(point)
    whole = unbroken(SETUPS[point % len(SETUPS)])
    faults = [draw_fault(lot, whole) for _ in range(lot.choice([1, 1, 2, 3]))]
    assert_equal_runs(break_and_resume(whole.words, faults), whole.folder)


@pytest.mark.parametrize("seed", range(2))
def test_process_of_its_own_killed_at_any_time_ends_with_the_same_bytes(
    unbroken, find_whole_run, assert_equal_runs, tmp_path, seed
):
    def run(*words, timeout=None):
        command = [sys.executable, "-m", "nlptrain", *words]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        subprocess.run(command, cwd=tmp_path, env=environment, timeout=timeout, check=True)

    whole = unbroken("numpy-lstm")
    (tmp_path / "runs").mkdir()
    try:
        # Past its time `subprocess` kills the process.
        run(*whole.words, timeout=random.Random(seed).uniform(1, 3))
    except subprocess.TimeoutExpired:
        folder = find_whole_run(tmp_path / "runs")
        run(*(("resume", folder.path.name) if folder else whole.words))
    assert_equal_runs(find_whole_run(tmp_path / "runs"), whole.folder)
