"""Trials side by side: in this process, in processes of this machine, or on a Dask cluster."""

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from nlptrain.comparison.results import TrialRecord
from nlptrain.comparison.stack import run_stack
from nlptrain.comparison.trial import Trial, run_trial
from nlptrain.errors import NlptrainError, TrainingError

if TYPE_CHECKING:
    from distributed import Client

Group = Sequence[Trial]
"""Trials that are trained in one computation, or one alone."""
Outcome = tuple[int, list[TrialRecord] | Exception]
"""A group's place among those that run, and what came of it."""
RunAll = Callable[[Sequence[Group]], Iterator[Outcome]]

MOST_DEATHS = 3
"""Times that a process may die with nothing finished in between, before the machine is blamed."""


class Workers:
    """Where trials run.

    Attributes:
        jobs: Processes at a time, each computing on one thread.
        scheduler: Address of a Dask scheduler whose workers take the place of the processes.
    """

    def __init__(self, jobs: int | None = None, scheduler: str | None = None) -> None:
        """Take one process a processor where nothing is said."""
        self.jobs = jobs or len(os.sched_getaffinity(0))
        self.scheduler = scheduler

    def run(self, groups: Sequence[Group]) -> Iterator[list[TrialRecord]]:
        """Run groups of trials; each group's records come when it has finished.

        A process that dies takes its group along, which then runs again.

        Raises:
            NlptrainError: A trial cannot be run.
            TrainingError: Processes die again and again.
        """
        if self.scheduler is None and (self.jobs == 1 or len(groups) == 1):
            yield from map(run_group, groups)
            return
        with self._backend() as parallel:
            yield from _run_all(groups, parallel)

    @contextmanager
    def _backend(self) -> Iterator[RunAll]:
        from joblib import Parallel, delayed, parallel_config

        def parallel(groups: Sequence[Group]) -> Iterator[Outcome]:
            call = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="all")
            results: Iterator[Outcome] = call(
                delayed(_run_numbered)(number, group) for number, group in enumerate(groups)
            )
            return results

        if self.scheduler is None:
            place: AbstractContextManager[object] = parallel_config(
                backend="loky", n_jobs=self.jobs, inner_max_num_threads=1
            )
            with place:
                yield parallel
            return
        client = _connect(self.scheduler)
        with client, parallel_config(backend="dask", client=client, n_jobs=-1):
            yield parallel


def _run_all(groups: Sequence[Group], parallel: RunAll) -> Iterator[list[TrialRecord]]:
    """Run all groups, those again that died with their process."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    left, deaths = list(groups), 0
    while left:
        finished: set[int] = set()
        try:
            for number, outcome in parallel(left):
                if isinstance(outcome, Exception):
                    raise outcome
                finished.add(number)
                yield outcome
        except BrokenProcessPool:
            deaths = 1 if finished else deaths + 1
            if deaths == MOST_DEATHS:
                raise TrainingError(
                    f"a training process died {deaths} times in a row: memory may be too small; "
                    "what has finished is kept; go on with fewer at a time: --jobs 1"
                ) from None
        left = [group for number, group in enumerate(left) if number not in finished]


def run_group(group: Group) -> list[TrialRecord]:
    """Run trials that `group_trials` put together."""
    return run_stack(group) if len(group) > 1 else [run_trial(group[0])]


def _run_numbered(number: int, group: Group) -> Outcome:
    """Run a group; an error comes back as a value, which every backend carries alike."""
    try:
        return number, run_group(group)
    except NlptrainError as error:
        return number, error
    except Exception as error:
        error.add_note(f"in a training process:\n{traceback.format_exc()}")
        return number, error


def _connect(address: str) -> "Client":
    """Connect to a Dask scheduler.

    Raises:
        NlptrainError: Dask is not installed, or no scheduler answers there.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NlptrainError("--scheduler needs Dask: pip install 'nlptrain[cluster]'") from None
    try:
        return Client(address, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NlptrainError(
            f"--scheduler {address}: no Dask scheduler answers there: {error}; "
            "start one with: dask scheduler"
        ) from error
