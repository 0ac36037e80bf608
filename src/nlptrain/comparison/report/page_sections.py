"""What every page about a comparison lists: what was tried, what diverged, rules, settings."""

from collections.abc import Sequence

from nlptrain.comparison.protocol.flat_settings import flatten_settings
from nlptrain.comparison.report.answer import show_rate
from nlptrain.comparison.report.statement import Statement
from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.sensitivity import sensitivity_of
from nlptrain.comparison.statistics.summary import rank_contestants
from nlptrain.comparison.statistics.wording import say_settings, say_values

Rows = list[tuple[str, ...]]

_SUMMARY = ("tuning-budget", "no-tuning", "final-seeds", "test-read-once")
"""Ids of the rules that a reader needs first."""


def page_sections(results: Results, statements: Sequence[Statement]) -> dict[str, object]:
    """List the values that `comparison.html` names, but for its title and its answer."""
    return {
        "tuned": _list_tuned(results),
        "tunes_more": results.protocol.tunes_more,
        "edges": any(standing.edge for standing in rank_contestants(results)),
        "diverged": _count_diverged(results),
        "summary": [rule for rule in statements if rule.id in _SUMMARY],
        "statements": statements,
        "settings": _list_settings(results),
    }


def _list_tuned(results: Results) -> Rows:
    """List what was tried for each contestant, and what was chosen."""
    rows: Rows = []
    tune = {each.name: each.tune.items() for each in results.protocol.contestants}
    for standing in rank_contestants(results):
        points = sensitivity_of(results, standing.contestant)
        tried = ", ".join(f"{point.learning_rate:.3g}" for point in points)
        if tried:
            chosen = ", ".join(filter(None, [show_rate(standing), say_settings(standing.settings)]))
            others = [f"{name}: {say_values(values)}" for name, values in tune[standing.contestant]]
            rows.append((standing.contestant, chosen, "; ".join([tried, *others])))
    return rows


def _count_diverged(results: Results) -> Rows:
    """Count the diverged trials by contestant, stage and learning rate."""
    groups: dict[tuple[str, str, float], list[bool]] = {}
    for trial in results.trials:
        key = trial.contestant, trial.stage, trial.learning_rate
        groups.setdefault(key, []).append(trial.diverged)
    return [
        (name, stage, f"{rate:.3g}", f"{sum(diverged)} of {len(diverged)}")
        for (name, stage, rate), diverged in groups.items()
        if any(diverged)
    ]


def _list_settings(results: Results) -> Rows:
    """List what sets each contestant apart."""
    return [
        (each.name, ", ".join(f"{key} = {value}" for key, value in flatten_settings(each.settings)))
        for each in results.protocol.contestants
    ]
