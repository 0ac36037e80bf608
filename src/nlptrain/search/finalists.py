"""The best trials once more, on other seeds: the best of many is in part the luckiest."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlptrain.config.run import RunConfig
from nlptrain.errors import RunFolderError
from nlptrain.files.storage import read_json, write_json
from nlptrain.reporting.audience import Audience
from nlptrain.search.folder import SearchFolder
from nlptrain.search.results import SearchTrial, rank_trials, rebuild_config
from nlptrain.search.study import gain, objectives_of
from nlptrain.search.trial import train_trial, trial_config
from nlptrain.workers.execution import Workers

ROUNDS = 3
"""Other seeds on which each finalist is trained."""
MOST_ROUNDS = 8
"""The same, where a time is given and allows it."""
SHARE = 1 / 3
"""The most of a search's time that is kept for its finalists."""
_FIRST_SEED = 1001
"""Added to the config's seed: the fresh seeds of the end lie below."""
FILE = "finalists.json"


@dataclass(frozen=True)
class Finalist:
    """A trial that was trained on other seeds.

    Attributes:
        trial: In the search.
        scores: What was looked for, on validation, one score a seed; infinitely bad where it
            diverged.
    """

    trial: SearchTrial
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean score."""
        return float(np.mean(self.scores))


@dataclass(frozen=True)
class Rerun:
    """One training of a finalist; it can be sent to another process.

    Attributes:
        number: Of the trial.
        settings: Its config as plain data.
        score: What is looked for.
    """

    number: int
    settings: dict[str, Any]
    score: str


def rerun(part: Rerun) -> tuple[int, float | None]:
    """Train a finalist to its end; return its trial's number and its validation score."""
    result = train_trial(RunConfig.model_validate(part.settings), lambda *_: True)
    score: float | None = getattr(result, part.score)
    return part.number, None if result.diverged else score


def guess_seconds(config: RunConfig, trials: Sequence[SearchTrial]) -> float:
    """Guess how long the finalists among these trials take, one training after the other."""
    picked = pick_finalists(config, trials)
    return MOST_ROUNDS * sum(trial.result.seconds for trial in picked if trial.result)


def pick_finalists(config: RunConfig, trials: Sequence[SearchTrial]) -> list[SearchTrial]:
    """Pick the best trials and the config as given, even if it was ended early or diverged.

    Returns:
        The best first; nothing where there is no choice.
    """
    section = config.search
    if section.finalists == 1 or isinstance(section.objective, tuple):
        return []
    best = rank_trials(config, trials)[: section.finalists]
    given = [trial for trial in trials if trial.given and trial.state != "refused"]
    found = best + [trial for trial in given if trial not in best]
    return found if len(found) > 1 else []


def train_finalists(
    config: RunConfig,
    trials: Sequence[SearchTrial],
    folder: SearchFolder,
    *,
    workers: Workers,
    audience: Audience,
    until: float | None,
) -> list[Finalist]:
    """Train the best trials on other seeds, or read what is known; the best mean comes first.

    Each round is one seed for all of them, so that they are always compared on the same seeds.

    Args:
        config: As given.
        trials: All.
        folder: Of the search, in which each round is kept when it is over.
        workers: Where trainings run.
        audience: Who follows.
        until: Begin no further round after this time, in seconds since 1970; None: train the usual
            number of rounds.

    Raises:
        RunFolderError: They cannot be kept.
    """
    picked = pick_finalists(config, trials)
    known = _read(folder)
    rounds = ROUNDS if until is None else MOST_ROUNDS
    for place in range(rounds if picked else 0):
        missing = [trial for trial in picked if len(known.get(trial.number, [])) <= place]
        if missing and place and until is not None and time.time() >= until:
            audience.watch_trials("finalists", place * len(picked), place * len(picked))
            break
        parts = [_part(config, trial, place) for trial in missing]
        done = place * len(picked) + len(picked) - len(missing)
        for number, score in workers.run(rerun, parts):
            audience.watch_trials("finalists", done := done + 1, rounds * len(picked))
            known.setdefault(number, []).append(score)
        if missing:
            write_json(folder.path / FILE, {str(each): known[each] for each in sorted(known)})
    return _rank(config, picked, known)


def _part(config: RunConfig, trial: SearchTrial, place: int) -> Rerun:
    score = objectives_of(config)[0]
    again = trial_config(rebuild_config(config, trial), score)
    again = again.model_copy(update={"seed": _seed_of(config, place)})
    return Rerun(trial.number, again.model_dump(mode="json"), score)


def _seed_of(config: RunConfig, place: int) -> int:
    return config.seed + _FIRST_SEED + place


def _read(folder: SearchFolder) -> dict[int, list[float | None]]:
    path = folder.path / FILE
    if not path.is_file():
        return {}
    try:
        return {int(number): list(scores) for number, scores in read_json(path).items()}
    except (TypeError, ValueError) as error:
        raise RunFolderError(f"{path}: damaged: {error!s:.200}; delete it") from error


def _rank(
    config: RunConfig, picked: list[SearchTrial], known: dict[int, list[float | None]]
) -> list[Finalist]:
    common = min((len(known[trial.number]) for trial in picked), default=0)
    score = objectives_of(config)[0]
    worst = math.inf if score == "loss" else -math.inf
    found = [
        Finalist(
            trial,
            tuple(worst if value is None else value for value in known[trial.number][:common]),
        )
        for trial in picked
    ]
    return sorted(found, key=lambda finalist: gain(score, 0.0, finalist.mean))


def seeds_of(config: RunConfig, finalists: Sequence[Finalist]) -> tuple[int, ...]:
    """Return the other seeds."""
    rounds = len(finalists[0].scores) if finalists else 0
    return tuple(_seed_of(config, place) for place in range(rounds))
