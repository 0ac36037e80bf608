"""Trials side by side: in this process, in processes of this machine, or on a Dask cluster."""

import os
import traceback
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

from nlptrain.comparison.results import TrialRecord
from nlptrain.comparison.trial import Trial, run_trials
from nlptrain.errors import NlptrainError, TrainingError

Group = Sequence[Trial]
"""Trials that are trained in one computation, or one alone."""
Outcome = tuple[int, list[TrialRecord] | Exception]
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
        if self.scheduler is None and (self.jobs == 1 or len(groups) <= 1):
            yield from map(run_trials, groups)
        else:
            # Workers may join a cluster later. On this machine few tasks wait at a time, since loky
            # ends with a traceback of its own where more do than its queue takes.
            ahead = "all" if self.scheduler else "2 * n_jobs"
            with self._place():
                yield from _run_all(groups, ahead)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Configure where joblib runs the trials."""
        from joblib import parallel_config

        if self.scheduler is None:
            with parallel_config(backend="loky", n_jobs=self.jobs or -1, inner_max_num_threads=1):
                yield
            return
        from nlptrain.comparison.cluster import ClusterBackend, connect

        with (
            connect(self.scheduler) as client,
            parallel_config(backend=ClusterBackend(client, self.scheduler), n_jobs=-1),
        ):
            yield


def _run_all(groups: Sequence[Group], ahead: str) -> Iterator[list[TrialRecord]]:
    """Run all groups, those again that died with their process.

    Args:
        groups: What to run.
        ahead: How many are given to the workers at once, as joblib's `pre_dispatch`.
    """
    from joblib.externals.loky.process_executor import BrokenProcessPool

    left, deaths = list(groups), 0
    while left:
        finished: set[int] = set()
        try:
            with _start(left, ahead) as outcomes:
                for number, outcome in outcomes:
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


@contextmanager
def _start(groups: Sequence[Group], ahead: str) -> Iterator[Generator[Outcome]]:
    """Start all groups; those that still run at the end are given up."""
    from joblib import Parallel, delayed

    call = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch=ahead)
    outcomes: Generator[Outcome] = call(
        delayed(_run_numbered)(number, group) for number, group in enumerate(groups)
    )
    try:
        yield outcomes
    finally:
        with warnings.catch_warnings():
            # Whoever ends early knows that what still runs is lost: joblib need not say so.
            warnings.simplefilter("ignore", UserWarning)
            outcomes.close()


def _run_numbered(number: int, group: Group) -> Outcome:
    """Run a group; an error comes back as a value, which every backend carries alike."""
    try:
        return number, run_trials(group)
    except NlptrainError as error:
        return number, error
    except Exception as error:
        error.add_note(f"in a training process:\n{traceback.format_exc()}")
        return number, error
