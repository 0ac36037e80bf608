"""Trainings of milliseconds, and listeners who interrupt them."""

import signal
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from nlptrain.reporting.audience import Audience
from nlptrain.runs.folder import RunFolder
from nlptrain.training.run import start


@pytest.fixture
def train(make_config, tmp_path):
    """Train a small config with more overrides in the folder `runs`."""

    def run(*overrides, encoder="rnn", audience=None, tensorboard=False):
        config = make_config(
            f"logging.tensorboard={str(tensorboard).lower()}", *overrides, encoder=encoder
        )
        return start(config, runs_dir=tmp_path / "runs", command="test", audience=audience)

    return run


@pytest.fixture
def only_run(tmp_path):
    """Find the one run that was made."""
    return lambda: RunFolder(next((tmp_path / "runs").iterdir()))


@pytest.fixture
def only_run_in():
    """Find the one run in a folder."""
    return lambda folder: RunFolder(next(folder.iterdir()))


@dataclass
class ActAt:
    """A reporter who does something at the n-th record."""

    number: int
    act: Callable[[], None]
    records: int = 0

    def report(self, record):
        self.records += 1
        if self.records == self.number:
            self.act()

    def close(self):
        pass


@pytest.fixture
def act_at():
    """Make an audience that does something at the n-th record."""
    return lambda number, act: Audience(watch_training=lambda *_: ActAt(number, act))


def _cut_power():
    raise OSError("the power went")


@pytest.fixture
def power_cut_at(act_at):
    return lambda number: act_at(number, _cut_power)


@pytest.fixture
def signal_at(act_at):
    return lambda number: act_at(number, lambda: signal.raise_signal(signal.SIGINT))
