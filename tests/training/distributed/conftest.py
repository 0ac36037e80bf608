"""Programs under torchrun, on this machine's CPU by gloo."""

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import NamedTuple

import pytest

TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node")
SECONDS = 300
"""After which a program hangs."""


class Ended(NamedTuple):
    """How a program ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def start_torchrun():
    """Start a program in several processes: start_torchrun(2, "-m", "nlptrain", …, folder=…)."""

    @contextmanager
    def start(processes, *words, folder):
        # torchrun warns that it chooses the number of threads unless it is told.
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        started = subprocess.Popen(
            [*TORCHRUN, str(processes), *map(str, words)],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()
            started.communicate()

    return start


@pytest.fixture(scope="session")
def torchrun(start_torchrun):
    """Run a program in several processes to its end."""

    def run(processes, *words, folder):
        with start_torchrun(processes, *words, folder=folder) as started:
            return Ended(started.wait(SECONDS), *started.communicate())

    return run
