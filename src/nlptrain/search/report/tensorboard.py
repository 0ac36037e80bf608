"""Each trial as a run of TensorBoard's, so that its own table and plots compare them."""

import shutil
from pathlib import Path

from nlptrain.comparison.protocol.flat_settings import flatten_settings
from nlptrain.files.storage import writing
from nlptrain.reporting import summaries
from nlptrain.reporting.event_file import EventFile
from nlptrain.search.results import SearchTrial
from nlptrain.search.run import Found

_SCORES = ("accuracy", "macro_f1", "loss", "parameters", "seconds")


def save_events(found: Found, folder: Path) -> None:
    """Write a subfolder for each trial that has scores; what was there before is replaced.

    Raises:
        WritingError: The folder cannot be written.
    """
    with writing(folder):
        shutil.rmtree(folder, ignore_errors=True)
    for trial in found.trials:
        if trial.result is not None and trial.repeats is None:
            _write(trial, folder / f"trial-{trial.number:03d}")


def _write(trial: SearchTrial, folder: Path) -> None:
    settings = dict(flatten_settings(trial.values))
    scores = {
        name: getattr(trial.result, name)
        for name in _SCORES
        if getattr(trial.result, name) is not None
    }
    points = [summaries.scalar(f"validation/{name}", value) for name, value in scores.items()]
    events = EventFile(folder)
    try:
        step = trial.result.steps if trial.result else 0
        events.write(step, [*summaries.hparams({"state": trial.state, **settings}), *points])
    finally:
        events.close()
