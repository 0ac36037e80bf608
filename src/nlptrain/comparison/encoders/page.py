"""compare-encoders as one HTML file: the answer, the matrix and its picture, and the rules."""

from collections.abc import Sequence
from html import escape

from nlptrain.comparison.encoders.answer import (
    CANNOT,
    answer_sentences,
    matrix_rows,
    other_rows,
    say_check,
)
from nlptrain.comparison.encoders.entries import Grid
from nlptrain.comparison.encoders.matrix import build_matrix, check_ceilings
from nlptrain.comparison.encoders.rules import matrix_statements
from nlptrain.comparison.page_sections import (
    STYLE,
    render_diverged,
    render_figure,
    render_settings,
    render_statements,
    render_tuning,
    shown,
)
from nlptrain.comparison.results import Results
from nlptrain.reporting.html_page import render_cell, render_page, render_row, render_table
from nlptrain.reporting.literal import literal

_EXPLANATION = (
    "The lighter, the better: mean test accuracy over the seeds; up to 50 % all is as dark. A "
    f"hatched cell, marked {CANNOT}, is 50 % by construction, whatever is trained."
)


def render_matrix_page(results: Results, grid: Grid, heat_map: bytes) -> str:
    """Write the page as HTML; whatever comes from the user is escaped.

    Args:
        results: The finished comparison.
        grid: Its rows and columns.
        heat_map: A PNG.
    """
    title = f"Encoders: {literal(results.protocol.name)}"
    cells = build_matrix(results, grid)
    bugs = [] if check_ceilings(cells, grid).holds else say_check(check_ceilings(cells, grid))
    sentences = [*bugs, *(each for each in answer_sentences(results, grid) if each not in bugs)]
    sections = [
        f"<h1>{escape(title)}</h1>\n",
        *(f'<p class="answer">{shown(sentence)}</p>\n' for sentence in sentences),
        "<h2>Test accuracy (%)</h2>\n<p>The mean over the seeds, in brackets the best seed where "
        f"they differ. {CANNOT}: 50 % by construction.</p>\n",
        _table(["task", "lengths", *grid.encoders], matrix_rows(cells, grid)),
        *_others(["task", "lengths", *grid.encoders], other_rows(cells, grid)),
        render_figure("Heat map", _EXPLANATION, heat_map),
        render_tuning(results),
        render_diverged(results),
        render_statements(matrix_statements(results.protocol)),
        render_settings(results),
    ]
    return render_page(title, STYLE, "".join(sections))


def _others(header: Sequence[str], rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    return ["<h2>At lengths that training never saw (%)</h2>\n", _table(header, rows)]


def _table(header: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    body = "".join(
        render_row(literal(name), "".join(render_cell(literal(cell)) for cell in cells))
        for name, *cells in rows
    )
    return render_table(map(literal, header), body, "matrix")
