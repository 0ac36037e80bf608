from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest

import nlptrain
from conftest import TINY
from nlptrain.errors import ConfigError
from nlptrain.reporting import plugins
from nlptrain.reporting.records import EvaluationRecord, StepRecord


class Collecting:
    """Keeps what it is told."""

    opened: ClassVar = []

    def __init__(self, run):
        self.run, self.records, self.ended = run, [], []
        self.opened.append(self)

    def report(self, record):
        self.records.append(record)

    def close(self):
        self.ended.append(self.run.folder.read_record().status)


class Failing(Collecting):
    """Fails at its second record."""

    def report(self, record):
        super().report(record)
        if len(self.records) == 2:
            raise OSError("the server is gone")


def refuse_to_open(run):
    raise ValueError("no server")


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """Install the reporters above, and one whose package is broken."""
    targets = {"collecting": Collecting, "failing": Failing, "closed": refuse_to_open}
    monkeypatch.setattr(Collecting, "opened", [])

    class Installed(EntryPoint):
        def load(self):
            return targets[self.name] if self.name in targets else super().load()

    names = [*targets, "broken"]
    found = [Installed(name, "nowhere.at:all", plugins.GROUP) for name in names]
    monkeypatch.setattr(plugins, "entry_points", lambda group: found)


def train(*names, **options):
    overrides = [*TINY, f"logging.reporters=[{', '.join(names)}]", *options.pop("more", ())]
    return nlptrain.train("rnn", overrides=overrides, **options)


def test_reporter_is_told_of_every_record_and_of_the_end(workplace):
    outcome = train("collecting")
    (reporter,) = Collecting.opened
    assert reporter.run.folder == outcome.folder
    assert reporter.run.settings["model.encoder.hidden_size"] == 8
    assert "search.trials" not in reporter.run.settings
    steps = [each.step for each in reporter.records if isinstance(each, StepRecord)]
    assert steps == list(range(1, outcome.steps + 1))
    assert sum(isinstance(each, EvaluationRecord) for each in reporter.records) == 2
    assert reporter.ended == ["finished"]


def test_refit_is_a_phase_of_its_own(workplace):
    outcome = train("collecting", more=["training.refit=true"])
    first, second = Collecting.opened
    assert (first.run.phase, second.run.phase) == ("", "refit")
    assert (first.run.steps_before, second.run.steps_before) == (0, outcome.steps)
    assert (first.ended, second.ended) == (["running"], ["finished"])


def test_reporter_that_fails_is_left_out_and_told_of(workplace, capsys):
    outcome = train("failing", "closed", "collecting", quiet=False)
    told = capsys.readouterr().err
    assert "reporter failing failed, and is left out: the server is gone" in told
    assert "reporter closed failed, and is left out: no server" in told
    failing, collecting = Collecting.opened
    assert (len(failing.records), failing.ended) == (2, [])
    assert len(collecting.records) == outcome.steps + 2


def test_reporter_changes_no_byte(workplace):
    plain, reported = train(), train("collecting")
    for path in ("model_path", "metrics_path"):
        assert (
            getattr(plain.folder, path).read_bytes() == getattr(reported.folder, path).read_bytes()
        )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("colecting", "'colecting' is not one of those installed: broken, closed, collecting"),
        ("broken", "broken cannot be loaded: No module named 'nowhere'"),
    ],
)
def test_reporter_that_is_not_there_is_refused_before_anything_is_written(workplace, name, says):
    with pytest.raises(ConfigError, match=says):
        train(name)
    assert list(workplace.iterdir()) == []


def test_classifier_in_memory_reports_to_none():
    classifier = nlptrain.StringClassifier(logging__reporters=["collecting"])
    with pytest.raises(ConfigError, match=r"logging\.reporters: report runs"):
        classifier.fit(["a", "b"] * 9, ["a", "b"] * 9)
