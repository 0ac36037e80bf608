"""The tables of docs/quality.md, from the rows of benchmarks/quality.py."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Literal

from reproduction_page import write_table

CONFIDENCE = 0.95
MINUS = "−"

Score = Literal["accuracy", "macro_f1"]


@dataclass(frozen=True)
class Row:
    """One training of one contestant.

    Attributes:
        set: The strings.
        contestant: A packaged config, or a rival.
        seed: Decides the split, and whatever else is drawn.
        accuracy: On the test strings.
        macro_f1: On the test strings.
        validation: Accuracy on validation of what was chosen, if known.
        chosen: What validation chose.
        strings: Distinct strings of all splits.
        test: Test strings.
        classes: Their number.
        processor_seconds: Of training and scoring, summed over all cores.
        depends_on: Of the contestant's config or settings, hashed.
        data: Of the set's strings, hashed.
    """

    set: str
    contestant: str
    seed: int
    accuracy: float
    macro_f1: float
    validation: float | None
    chosen: str
    strings: int
    test: int
    classes: int
    processor_seconds: float
    depends_on: str
    data: str


@dataclass(frozen=True)
class Interval:
    """A mean over seeds.

    Attributes:
        value: The mean.
        half: Half of the interval's width; NaN with one value.
        count: Values.
    """

    value: float
    half: float
    count: int


def mean_interval(values: Sequence[float]) -> Interval:
    """Compute a mean and its 95 % interval, x̄ ± t s / √n (Student 1908)."""
    from scipy.special import stdtrit

    count = len(values)
    if count < 2:
        return Interval(values[0], math.nan, count)
    quantile = stdtrit(count - 1, (1 + CONFIDENCE) / 2)
    return Interval(mean(values), float(quantile) * stdev(values) / math.sqrt(count), count)


class Rows:
    """All rows of one version of each contestant and set."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = {(row.set, row.contestant, row.seed): row for row in rows}

    def sets(self, order: Sequence[str]) -> list[str]:
        """List the sets that have rows, in this order, others at the end."""
        found = dict.fromkeys(row.set for row in self._rows.values())
        return [*(name for name in order if name in found), *(n for n in found if n not in order)]

    def contestants(self, order: Sequence[str]) -> list[str]:
        """List the contestants that have rows, in this order."""
        found = {row.contestant for row in self._rows.values()}
        return [name for name in order if name in found]

    def of(self, name: str, contestant: str) -> dict[int, Row]:
        """Return a contestant's rows on a set, by seed."""
        return {
            seed: row
            for (of_set, of_contestant, seed), row in sorted(self._rows.items())
            if (of_set, of_contestant) == (name, contestant)
        }

    def any_of(self, name: str) -> Row:
        """Return some row of a set."""
        return next(row for row in self._rows.values() if row.set == name)

    def difference(self, name: str, first: str, second: str, score: Score) -> Interval | None:
        """Average first − second over the seeds that both have; None if there is none."""
        a, b = self.of(name, first), self.of(name, second)
        pairs = [getattr(a[seed], score) - getattr(b[seed], score) for seed in a if seed in b]
        return mean_interval(pairs) if pairs else None


def score_table(
    rows: Rows, sets: Sequence[str], contestants: Sequence[str], score: Score, of: str
) -> str:
    """Show each contestant's mean on each set, in percent, and one's lead over the linear model.

    Args:
        rows: The trainings.
        sets: In this order.
        contestants: The columns, in this order.
        score: What is averaged.
        of: The contestant whose lead is shown.
    """
    header = ("set", *(f"`{name}`" for name in contestants), f"`{of}` less `linear`", "seeds")
    lines = []
    for name in sets:
        found = [rows.of(name, contestant) for contestant in contestants]
        scores = [[getattr(row, score) for row in each.values()] for each in found]
        lead = rows.difference(name, of, "linear", score)
        seeds = sorted({len(each) for each in found if each})
        lines.append(
            (
                *(name, *(_percent(each) for each in scores)),
                _points(lead),
                " to ".join(map(str, dict.fromkeys((seeds[0], seeds[-1])))),
            )
        )
    return write_table(header, lines)


def set_table(rows: Rows, sets: Sequence[str], described: dict[str, tuple[str, str]]) -> str:
    """Say of each set how large it is, what its labels are and where it comes from."""
    lines = []
    for name in sets:
        row, (question, package) = rows.any_of(name), described.get(name, ("", "a file"))
        numbers = (f"{row.strings:,}", f"{row.test:,}", f"{row.classes:,}")
        lines.append((name, *numbers, question, package))
    return write_table(("set", "strings", "of test", "classes", "the label", "from"), lines)


def time_table(rows: Rows, sets: Sequence[str], contestants: Sequence[str]) -> str:
    """Show the processor seconds of each contestant on each set, a mean over the seeds."""
    lines = []
    for name in sets:
        found = [rows.of(name, contestant).values() for contestant in contestants]
        seconds = [[row.processor_seconds for row in each] for each in found]
        lines.append((name, *(f"{mean(each):.0f}" if each else "" for each in seconds)))
    return write_table(("set", *(f"`{name}`" for name in contestants)), lines)


def _percent(values: Sequence[float]) -> str:
    if not values:
        return ""
    found = mean_interval(values)
    half = "" if math.isnan(found.half) else f" ± {100 * found.half:.1f}"
    return f"{100 * found.value:.1f}{half}"


def _points(found: Interval | None) -> str:
    if found is None:
        return ""
    half = "" if math.isnan(found.half) else f" ± {100 * found.half:.1f}"
    return f"{100 * found.value:+.1f}{half}".replace("-", MINUS)
