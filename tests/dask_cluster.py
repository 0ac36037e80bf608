"""A Dask cluster of processes of its own, some of which may be killed."""

import os
import subprocess
import sys


class Cluster:
    """A scheduler and workers, each a process.

    Attributes:
        address: Of the scheduler.
    """

    def __init__(self, folder):
        self._folder = folder
        self._workers = []
        self.scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1")
        self.address = read_until(self.scheduler, "Scheduler at:").split()[-1]

    def have_workers(self, count):
        """Start workers until there are so many."""
        alive = sum(worker.poll() is None for worker in self._workers)
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self._folder))
        new = [self._start("worker", self.address, *options) for _ in range(count - alive)]
        self._workers += new
        for worker in new:
            read_until(worker, "Registered to:")

    def _start(self, kind, *arguments):
        # A trial that has killed two workers is not given to a third.
        environment = os.environ | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
        return subprocess.Popen(
            [sys.executable, "-m", "dask", kind, *arguments, "--no-dashboard"],
            env=environment,
            cwd=self._folder,
            stderr=subprocess.PIPE,
            text=True,
        )

    def close(self):
        for process in (*self._workers, self.scheduler):
            process.kill()
            process.wait()
            process.stderr.close()


def read_until(process, word):
    """Read what a process says until a line has a word in it."""
    for line in process.stderr:
        if word in line:
            return line
    raise AssertionError(f"the process ended without {word!r}")
