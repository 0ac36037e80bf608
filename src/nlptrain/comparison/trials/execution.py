"""Trials side by side: in this process, in processes of this machine, or on a Dask cluster."""

import os
import traceback
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

from nlptrain.comparison.results import TrialRecord
from nlptrain.comparison.trials.trial import Trial, run_trials
from nlptrain.errors import NlptrainError, TrainingError

Group = Sequence[Trial]
"""Trials that are trained in one computation, or one alone."""
GroupRecords = tuple[int, list[TrialRecord] | Exception]
"""A group's place among those that run, and what came of it."""

MOST_DEATHS = 3
"""Times that a process may die with nothing finished in between, before the machine is blamed."""


class Workers:
    """Where trials run.

    Attributes:
        jobs: Processes at a time, each computing on one thread; None: one a processor.
        scheduler: Address of a Dask scheduler whose workers take the place of the processes.
    """

    def __init__(self, jobs: int | None = None, scheduler: str | None = None) -> None:
        """Take this machine's processors where nothing is said."""
        self.jobs = jobs
        self.scheduler = scheduler

    @property
    def places(self) -> int | None:
        """How many groups run at a time; None where a cluster decides."""
        if self.scheduler is not None:
            return None
        return self.jobs or os.cpu_count()

    def run(self, groups: Sequence[Group]) -> Generator[list[TrialRecord]]:
        """Run groups of trials; each group's records come when it has finished.

        A process that dies takes its group along, which then runs again.

        Raises:
            NlptrainError: A trial cannot be run.
            TrainingError: Processes die again and again.
        """
        if self.scheduler is not None:
            from nlptrain.comparison.trials.cluster import run_on_cluster

            for _, outcome in run_on_cluster(self.scheduler, _run_numbered, enumerate(groups)):
                yield _records(outcome)
        elif self.jobs == 1 or len(groups) <= 1:
            yield from map(run_trials, groups)
        else:
            yield from _run_in_processes(groups, self.jobs or -1)


def _run_in_processes(groups: Sequence[Group], jobs: int) -> Iterator[list[TrialRecord]]:
    """Run all groups, those again that died with their process."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    left, deaths = list(groups), 0
    while left:
        finished: set[int] = set()
        try:
            with _start(left, jobs) as outcomes:
                for number, outcome in outcomes:
                    records = _records(outcome)
                    finished.add(number)
                    yield records
        except BrokenProcessPool:
            deaths = 1 if finished else deaths + 1
            if deaths == MOST_DEATHS:
                raise TrainingError(
                    f"a training process died {deaths} times in a row: memory may be too small; "
                    "finished trials are kept; resume with fewer at a time: --jobs 1"
                ) from None
        left = [group for number, group in enumerate(left) if number not in finished]


@contextmanager
def _start(groups: Sequence[Group], jobs: int) -> Iterator[Generator[GroupRecords]]:
    """Start all groups; those that still run at the end are given up."""
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend="loky", n_jobs=jobs, inner_max_num_threads=1):
        call = Parallel(return_as="generator_unordered", batch_size=1)
        outcomes: Generator[GroupRecords] = call(
            delayed(_run_numbered)(number, group) for number, group in enumerate(groups)
        )
        try:
            yield outcomes
        finally:
            with warnings.catch_warnings():
                # Whoever ends early knows that what still runs is lost: joblib need not say so.
                warnings.simplefilter("ignore", UserWarning)
                outcomes.close()


def _records(outcome: list[TrialRecord] | Exception) -> list[TrialRecord]:
    """Return what a group came to, or raise its error."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _run_numbered(number: int, group: Group) -> GroupRecords:
    """Run a group; an error comes back as a value, which every backend carries alike."""
    try:
        return number, run_trials(group)
    except NlptrainError as error:
        return number, error
    except Exception as error:
        error.add_note(f"in a training process:\n{traceback.format_exc()}")
        return number, error
