"""Whole processes timed in turns, A B A B …, so that whatever else the machine does hits both."""

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

NLPTRAIN = str(Path(sysconfig.get_path("scripts")) / "nlptrain")

MEBIBYTE = 2**20
# macOS tells the peak in bytes, Linux in KiB.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Usage:
    """What one process took.

    Attributes:
        wall: Seconds from its start to its end.
        cpu: Processor seconds, user and system, of all its threads.
        peak: Most memory in use, MiB. Linux counts at least what the process that started it
            used, so a benchmark that reports it imports nothing heavy itself.
        status: Exit status.
    """

    wall: float
    cpu: float
    peak: float
    status: int


def measure(command: Sequence[str], cwd: Path, *, expected_status: int = 0) -> Usage:
    """Run a process to its end.

    Raises:
        RuntimeError: It ends with another exit status; says what it wrote to standard error.
    """
    # A tutorial's reader has not set the number of threads, nor should whoever measures.
    environment = {key: text for key, text in os.environ.items() if key != "OMP_NUM_THREADS"}
    errors = cwd / "stderr.txt"
    with errors.open("wb") as stderr:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=stderr
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected_status:
        message = errors.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)}: exit status {process.returncode}\n{message}")
    cpu = usage.ru_utime + usage.ru_stime
    peak = usage.ru_maxrss * RSS_UNIT / MEBIBYTE
    return Usage(wall, cpu, peak, process.returncode)


def alternate(
    first: Sequence[str], second: Sequence[str], repeats: int, cwd: Path
) -> tuple[list[Usage], list[Usage]]:
    """Run two commands in turns, after one run of each that is not counted."""
    measure(first, cwd)
    measure(second, cwd)
    pairs = [(measure(first, cwd), measure(second, cwd)) for _ in range(repeats)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def median_ratio(first: Iterable[float], second: Iterable[float]) -> float:
    """Take the median of the ratios of the pairs, first over second."""
    return median(a / b for a, b in zip(first, second, strict=True))


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print aligned columns: the first to the left, the others to the right."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        first, *rest = line
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]), flush=True)
