"""Parts of some work side by side: in this process, in others of this machine, or on a cluster."""

import os
import signal
import traceback
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from nlptrain.errors import NlptrainError, TrainingError

Part = TypeVar("Part")
Result = TypeVar("Result")

MOST_DEATHS = 3
"""Times that a process may die with nothing finished in between, before the machine is blamed."""


class Workers:
    """Where parts of some work are done.

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
        """How many parts are done at a time; None where a cluster decides."""
        if self.scheduler is not None:
            return None
        return self.jobs or os.cpu_count()

    def run(self, task: Callable[[Part], Result], parts: Sequence[Part]) -> Generator[Result]:
        """Do a task with each part; each result comes when it is there.

        A process that dies takes its part along, which is then done again.

        Args:
            task: What to do; processes are sent it, so it is a function of a module.
            parts: What to do it with.

        Raises:
            NlptrainError: A part cannot be done.
            TrainingError: Processes die again and again.
        """
        if self.scheduler is not None:
            from nlptrain.workers.cluster import run_on_cluster

            calls = [(task, number, part) for number, part in enumerate(parts)]
            for _, outcome in run_on_cluster(self.scheduler, _run_numbered, calls):
                yield _result(outcome)
        elif self.jobs == 1 or len(parts) <= 1:
            yield from map(task, parts)
        else:
            yield from _run_in_processes(task, parts, self.jobs or -1)


def _run_in_processes(
    task: Callable[[Part], Result], parts: Sequence[Part], jobs: int
) -> Iterator[Result]:
    """Do all parts, those again that died with their process."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    left, deaths = list(parts), 0
    while left:
        finished: set[int] = set()
        try:
            with _start(task, left, jobs) as outcomes:
                for number, outcome in outcomes:
                    result = _result(outcome)
                    finished.add(number)
                    yield result
        except BrokenProcessPool:
            deaths = 1 if finished else deaths + 1
            if deaths == MOST_DEATHS:
                raise TrainingError(
                    f"a process died {deaths} times in a row: memory may be too small; "
                    "what has finished is kept; go on with fewer at a time: --jobs 1"
                ) from None
        left = [part for number, part in enumerate(left) if number not in finished]


@contextmanager
def _start(
    task: Callable[[Part], Result], parts: Sequence[Part], jobs: int
) -> Iterator[Generator[tuple[int, Result | Exception]]]:
    """Start all parts; those that are still on their way at the end are given up."""
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend="loky", n_jobs=jobs, inner_max_num_threads=1):
        call = Parallel(return_as="generator_unordered", batch_size=1)
        with _silent_trackers(), _deaf_to_interruption():
            outcomes: Generator[tuple[int, Result | Exception]] = call(
                delayed(_run_numbered)(task, number, part) for number, part in enumerate(parts)
            )
        try:
            yield outcomes
        finally:
            with warnings.catch_warnings():
                # Whoever ends early knows that what still runs is lost: joblib need not say so.
                warnings.simplefilter("ignore", UserWarning)
                outcomes.close()


@contextmanager
def _deaf_to_interruption() -> Iterator[None]:
    """Let processes that start here never see Ctrl-C: this one ends them, without tracebacks."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker

    # Python up to 3.12 lifts the mask when it starts this process of its own, so it comes first.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _silent_trackers() -> Iterator[None]:
    """Let the processes that clean up behind pools not warn of what is cleaned up already.

    They outlive a command that a signal ends, and would have the last word on the screen.
    """
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, [before, "ignore:resource_tracker"]))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


def _result(outcome: Result | Exception) -> Result:
    """Return what a part came to, or raise its error."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _run_numbered(
    task: Callable[[Part], Result], number: int, part: Part
) -> tuple[int, Result | Exception]:
    """Do one part; an error comes back as a value, which every backend carries alike."""
    try:
        return number, task(part)
    except NlptrainError as error:
        return number, error
    except Exception as error:
        error.add_note(f"in another process:\n{traceback.format_exc()}")
        return number, error
