"""The best settings and the config as given on fresh seeds: these alone read the test split."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from nlptrain.comparison.protocol.contestants import Entry
from nlptrain.comparison.results import Contestant, Results, TrialRecord
from nlptrain.comparison.run import compare
from nlptrain.comparison.statistics.intervals import Mean, mean_and_range
from nlptrain.comparison.statistics.sign_flips import ERROR, flip_signs
from nlptrain.comparison.trials.trial import prepare_for
from nlptrain.config.run import RunConfig
from nlptrain.config.search import SearchSection
from nlptrain.errors import RunFolderError
from nlptrain.evaluation.confusion import count_confusion
from nlptrain.evaluation.linear_baseline import predict_by_linear_model
from nlptrain.files.storage import read_json, write_json
from nlptrain.reporting.audience import Audience
from nlptrain.search.folder import SearchFolder
from nlptrain.search.results import SearchTrial, rebuild_config
from nlptrain.search.study import gain, objectives_of
from nlptrain.search.trial import trial_config
from nlptrain.workers.execution import Workers

GIVEN, FOUND = "as given", "found"
LINEAR_FILE = "linear_model.json"


@dataclass(frozen=True)
class LinearScore:
    """The n-gram linear model on the test split.

    Attributes:
        accuracy: Share of the test strings.
        macro_f1: Mean F1 over the classes.
        strings: Test strings.
        trained_on: Training strings used.
    """

    accuracy: float
    macro_f1: float
    strings: int
    trained_on: int


@dataclass(frozen=True)
class Final:
    """What fresh seeds say.

    Attributes:
        seeds: In ascending order.
        measure: accuracy, macro_f1 or loss, on the test split: what was looked for.
        given: Of the config as given, on the test split, with the lowest and highest seed.
        found: Of the settings found; the same as given where nothing better was found.
        gain: How much better what was found is, seed by seed, with the interval of its confidence;
            above 0 is better.
        confidence: Of that interval.
        given_validation: Mean validation score, of what was looked for, of the config as given.
        found_validation: Of what was found.
        linear: The linear model; None where the data is no file.
    """

    seeds: tuple[int, ...]
    measure: str
    given: Mean
    found: Mean
    gain: Mean
    confidence: float
    given_validation: float
    found_validation: float
    linear: LinearScore | None = None


def train_finally(
    config: RunConfig,
    trial: SearchTrial,
    folder: SearchFolder,
    *,
    workers: Workers,
    audience: Audience,
    baseline: bool,
) -> Final:
    """Train what was found and the config as given on fresh seeds, or read what is known.

    Args:
        config: As given.
        trial: What was found.
        folder: Of the search.
        workers: Where trainings run.
        audience: Who follows.
        baseline: Whether a linear model is trained beside them, where the data is a file.

    Raises:
        RunFolderError: They cannot be kept.
        TrainingError: They cannot be trained.
    """
    measure = objectives_of(config)[0]
    given = _fresh(config, config)
    entries = [Entry(Contestant(GIVEN, {}), given)]
    if not trial.given:
        found = _fresh(config, rebuild_config(config, trial))
        entries.append(Entry(Contestant(FOUND, trial.values), trial_config(found, measure)))
    output = folder.final / f"trial-{trial.number}-seeds-{config.search.seeds}"
    results, _ = compare(
        entries,
        given,
        runs_dir=folder.final,
        output=output,
        workers=workers,
        audience=audience,
        write=_leave_unwritten,
    )
    linear = _score_linear_model(given, folder.path) if baseline and config.data.file else None
    return _sum_up(results, measure, linear)


def _leave_unwritten(results: Results, folder: Path) -> None:
    """Leave the report to the search, which says more."""


def _fresh(config: RunConfig, changed: RunConfig) -> RunConfig:
    comparison = config.comparison.model_copy(
        update={
            "seeds": config.search.seeds,
            "first_seed": config.seed + 1,
            "trials": 1,
        }
    )
    return changed.model_copy(update={"comparison": comparison, "search": SearchSection()})


def _sum_up(results: Results, measure: str, linear: LinearScore | None) -> Final:
    given = results.of(GIVEN, "final")
    found = results.of(FOUND, "final") or given
    ours = [_read_test(trial, measure) for trial in found]
    theirs = [_read_test(trial, measure) for trial in given]
    differences = tuple(gain(measure, own, other) for own, other in zip(ours, theirs, strict=True))
    # With few seeds no interval is that sure: then the surest there is.
    error = max(ERROR, 2 / 2 ** len(differences))
    low, high = flip_signs(differences).interval(error)
    return Final(
        seeds=results.protocol.final_seeds,
        measure=measure,
        given=mean_and_range(theirs),
        found=mean_and_range(ours),
        gain=Mean(float(np.mean(differences)), low, high, len(differences)),
        confidence=1 - error,
        given_validation=float(np.mean([trial.validation_score(measure) for trial in given])),
        found_validation=float(np.mean([trial.validation_score(measure) for trial in found])),
        linear=linear,
    )


def _read_test(trial: TrialRecord, measure: str) -> float:
    """Read a test score; a trial that has none has an accuracy of 0, but no loss."""
    score = trial.test_score(measure)
    return 0.0 if math.isnan(score) and measure != "loss" else score


def _score_linear_model(config: RunConfig, folder: Path) -> LinearScore:
    path = folder / LINEAR_FILE
    if path.is_file():
        try:
            return LinearScore(**read_json(path))
        except TypeError as error:
            raise RunFolderError(f"{path}: damaged: {error!s:.200}; delete it") from error
    dataset = prepare_for(config).dataset
    model = predict_by_linear_model(
        dataset.train,
        dataset.validation,
        dataset.test,
        len(dataset.labels),
        seed=config.seed,
        refit=config.training.refit,
    )
    confusion = count_confusion(dataset.test.classes, model.predictions, len(dataset.labels))
    strings = len(dataset.test)
    found = LinearScore(
        accuracy=float(confusion.right.sum() / strings),
        macro_f1=float(confusion.f1.mean()),
        strings=strings,
        trained_on=model.trained_on,
    )
    write_json(path, asdict(found))
    return found
