"""Several comparisons of the same contestants as tables, and as plain data."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlptrain.comparison.report.statement import Statement
from nlptrain.comparison.results import Results
from nlptrain.comparison.several_tasks.aggregate import (
    CONFIDENCE,
    RESAMPLES,
    collect_scores,
    improvements,
    profile_over_tasks,
    score_over_tasks,
)
from nlptrain.comparison.statistics.intervals import Mean
from nlptrain.comparison.statistics.summary import Standing, rank_contestants
from nlptrain.comparison.statistics.target import profile_at
from nlptrain.comparison.statistics.wording import percent
from nlptrain.errors import RunFolderError
from nlptrain.files.storage import finite, read_json, write_json
from nlptrain.runs.numbering import make_numbered_folder, numbered_folders

TASKS_FILE = "tasks.json"
TAUS = (1.0, 2.0, 4.0, math.inf)
"""Where the profile is shown: from who is the fastest to who reaches the target at all."""

Rows = list[tuple[str, ...]]


def task_rows(tasks: Sequence[Results]) -> Rows:
    """Write a row a contestant: mean test accuracy in percent on each task, and its rank there."""
    standings = [{each.contestant: each for each in rank_contestants(task)} for task in tasks]
    return [(name, *(_show_standing(task[name]) for task in standings)) for name in _names(tasks)]


def _show_standing(standing: Standing) -> str:
    accuracy = standing.test_accuracy.value
    score = "–" if math.isnan(accuracy) else f"{100 * accuracy:.2f}"
    diverged = f", {standing.diverged} diverged" if standing.diverged else ""
    return f"{score} ({standing.rank}{diverged})"


def overall_rows(tasks: Sequence[Results]) -> Rows:
    """Write a row a contestant: interquartile mean, and shares of the profile at `TAUS`."""
    scores, profiles = collect_scores(tasks), profile_over_tasks(tasks)
    return [
        (
            name,
            percent(score_over_tasks(scores[name])),
            *(f"{100 * profile_at(profiles[name], tau):.0f} %" for tau in TAUS),
        )
        for name in scores
    ]


def overall_columns() -> list[str]:
    """Name the columns of `overall_rows` behind the contestant."""
    shares = ["reached" if math.isinf(tau) else f"τ ≤ {tau:g}" for tau in TAUS]
    return ["interquartile mean", *shares]


def improvement_rows(tasks: Sequence[Results]) -> Rows:
    """Write a row a contestant: the probability that it scores higher than that of each column."""
    found = {(each.first, each.second): each for each in improvements(collect_scores(tasks))}
    names = _names(tasks)
    return [
        (
            first,
            *(
                "" if first == second else _show_probability(found[first, second].probability)
                for second in names
            ),
        )
        for first in names
    ]


def _show_probability(mean: Mean) -> str:
    interval = f" [{mean.low:.2f}, {mean.high:.2f}]" if mean.has_interval else ""
    return f"{mean.value:.2f}{interval}"


def _names(tasks: Sequence[Results]) -> list[str]:
    return [contestant.name for contestant in tasks[0].protocol.contestants]


def task_statements(tasks: Sequence[Results]) -> list[Statement]:
    """State how tasks are taken together."""
    seeds = len(tasks[0].protocol.final_seeds)
    return [
        Statement(
            "over-tasks-scores",
            f"The scores are the test accuracies of all {len(tasks) * seeds} final trials, "
            f"{len(tasks)} tasks × {seeds} seeds, as they are. A trial that diverged counts as "
            "always saying the most frequent class.",
        ),
        Statement(
            "over-tasks-mean",
            "The interquartile mean leaves out the lowest and the highest quarter of these scores, "
            "and averages the others.",
        ),
        Statement(
            "over-tasks-improvement",
            "The probability of improvement is that of a random seed of one contestant scoring "
            "higher than a random seed of the other on a random task; a draw counts as half.",
        ),
        Statement(
            "over-tasks-intervals",
            f"Intervals of {CONFIDENCE:.0%} are by bootstrap of the seeds within each task, "
            f"{RESAMPLES:,} resamples, expanded percentiles. The tasks are taken as they are: "
            "nothing is said about others. Each interval stands for itself: among many, some miss "
            "by chance, so none of them makes a winner.",
        ),
        Statement(
            "over-tasks-profile",
            "τ is the steps to a task's target divided by the fastest contestant's at the same "
            "task and seed; a trial that misses it has infinitely many.",
        ),
    ]


def tasks_json(tasks: Sequence[Results], folders: Sequence[Path]) -> dict[str, Any]:
    """Convert what is known over all tasks to plain data."""
    scores = collect_scores(tasks)
    data = {
        "comparisons": [str(folder.resolve()) for folder in folders],
        "tasks": [task.protocol.name for task in tasks],
        "rules": {each.id: each.text for each in task_statements(tasks)},
        "scores": {name: values.tolist() for name, values in scores.items()},
        "ranks": [
            {each.contestant: each.rank for each in rank_contestants(task)} for task in tasks
        ],
        "interquartile_means": {
            name: asdict(score_over_tasks(values)) for name, values in scores.items()
        },
        "improvements": [asdict(each) for each in improvements(scores)],
        "profile": {name: ratios.tolist() for name, ratios in profile_over_tasks(tasks).items()},
    }
    plain: dict[str, Any] = finite(data)
    return plain


def save_tasks(tasks: Sequence[Results], folders: Sequence[Path], output: Path | None) -> Path:
    """Write the file of all tasks.

    Args:
        tasks: Finished comparisons of the same contestants.
        folders: Of each.
        output: The file's folder; None: beside the first comparison's, the one that holds these
            very comparisons, or a new one.

    Raises:
        RunFolderError: It cannot be written.
    """
    data = tasks_json(tasks, folders)
    folder = output or _find(data, folders[0].parent)
    write_json(folder / TASKS_FILE, data)
    return folder / TASKS_FILE


def _find(data: dict[str, Any], runs_dir: Path) -> Path:
    for folder in reversed(numbered_folders(runs_dir, "compare-tasks")):
        try:
            found = read_json(folder / TASKS_FILE)
        except RunFolderError:
            continue
        if found.get("comparisons") == data["comparisons"]:
            return folder
    return make_numbered_folder(runs_dir, "compare-tasks")
