"""The whole comparison as one HTML file: the answer first, then what it rests on."""

from collections.abc import Mapping

from nlptrain.comparison.report.answer import (
    adam_rows,
    answer_sentences,
    show_rate,
    show_seconds,
    show_steps,
)
from nlptrain.comparison.report.figure_tables import figure_tables
from nlptrain.comparison.report.page_sections import page_sections
from nlptrain.comparison.report.rules import protocol_statements
from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.differences import pair_differences, say_difference
from nlptrain.comparison.statistics.summary import Standing, rank_contestants
from nlptrain.comparison.statistics.wording import loss, percent, say_settings, short_percent
from nlptrain.reporting.pages.page import render_template


def render_report(results: Results, pictures: Mapping[str, bytes]) -> str:
    """Write the page as HTML; whatever comes from the user is escaped.

    Args:
        results: The finished comparison.
        pictures: SVGs by file name, as `draw_figures` makes them.
    """
    return render_template(
        "ranking.html",
        title=f"Comparison: {results.protocol.name}",
        answer=answer_sentences(results),
        target=f"{100 * results.protocol.target_accuracy:.4g} %",
        ranking=[
            _ranking_row(standing, tunes_more=results.protocol.tunes_more)
            for standing in rank_contestants(results)
        ],
        pictures=pictures,
        numbers=figure_tables(results),
        adams=adam_rows(results),
        adam_steps=len(results.adams[0].differences) if results.adams else 0,
        differences=_differences(results),
        **page_sections(results, protocol_statements(results.protocol)),
    )


def _ranking_row(standing: Standing, *, tunes_more: bool) -> tuple[str, ...]:
    return (
        standing.contestant,
        str(standing.rank),
        show_rate(standing),
        *([say_settings(standing.settings) or "–"] if tunes_more else ()),
        *map(short_percent, standing.early),
        percent(standing.test_accuracy),
        loss(standing.test_loss),
        show_steps(standing),
        show_seconds(standing),
        f"{standing.diverged} of {standing.trials}",
    )


def _differences(results: Results) -> list[list[str]]:
    """Write the pairs as sentences: first those where one is better, then the others."""
    better: list[str] = []
    other: list[str] = []
    for pair in pair_differences(results):
        (better if pair.verdict == "better" else other).append(say_difference(pair))
    return [better, other] if better or other else []
