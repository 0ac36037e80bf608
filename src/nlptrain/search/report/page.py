"""A search as one HTML file: the answer first, then what it rests on."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nlptrain.comparison.protocol.contestants import shorten_paths
from nlptrain.comparison.report.figure_tables import Numbers
from nlptrain.config.space import find_given, get, keys_of, plain_settings
from nlptrain.reporting.pages.page import render_template
from nlptrain.search.report.answer import answer_sentences
from nlptrain.search.report.importance import Importance
from nlptrain.search.report.rules import SUMMARY, say_axis, search_statements
from nlptrain.search.report.wording import NAMES, say_mean, say_number, say_value
from nlptrain.search.results import SearchTrial, rank_trials
from nlptrain.search.run import Found
from nlptrain.search.study import objectives_of

_BEST = 10

Rows = list[tuple[str, ...]]


def render_search(
    found: Found, pictures: Mapping[str, bytes], importances: Sequence[Importance]
) -> str:
    """Write the page as HTML; whatever comes from the user is escaped.

    Args:
        found: The finished search.
        pictures: SVGs by file name, as `draw_figures` makes them.
        importances: Of the settings.
    """
    statements = search_statements(found)
    header, best = best_rows(found)
    return render_template(
        "search.html",
        title=f"Search: {found.config.name}",
        answer=answer_sentences(found),
        summary=[rule for rule in statements if rule.id in SUMMARY],
        statements=statements,
        settings=list_settings(found),
        final=_list_final(found),
        best_header=header,
        best=best,
        pictures=pictures,
        numbers=_list_numbers(found, importances),
        refused=[(str(t.number), t.reason or "") for t in found.trials if t.state == "refused"],
        space=[(axis.path, say_axis(axis)) for axis in found.config.search.space],
    )


def list_settings(found: Found) -> Rows:
    """List each searched setting: its value in the config as given, and what was found."""
    data = plain_settings(found.config)
    given = find_given(found.config) or {}
    rows: Rows = []
    for axis in found.config.search.space:
        own = given.get(axis.path, get(data, keys_of(axis.path)))
        value = found.chosen.values.get(axis.path, own if found.chosen.given else None)
        rows.append((axis.path, _say(own), _say(value)))
    return rows


def _say(value: Any) -> str:
    return "–" if value is None else say_value(value)


def _list_final(found: Found) -> Rows:
    final, score = found.final, found.final.measure
    given = next((t for t in found.trials if t.given and t.state == "finished"), None)
    rows = [("as given", final.given, final.given_validation, given)]
    if not found.chosen.given:
        rows.append(("found", final.found, final.found_validation, found.chosen))
    return [
        (
            name,
            say_mean(score, test),
            say_number(score, validation),
            _in_search(score, trial),
        )
        for name, test, validation, trial in rows
    ]


def _in_search(score: str, trial: SearchTrial | None) -> str:
    value = None if trial is None or trial.result is None else getattr(trial.result, score)
    return say_number(score, value)


def best_rows(found: Found) -> tuple[list[str], Rows]:
    """List the ten best trials, with the header of their table."""
    names = list(dict.fromkeys([*objectives_of(found.config), "loss", "parameters", "seconds"]))
    paths = [axis.path for axis in found.config.search.space]
    short = shorten_paths(paths)
    header = ["trial", *(NAMES[name] for name in names), *(short[path] for path in paths)]
    rows: Rows = []
    for trial in rank_trials(found.config, found.trials)[:_BEST]:
        number = f"{trial.number}{' (as given)' * trial.given}"
        scores = [say_number(name, getattr(trial.result, name)) for name in names]
        rows.append((number, *scores, *(_say(trial.values.get(path)) for path in paths)))
    return header, rows


def _list_numbers(found: Found, importances: Sequence[Importance]) -> dict[str, Numbers]:
    """List the numbers of each figure."""
    names = objectives_of(found.config)
    history = [
        (str(t.number), t.state, say_number(names[0], getattr(t.result, names[0])))
        for t in found.trials
        if t.result is not None
    ]
    front = [
        (str(t.number), *(say_number(name, getattr(t.result, name)) for name in names))
        for t in found.front
    ]
    important = [(e.path, _show_importance(e.value), str(e.trials)) for e in importances]
    return {
        "history.svg": Numbers(("trial", "state", NAMES[names[0]]), tuple(history)),
        "front.svg": Numbers(("trial", *(NAMES[name] for name in names)), tuple(front)),
        "importance.svg": Numbers(("setting", "importance", "trials"), tuple(important)),
    }


def _show_importance(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3g}"
