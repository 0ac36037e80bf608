"""The answer of compare-encoders: in sentences, as rows of tables, and as plain data."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from nlptrain.comparison.encoders.entries import Grid
from nlptrain.comparison.encoders.matrix import (
    Cell,
    CellState,
    Check,
    build_matrix,
    check_ceilings,
    mean,
)
from nlptrain.comparison.encoders.rules import matrix_statements
from nlptrain.comparison.report.answer import timeless_trials
from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.sign_flips import ERROR
from nlptrain.comparison.statistics.wording import enumerate_names
from nlptrain.files.storage import finite

CANNOT = "×"
"""Marks a cell that is 50 % by construction."""

_FORMS: dict[CellState, str] = {
    "learnt": "learns {} on every seed",
    "sometimes": "sometimes learns {}",
    "partly": "learns in part {}",
    "chance": "does no better than chance on {}",
    "cannot": "cannot, by construction, learn {}",
    "diverged": "diverged on every seed of {}",
}


def matrix_json(results: Results, grid: Grid) -> dict[str, Any]:
    """Convert the comparison to plain data without any time: the same however often it runs."""
    cells = build_matrix(results, grid)
    check = check_ceilings(cells, grid)
    data = {
        "protocol": asdict(results.protocol),
        "rules": {rule.id: rule.text for rule in matrix_statements(results.protocol)},
        "answer": answer_sentences(results, grid),
        "tasks": [asdict(task) for task in grid.tasks],
        "encoders": grid.encoders,
        "matrix": [[_plain_cell(cell) for cell in row] for row in cells],
        "ceilings": {**asdict(check), "holds": check.holds},
        "trials": timeless_trials(results),
    }
    return {key: finite(value) for key, value in data.items()}


def answer_sentences(results: Results, grid: Grid) -> list[str]:
    """Describe what each encoder learns and never can, and whether the exact ceilings came out."""
    cells = build_matrix(results, grid)
    columns = list(zip(*cells, strict=True))
    target = results.protocol.target_accuracy
    return [
        *(_say_encoder(column, target, grid) for column in columns),
        *_say_alone(cells),
        *say_check(check_ceilings(cells, grid)),
    ]


def say_check(check: Check) -> list[str]:
    """Describe whether the exact ceilings came out; nothing where there are none."""
    bugs = [
        f"BUG: {count:,} test strings of {task} have no match in the other class, which its "
        "negatives promise."
        for task, count in check.unmatched
    ] + [
        f"BUG: {encoder} misses its exact ceiling of 50 % on {task} by more than chance: the two "
        "strings of a pair do not look alike to it, as they must."
        for task, encoder in check.missed
    ]
    if bugs or not check.scores:
        return bugs
    if check.largest == 0:
        return [f"All {check.scores} scores with an exact ceiling are 50 % to the last string."]
    return [
        f"All {check.scores} scores with an exact ceiling are 50 % within chance; the farthest is "
        f"{100 * check.largest:.2f} points off."
    ]


def matrix_rows(cells: Sequence[Sequence[Cell]], grid: Grid) -> list[tuple[str, ...]]:
    """Write a row a task: its name, its lengths and match, and each encoder's accuracy."""
    return [
        (task.name, task.words, *map(show_cell, row))
        for task, row in zip(grid.tasks, cells, strict=True)
    ]


def other_rows(cells: Sequence[Sequence[Cell]], grid: Grid) -> list[tuple[str, ...]]:
    """Write a row a task and set of other lengths: its name, the lengths, accuracies."""
    return [
        (task.name, show_range(bounds), *(show_other(cell, place) for cell in row))
        for task, row in zip(grid.tasks, cells, strict=True)
        for place, bounds in enumerate(task.ranges)
    ]


def show_range(bounds: tuple[int, int]) -> str:
    """Write lengths: `41–100`."""
    return "–".join(map(str, dict.fromkeys(bounds)))


def show_cell(cell: Cell) -> str:
    """Write a mean in percent, its mark, and the best seed where seeds differ: `75.0 (100.0)`."""
    text = _show(cell.accuracies, cell)
    best = f"{100 * max(cell.accuracies, default=0):.1f}"
    if best != text and cell.accuracies and cell.verdict != "cannot":
        text += f" ({best})"
    return text + f", {cell.diverged} diverged" * bool(cell.diverged)


def show_other(cell: Cell, place: int) -> str:
    """Write a mean at other lengths in percent, and its mark."""
    return _show(cell.others[place] if cell.others else (), cell)


def _show(accuracies: Sequence[float], cell: Cell) -> str:
    number = f"{100 * mean(accuracies):.1f}" if accuracies else "–"
    return f"{CANNOT} {number}" if cell.verdict == "cannot" else number


def _plain_cell(cell: Cell) -> dict[str, Any]:
    return {
        **asdict(cell),
        "mean": mean(cell.accuracies),
        "best": max(cell.accuracies, default=None),
        "other_means": [mean(own) for own in cell.others],
    }


def _say_encoder(column: Sequence[Cell], target: float, grid: Grid) -> str:
    """Describe what one encoder does on each task, and what carries over to other lengths."""
    groups: dict[CellState, list[str]] = {
        verdict: [_name(cell, target) for cell in column if cell.verdict == verdict]
        for verdict in _FORMS
    }
    parts = [_FORMS[verdict].format(enumerate_names(own)) for verdict, own in groups.items() if own]
    sentence = f"{column[0].encoder} {'; '.join(parts)}."
    learnt = [
        (f"{cell.task} ({show_range(bounds)}: {100 * mean(own):.2f} %)", mean(own) >= target)
        for cell, task in zip(column, grid.tasks, strict=True)
        if cell.verdict == "learnt"
        for bounds, own in zip(task.ranges, cell.others, strict=True)
    ]
    kept = enumerate_names([name for name, is_kept in learnt if is_kept])
    lost = enumerate_names([name for name, is_kept in learnt if not is_kept])
    sentence += f" At other lengths than in training it keeps {kept}." if kept else ""
    return sentence + (f" It does not carry over to {lost}." if lost else "")


def _name(cell: Cell, target: float) -> str:
    if cell.verdict == "sometimes":
        seeds = len(cell.accuracies) + cell.diverged
        return f"{cell.task} ({sum(each >= target for each in cell.accuracies)} of {seeds} seeds)"
    if cell.verdict == "partly":
        return f"{cell.task} ({100 * mean(cell.accuracies):.2f} %)"
    return cell.task


def _say_alone(cells: Sequence[Sequence[Cell]]) -> Iterator[str]:
    """Name the tasks that one encoder alone learnt, beyond chance, and those that none did."""
    if len(cells[0]) < 2:
        return
    for row in cells:
        learners = [cell for cell in row if cell.verdict in ("learnt", "sometimes")]
        if len(learners) == 1 and _is_no_luck(learners[0], len(cells)):
            yield f"Of all these, only {learners[0].encoder} learnt {row[0].task}."
    none = [
        row[0].task
        for row in cells
        if not any(cell.verdict in ("learnt", "sometimes") for cell in row)
    ]
    if none:
        yield f"None of them learnt {enumerate_names(none)}."


def _is_no_luck(cell: Cell, tasks: int) -> bool:
    """Return whether the only learner learnt on so many seeds that others like it hardly miss all.

    Of two encoders that learn equally often, one learns on all n seeds and the other on none at
    most 2 / 4ⁿ of the time, which they do where they learn on every other seed.
    """
    return cell.verdict == "learnt" and tasks * 2 / 4 ** len(cell.accuracies) <= ERROR
