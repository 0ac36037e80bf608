import fcntl
import os
import subprocess
import sys

import pytest

from nlptrain.runs.lock import hold, is_held

HOLD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from nlptrain.runs.lock import hold
with hold(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".lock"


def test_held_lock_is_seen_and_refused(path):
    with hold(path):
        assert is_held(path)
        with pytest.raises(TimeoutError), hold(path, timeout=0):
            pass
    assert not is_held(path)


def test_lock_of_a_killed_process_is_free(path):
    subprocess.run([sys.executable, "-c", HOLD_AND_DIE, path], check=False)
    assert path.exists()
    assert not is_held(path)
    with hold(path, timeout=0):
        pass


def test_asking_makes_no_file(path):
    assert not is_held(path)
    assert not path.exists()


def test_whoever_asks_is_not_taken_for_a_holder(path):
    path.touch()
    descriptor = os.open(path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    assert not is_held(path)
    os.close(descriptor)


def test_lock_that_may_only_be_read_can_be_asked_about(path):
    with hold(path):
        pass
    path.chmod(0o444)
    assert not is_held(path)
