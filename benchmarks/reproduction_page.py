"""The tables of docs/reproductions.md, from what the runs left behind."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

TASKS = ("even_pairs", "parity", "cycle_navigation", "modular_arithmetic")
PUBLISHED = dict.fromkeys(TASKS, 1.0)
"""Column "RNN" of table 1 of Delétang et al. (2022): the best of ten seeds, lengths 41 to 500."""
LEARNT = 0.99

Comparison = dict[str, list[dict[str, Any]]]
"""The final trials of each setting, as `nlptrain compare` writes them."""


@dataclass(frozen=True)
class Row:
    """One training.

    Attributes:
        task: Its name.
        seed: Its seed.
        accuracy: On the test strings of training's lengths.
        by_length: The stretches of lengths, as report.json holds them.
        accuracies: Validation accuracy by step.
        settings: What is not as in its config.
    """

    task: str
    seed: int
    accuracy: float
    by_length: list[dict[str, Any]]
    accuracies: dict[int, float]
    settings: tuple[str, ...] = ()

    @property
    def longer(self) -> list[dict[str, Any]]:
        """The stretches that training never saw."""
        return [each for each in self.by_length if not each["in_training"]]

    @property
    def mean(self) -> float:
        """Accuracy on the longer strings."""
        right = sum(each["accuracy"] * each["examples"] for each in self.longer)
        return float(right / sum(each["examples"] for each in self.longer))

    @property
    def lowest(self) -> float:
        """Accuracy in the worst stretch of longer strings."""
        return float(min(each["accuracy"] for each in self.longer))


def task_table(rows: Sequence[Row]) -> str:
    """Set the published accuracies beside ours, one row a task."""
    header = (
        *("task", "published, best of 10 seeds", "ours, best seed", "mean of the seeds", "seeds"),
        *("lowest stretch, best seed", "lowest stretch of any seed", "training's lengths, mean"),
    )
    lines = []
    for task in TASKS:
        own = [row for row in rows if row.task == task]
        if not own:
            continue
        best = max(own, key=lambda row: (row.mean, row.lowest))
        lines.append(
            (
                *(f"`{task}`", _percent(PUBLISHED[task]), f"**{_percent(best.mean)}**"),
                *(_percent(mean(row.mean for row in own)), str(len(own)), _percent(best.lowest)),
                _percent(min(row.lowest for row in own)),
                _percent(mean(row.accuracy for row in own)),
            )
        )
    return write_table(header, lines)


def seed_table(rows: Sequence[Row]) -> str:
    """Show each training."""
    header = ("task", "seed", "41 to 500", "lowest stretch", "1 to 40", "steps until 99 %", "steps")
    lines = [
        (
            ", ".join(f"`{name}`" for name in (row.task, *row.settings)),
            *(str(row.seed), _percent(row.mean), _percent(row.lowest)),
            *(_percent(row.accuracy), _first_step(row.accuracies), f"{max(row.accuracies):,}"),
        )
        for row in sorted(rows, key=lambda row: (TASKS.index(row.task), row.seed))
    ]
    return write_table(header, lines)


def comparison_table(comparison: Comparison) -> str:
    """Show the test accuracies of each setting, and when validation was solved."""
    header = ("cell", "recurrent start", "mean", "best seed", "lowest seed", "steps until 99 %")
    lines = []
    for name, trials in comparison.items():
        cell, start = (part.split()[-1] for part in name.split(", "))
        accuracies = [trial["test_accuracy"] for trial in trials]
        curves = [
            dict(zip(trial["steps"], trial["validation_accuracies"], strict=True))
            for trial in trials
        ]
        steps = ", ".join(map(_first_step, curves))
        values = (mean(accuracies), max(accuracies), min(accuracies))
        lines.append((f"`{cell}`", f"`{start}`", *map(_percent, values), steps))
    return write_table(header, lines)


def fill(page: str, blocks: dict[str, str]) -> str:
    """Put each block between the marks `<!-- NAME -->` and `<!-- end -->` of a page.

    Raises:
        ValueError: The page has no such marks.
    """
    for name, block in blocks.items():
        mark = f"<!-- {name} -->\n"
        pattern = re.escape(mark) + ".*?(?=<!-- end -->)"
        page, number = re.subn(
            pattern, lambda _, new=f"{mark}{block}\n": new, page, count=1, flags=re.DOTALL
        )
        if not number:
            raise ValueError(f"the page has no mark {mark.strip()}")
    return page


def _first_step(accuracies: dict[int, float]) -> str:
    learnt = [step for step, accuracy in accuracies.items() if accuracy >= LEARNT]
    return f"{min(learnt):,}" if learnt else "never"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def write_table(header: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """Write a table in Markdown."""
    names = list(header)
    rows = [names, ["---"] * len(names), *map(list, lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
