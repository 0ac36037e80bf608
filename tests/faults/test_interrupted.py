"""Ctrl-C, SIGTERM and SIGHUP at any moment of a real process, once or twice."""

import random
import signal

import pytest

pytestmark = pytest.mark.long

# Not the one whose checkpoints go by the clock: its calls differ from run to run.
SETUPS = ["numpy-cnn", "torch-rnn", "numpy-rnn", "torch-pooling"]
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def interrupt(forks, unbroken, tmp_path):
    """Train and send signals, at a place or when a share is done: how it ended, and the whole."""
    (tmp_path / "runs").mkdir()

    def run(setup, share=None, **fault):
        whole = unbroken(setup)
        if share is not None:
            fault["call"] = whole.first + int(share * (whole.last - whole.first))
        fault = {"act": "signals", "gap": 0} | fault
        return forks.run(*whole.words, folder=tmp_path, fault=fault), whole

    return run


@pytest.fixture
def resume(forks, tmp_path, find_whole_run):
    """Go on as the interrupted process said, and give the run's folder."""

    def run(ended):
        command = ended.err.splitlines()[-1].partition("to resume: nlptrain ")[2]
        assert command == "resume rnn-001"
        again = forks.run(*command.split(), folder=tmp_path)
        assert again.code == 0, again.err
        return find_whole_run(tmp_path / "runs")

    return run


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("point", range(10))
def test_interrupted_training_saves_and_says_how_to_go_on(
    interrupt, resume, assert_equal_runs, find_whole_run, tmp_path, point, number
):
    lot = random.Random(point)
    setup = SETUPS[point % len(SETUPS)]
    share = lot.uniform(0.02, 0.9)
    ended, whole = interrupt(setup, share=share, signals=[number])
    assert ended.code == 128 + number, ended.err
    assert find_whole_run(tmp_path / "runs").status() == "interrupted"
    assert_equal_runs(resume(ended), whole.folder)


@pytest.mark.parametrize("point", range(6))
def test_second_signal_stops_at_once_and_leaves_all_whole(
    interrupt, forks, assert_equal_runs, find_whole_run, tmp_path, point
):
    lot = random.Random(point)
    ended, whole = interrupt(
        SETUPS[point % len(SETUPS)],
        share=lot.uniform(0.02, 0.9),
        signals=[signal.SIGINT, signal.SIGTERM],
        gap=lot.choice([1, 10, 100, 1000]),
    )
    # The second one may come when all is written and only the last words are missing.
    assert ended.code in (130, 143, -signal.SIGTERM), ended.err
    assert find_whole_run(tmp_path / "runs").status() == "interrupted"
    assert forks.run("resume", "rnn-001", folder=tmp_path).code == 0
    assert_equal_runs(find_whole_run(tmp_path / "runs"), whole.folder)


@pytest.mark.parametrize(
    "place", ["call fit_decision_rule", "call evaluate_on_test", "return Journal.write_report"]
)
@pytest.mark.parametrize("number", SIGNALS)
def test_training_interrupted_while_finishing_goes_on_there(
    interrupt, resume, assert_equal_runs, place, number
):
    ended, whole = interrupt("numpy-cnn", place=place, number=1, signals=[number])
    assert ended.code == 128 + number, ended.err
    assert_equal_runs(resume(ended), whole.folder)


@pytest.mark.parametrize("number", SIGNALS)
def test_interruption_before_anything_is_written_leaves_nothing(interrupt, tmp_path, number):
    ended, _ = interrupt("numpy-cnn", place="call start", number=1, signals=[number])
    assert ended.code == (130 if number == signal.SIGINT else -number)
    assert list((tmp_path / "runs").iterdir()) == []
