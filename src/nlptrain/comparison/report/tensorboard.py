"""Each trial as a run of TensorBoard's, so that its own tables and curves compare them."""

import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from nlptrain.comparison.protocol.flat_settings import flatten_settings
from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.files.storage import name_unfinished, writing
from nlptrain.reporting import summaries
from nlptrain.reporting.event_file import EventFile

_LONGEST_NAME = 80
_MOST_RUNS = 40
"""TensorBoard selects no run at first, and shows no curve, where there are more."""
_RATE_PATH = "optimizer.learning_rate"  # stands there under its own short name, as tried


def save_events(results: Results, folder: Path, *, all_trials: bool) -> None:
    """Write a subfolder a trial; what the folder held before is replaced.

    Args:
        results: The finished comparison.
        folder: TensorBoard's log directory.
        all_trials: Whether to write every trial, instead of as many final ones of each contestant
            as TensorBoard shows.

    Raises:
        WritingError: The folder cannot be written.
    """
    settings = {
        each.name: dict(flatten_settings(each.settings)) for each in results.protocol.contestants
    }
    trials = results.trials if all_trials else _choose_trials(results)
    began = time.time()
    unfinished = name_unfinished(folder)
    try:
        with writing(folder):
            for name, trial in zip(name_runs(trials), trials, strict=True):
                _write_trial(unfinished / name, trial, settings[trial.contestant], began)
            # A folder takes another's place only where that one is empty or gone.
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _choose_trials(results: Results) -> list[TrialRecord]:
    """Choose the final trials of the first seeds, as many as TensorBoard shows of all contestants.

    The same seeds of each: whoever compares the curves compares pairs.
    """
    final = [each for each in results.trials if each.stage == "final"]
    seeds = list(dict.fromkeys(each.seed for each in final))
    shown = seeds[: max(1, _MOST_RUNS // len(results.protocol.contestants))]
    return [each for each in final if each.seed in shown]


def name_runs(trials: Sequence[TrialRecord]) -> list[str]:
    """Name each trial's subfolder, in their order: letters, digits, . _ - and no name twice."""
    taken: set[str] = set()
    names = []
    for trial in trials:
        end = f"-lr{trial.learning_rate:g}-seed{trial.seed}"
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", trial.contestant).strip("._-") or "contestant"
        start = safe[:_LONGEST_NAME]
        name, number = start + end, 1
        # Some file systems do not tell capitals from small letters.
        while name.lower() in taken:
            number += 1
            name = f"{start}_{number}{end}"
        taken.add(name.lower())
        names.append(name)
    return names


def _write_trial(
    folder: Path, trial: TrialRecord, settings: summaries.Settings, began: float
) -> None:
    file = EventFile(folder)
    try:
        file.write(0, summaries.hparams(_hparams(trial, settings)))
        for place, step in enumerate(trial.steps):
            curves = _curves(trial, place)
            points = [summaries.scalar(tag, value) for tag, value in curves.items()]
            # Trials beside each other, as if all had begun at once: what TensorBoard shows over
            # time is then training time.
            file.write(step, points, wall_time=began + trial.seconds[place])
        last = trial.steps[-1] if trial.steps else 0
        scores = [summaries.scalar(tag, value) for tag, value in _scores(trial).items()]
        file.write(last, scores)
    finally:
        file.close()


def _hparams(trial: TrialRecord, settings: summaries.Settings) -> summaries.Settings:
    shared = {key: value for key, value in settings.items() if key != _RATE_PATH}
    return {
        **shared,
        **dict(flatten_settings(trial.settings, "optimizer.")),
        "contestant": trial.contestant,
        "learning_rate": trial.learning_rate,
        "seed": trial.seed,
        "stage": trial.stage,
    }


def _curves(trial: TrialRecord, place: int) -> dict[str, float]:
    return {
        "loss/train_mean": trial.train_losses[place],
        "loss/validation": trial.validation_losses[place],
        "accuracy/validation": trial.validation_accuracies[place],
        "macro_f1/validation": trial.validation_macro_f1s[place],
    }


def _scores(trial: TrialRecord) -> dict[str, float]:
    """Return what the trial came to: TensorBoard's table has a column for each."""
    scores = {"diverged": float(trial.diverged)}
    if trial.best is not None:
        scores["best/validation_accuracy"] = trial.validation_score("accuracy")
        scores["best/validation_loss"] = trial.validation_score("loss")
    if trial.test_accuracy is not None and trial.test_loss is not None:
        scores["test/accuracy"] = trial.test_accuracy
        scores["test/loss"] = trial.test_loss
    return scores
