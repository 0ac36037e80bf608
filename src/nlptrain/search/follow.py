"""How far a search is, told about once a second while it runs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nlptrain.reporting.search_progress import SearchState
from nlptrain.search.report.wording import say_score, say_values
from nlptrain.search.results import SearchTrial, rank_trials, read_trials
from nlptrain.search.storage import open_storage
from nlptrain.search.study import objectives_of, open_study
from nlptrain.search.task import Task
from nlptrain.tracking.repeating import repeating

Follow = Callable[[SearchState], None]
_SECONDS = 1.0
_BEST = 3


@contextmanager
def following(task: Task, follow: Follow | None) -> Iterator[None]:
    """Call a function with the state of a search, until the block ends and once more then."""
    if follow is None:
        yield
        return
    watcher = _Watcher(task, follow)
    try:
        with repeating(watcher.look, _SECONDS):
            yield
    finally:
        watcher.look()


class _Watcher:
    """Reads the study; nothing of what it sees is kept."""

    def __init__(self, task: Task, follow: Follow) -> None:
        self._task, self._follow = task, follow
        self._began = time.time()
        self._study = open_study(open_storage(task.storage, task.folder), task.study, task.config)
        self._ended_before = self._count_ended(self._read())

    def look(self) -> None:
        trials = self._read()
        self._follow(describe(self._task, trials, time.time() - self._began, self._ended_before))

    def _read(self) -> list[SearchTrial]:
        return read_trials(self._task.config, self._study.get_trials(deepcopy=False))

    @staticmethod
    def _count_ended(trials: list[SearchTrial]) -> int:
        return sum(trial.state in ("finished", "pruned", "diverged") for trial in trials)


def describe(
    task: Task, trials: list[SearchTrial], seconds: float, ended_before: int
) -> SearchState:
    """Describe how far a search is.

    Args:
        task: What is done.
        trials: So far.
        seconds: Since this process began.
        ended_before: Trials that had ended then.
    """
    config, states = task.config, [trial.state for trial in trials]
    ended = sum(states.count(state) for state in ("finished", "pruned", "diverged"))
    best = rank_trials(config, trials)[:_BEST]
    given = next((trial for trial in trials if trial.given and trial.result), None)
    return SearchState(
        score=objectives_of(config)[0].replace("_", " "),
        ended=ended,
        total=config.search.most_trials,
        running=states.count("running"),
        pruned=states.count("pruned"),
        refused=states.count("refused"),
        seconds=seconds,
        left=_time_left(task, ended, ended - ended_before, seconds),
        best=tuple((str(t.number), say_score(config, t), say_values(t)) for t in best),
        given=None if given is None else say_score(config, given),
    )


def _time_left(task: Task, ended: int, new: int, seconds: float) -> float | None:
    """Guess the seconds left, from those that a trial took; None: not known yet."""
    limit = None if task.until is None else max(0.0, task.until - time.time())
    most = task.config.search.most_trials
    if not new or most is None:
        return limit
    guess = max(0, most - ended) * seconds / new
    return guess if limit is None else min(guess, limit)
