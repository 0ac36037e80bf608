"""What the trials of every encoder on every task come to, cell by cell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nlptrain.comparison.encoders.ceilings import CEILING
from nlptrain.comparison.encoders.chance import beyond_chance
from nlptrain.comparison.encoders.entries import Grid, TaskRow, contestant_name
from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.summary import finished_trials

GUESSING = 0.01
"""How seldom guessing makes any cell of a whole matrix count as better than chance."""

FALSE_ALARM = 0.01
"""How seldom guessing would miss any ceiling of a whole matrix by so much."""

CellState = Literal["cannot", "learnt", "sometimes", "partly", "chance", "diverged"]


@dataclass(frozen=True)
class Cell:
    """One encoder on one task.

    Attributes:
        task: Its name.
        encoder: Its name.
        learning_rate: Of the final trials.
        accuracies: On the test split, of each seed that did not diverge.
        others: The same for each set of other lengths.
        diverged: Seeds that diverged.
        verdict: What that means, by the rules of the report.
    """

    task: str
    encoder: str
    learning_rate: float
    accuracies: tuple[float, ...]
    others: tuple[tuple[float, ...], ...]
    diverged: int
    verdict: CellState


@dataclass(frozen=True)
class Check:
    """How the scores with an exact ceiling came out.

    Attributes:
        scores: Test scores with such a ceiling, those of other lengths included.
        largest: The largest distance of one of them from 50 %.
        missed: Task and encoder of the cells with a score too far off for guessing.
        unmatched: Tasks with test strings that lack a match, and how many.
    """

    scores: int
    largest: float
    missed: tuple[tuple[str, str], ...]
    unmatched: tuple[tuple[str, int], ...]

    @property
    def holds(self) -> bool:
        """Whether every ceiling came out."""
        return not self.missed and not self.unmatched


def build_matrix(results: Results, grid: Grid) -> list[list[Cell]]:
    """Return the cells, a list a task, in the grid's order."""
    return [
        [_build_cell(results, grid, task, encoder) for encoder in grid.encoders]
        for task in grid.tasks
    ]


def mean(values: Sequence[float]) -> float:
    """Average a cell's seeds; NaN where all diverged."""
    return math.fsum(values) / len(values) if values else math.nan


def check_ceilings(cells: Sequence[Sequence[Cell]], grid: Grid) -> Check:
    """Hold every score with an exact ceiling against it."""
    tasks = {task.name: task for task in grid.tasks}
    capped = [cell for row in cells for cell in row if cell.verdict == "cannot"]
    scores = {(cell.task, cell.encoder): _scores(cell) for cell in capped}
    count = sum(map(len, scores.values()))
    return Check(
        scores=count,
        largest=max((abs(s - CEILING) for own in scores.values() for s in own), default=0.0),
        missed=tuple(
            key
            for key, own in scores.items()
            if any(_is_off(score, tasks[key[0]].strings, count) for score in own)
        ),
        unmatched=tuple((task.name, task.unmatched) for task in grid.tasks if task.unmatched),
    )


def _is_off(score: float, strings: int, scores: int) -> bool:
    """Return whether guessing is so far from its ceiling too seldom, on either side."""
    bound = beyond_chance(CEILING, strings, FALSE_ALARM / (2 * scores))
    return abs(round(score * strings) - strings * CEILING) >= bound - strings * CEILING


def _scores(cell: Cell) -> list[float]:
    return [score for own in (cell.accuracies, *cell.others) for score in own]


def _build_cell(results: Results, grid: Grid, task: TaskRow, encoder: str) -> Cell:
    name = contestant_name(task.name, encoder)
    trials = finished_trials(results, name)
    accuracies = tuple(t.test_accuracy for t in trials if t.test_accuracy is not None)
    return Cell(
        task=task.name,
        encoder=encoder,
        learning_rate=results.chosen[name],
        accuracies=accuracies,
        others=tuple(zip(*(trial.other_accuracies for trial in trials), strict=True)),
        diverged=len(results.of(name, "final")) - len(trials),
        verdict=_judge(
            accuracies,
            task,
            results.protocol.target_accuracy,
            GUESSING / (len(grid.tasks) * len(grid.encoders)),
            is_capped=(task.name, encoder) in grid.ceilings,
            is_whole=len(accuracies) == len(results.of(name, "final")),
        ),
    )


def _judge(
    accuracies: Sequence[float],
    task: TaskRow,
    target: float,
    guessing: float,
    *,
    is_capped: bool,
    is_whole: bool,
) -> CellState:
    """Judge a cell by its seeds; one that diverged, of those that are not whole, learnt nothing."""
    if is_capped:
        return "cannot"
    if not accuracies:
        return "diverged"
    if min(accuracies) >= target and is_whole:
        return "learnt"
    if max(accuracies) >= target:
        return "sometimes"
    bound = beyond_chance(task.chance, task.strings, guessing)
    return "partly" if mean(accuracies) * task.strings >= bound else "chance"
