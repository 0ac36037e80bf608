"""Searches of networks that train in milliseconds."""

from dataclasses import replace

import pytest

from nlptrain.config.load import load_config
from nlptrain.search import work as module
from nlptrain.search.folder import agree, name_study, open_folder
from nlptrain.search.results import read_trials
from nlptrain.search.storage import open_storage
from nlptrain.search.study import open_study
from nlptrain.search.task import Task
from nlptrain.search.work import work

TINIEST = (
    "device=cpu",
    "engine=numpy",
    "data.sizes={train: 40, validation: 12, test: 12}",
    "text.min_count=1",
    "model.embedding.dim=4",
    "model.encoder.hidden_size=5",
    "training.batch_size=8",
    "training.epochs=9",
    "search.trials=12",
)
SPACE = (
    "optimizer.learning_rate=1e-4..1e-1:log",
    "model.encoder.type=rnn,pooling,cnn",
    "model.encoder.hidden_size=3..6",
    "model.encoder.channels=3..6",
)


@pytest.fixture
def load():
    """Load the config rnn in a tiny form, with a space."""

    def load_tiny(*overrides, space=SPACE):
        return load_config("rnn", [*TINIEST, *overrides], space).config

    return load_tiny


@pytest.fixture
def begin(tmp_path):
    """Make the folder of a search, and what a process has to do for it."""

    def begin_search(config, name="searches", **changes):
        protocol = agree(config)
        folder = open_folder(
            protocol, output=None, searches_dir=tmp_path / name, command="nlptrain search rnn"
        )
        return Task(config.model_dump(mode="json"), folder.path, name_study(protocol), **changes)

    return begin_search


@pytest.fixture
def trials_of():
    """Read the trials of a search."""

    def read(task):
        study = open_study(open_storage(task.storage, task.folder), task.study, task.config)
        return read_trials(task.config, study.get_trials())

    return read


@pytest.fixture
def timeless():
    """Leave out the seconds, which no two searches have alike."""

    def leave_out(trials):
        return [
            replace(trial, result=trial.result and replace(trial.result, seconds=0.0))
            for trial in trials
        ]

    return leave_out


@pytest.fixture
def run(begin, trials_of):
    """Search in this process, and return the trials."""

    def search(config, name="searches"):
        task = begin(config, name)
        work(task)
        return trials_of(task)

    return search


@pytest.fixture
def trained(monkeypatch):
    """List the configs that are trained from here on."""
    configs = []
    train = module.train_trial

    def remember(config, keep_on):
        configs.append(config)
        return train(config, keep_on)

    monkeypatch.setattr(module, "train_trial", remember)
    return configs
