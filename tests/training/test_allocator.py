import ctypes
import sys

import pytest

from nlptrain.training.allocator import keep_freed_memory


class Library:
    """A C library that notes what it is told."""

    def __init__(self):
        self.told = {}

    def mallopt(self, option, value):
        self.told[option] = value
        return 1


@pytest.fixture
def library(monkeypatch):
    found = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: found)
    monkeypatch.setattr(sys, "platform", "linux")
    return found


def test_freed_memory_is_kept_with_glibc(library):
    keep_freed_memory()
    # <malloc.h>: M_TRIM_THRESHOLD is -1, M_MMAP_THRESHOLD -3 and at most 32 MiB.
    assert library.told == {-1: 256 * 2**20, -3: 32 * 2**20}


def test_other_systems_and_libraries_are_left_alone(library, monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    keep_freed_memory()
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    keep_freed_memory()
    assert library.told == {}


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_pages_are_not_made_anew():
    import resource

    import numpy as np

    keep_freed_memory()
    if not hasattr(ctypes.CDLL(None), "mallopt"):
        pytest.skip("not glibc")
    for _ in range(2):
        np.ones(2**20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones(2**20)
    # 8 MiB are 2,048 pages; given back each time, they would be made 50 times.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 2048
