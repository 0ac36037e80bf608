"""Settings and fixtures that all tests share."""

import io
import shutil
import signal
import sys
from typing import NamedTuple

import pytest
from hypothesis import settings

# A shell lets what it starts in the background ignore Ctrl-C, and processes pass that on.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast an example runs says nothing on a shared machine.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

TINY = (
    "data.sizes.train=300",
    "data.sizes.validation=50",
    "data.sizes.test=50",
    "model.encoder.hidden_size=8",
    "training.epochs=2",
    "logging.tensorboard=false",
)
"""What makes the packaged config rnn train in a moment."""

TINIER = (
    "device=cpu",
    "data.sizes.train=40",
    "data.sizes.validation=12",
    "data.sizes.test=12",
    "text.min_count=1",
    "model.embedding.dim=4",
    "training.batch_size=8",
    "training.epochs=2",
    "training.checkpoint_every_seconds=null",
    "logging.every_steps=2",
)
"""What makes it train in milliseconds, with an encoder of these."""
ENCODERS = {
    "pooling": ("model.encoder.type=pooling",),
    "rnn": ("model.encoder.hidden_size=5",),
    "lstm": ("model.encoder.hidden_size=5", "model.encoder.cell=lstm"),
    "cnn": ("model.encoder.type=cnn", "model.encoder.channels=5"),
    "ngrams": ("model.encoder.type=ngrams", "model.encoder.dim=5"),
}

FEW_TRIALS = (
    "comparison.seeds=2",
    "comparison.trials=2",
    "comparison.max_widenings=1",
    "comparison.optimizers=[{type: sgd, learning_rate: 0.1}, {type: adam, learning_rate: 0.01}]",
)
"""What makes a comparison a matter of a few trainings."""


class Result(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """Train a tiny network once; whoever changes the run takes the copy in `runs`."""
    import nlptrain

    outcome = nlptrain.train("rnn", overrides=TINY, runs_dir=tmp_path_factory.mktemp("runs"))
    return outcome.folder.path


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runs(finished_run, workplace):
    """Work in a folder whose runs/ has one finished run, rnn-001."""
    shutil.copytree(finished_run, workplace / "runs" / "rnn-001")
    return workplace / "runs"


@pytest.fixture
def cli(workplace, monkeypatch, capsys):
    """Run the command line in this process: cli("predict", "abcd", stdin=b"…")."""
    from nlptrain.cli.app import main

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["nlptrain", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        return Result(end.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def buffered(monkeypatch):
    """Let the programs that a test starts buffer their output, as they would for a user."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


@pytest.fixture
def tiny():
    """Give the arguments that make `nlptrain train rnn` take a moment."""
    return [argument for setting in TINY for argument in ("--set", setting)]


@pytest.fixture(scope="session", params=["numpy", "torch"])
def engine(request):
    """Compute by hand, then with torch on one thread: what holds for one holds for both."""
    if request.param == "torch":
        import torch

        torch.set_num_threads(1)
    return request.param


@pytest.fixture(scope="session")
def make_config(engine):
    """Load a packaged config for the engine, small, with more overrides."""
    from nlptrain.config.load import load_config

    def make(*overrides, source="rnn", encoder="rnn"):
        settings = [*TINIER, f"engine={engine}", *ENCODERS[encoder], *overrides]
        return load_config(source, settings).config

    return make


@pytest.fixture
def make_comparison(make_config, tmp_path, monkeypatch):
    """Compare optimizers in this process, tiny, with no figures: results and the folder.

    make_comparison("comparison.seeds=2", output="one", workers=…, optimizers=(…))
    """
    from nlptrain.comparison.protocol.contestants import enter_optimizers
    from nlptrain.comparison.run import compare
    from nlptrain.workers.execution import Workers

    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})

    def run(*overrides, output="comparison", workers=None, **options):
        config = make_config(*FEW_TRIALS, *overrides)
        return compare(
            enter_optimizers(config, one_code=config.engine == "numpy"),
            config,
            runs_dir=tmp_path / "runs",
            output=output and tmp_path / output,
            workers=workers or Workers(jobs=1),
            **options,
        )

    return run


def pytest_addoption(parser):
    """Say how many of the points drawn by lot tests/faults/test_kill.py tries."""
    parser.addoption("--kill-points", type=int, default=30, metavar="N")


def pytest_collection_modifyitems(items):
    """Leave most combinations of a test marked `crossed` to the long round.

    Of lists of 5, 10 and 3 values, 10 combinations stay: each value stands in one at least.
    """
    by_test = {}
    for item in items:
        if item.get_closest_marker("crossed") and hasattr(item, "callspec"):
            by_test.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for crossed in by_test.values():
        values = [
            dict.fromkeys(map(repr, column)) for column in zip(*map(_values, crossed), strict=True)
        ]
        places = [{value: place for place, value in enumerate(column)} for column in values]
        count = max(map(len, places))
        daily = {tuple(number % len(each) for each in places) for number in range(count)}
        for item in crossed:
            combination = zip(places, _values(item), strict=True)
            if tuple(each[repr(value)] for each, value in combination) not in daily:
                item.add_marker(pytest.mark.long)


def _values(item):
    """List the values of a test's parameters."""
    return item.callspec.params.values()
