"""compare-encoders as one HTML file: the answer, the matrix and its picture, and the rules."""

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
from nlptrain.comparison.report.page_sections import page_sections
from nlptrain.comparison.results import Results
from nlptrain.reporting.pages.page import render_template


def render_matrix_page(results: Results, grid: Grid, heat_map: bytes) -> str:
    """Write the page as HTML; whatever comes from the user is escaped.

    Args:
        results: The finished comparison.
        grid: Its rows and columns.
        heat_map: A PNG.
    """
    cells = build_matrix(results, grid)
    bugs = [] if check_ceilings(cells, grid).holds else say_check(check_ceilings(cells, grid))
    return render_template(
        "matrix.html",
        title=f"Encoders: {results.protocol.name}",
        answer=[*bugs, *(each for each in answer_sentences(results, grid) if each not in bugs)],
        header=["task", "lengths", *grid.encoders],
        rows=matrix_rows(cells, grid),
        others=other_rows(cells, grid),
        cannot=CANNOT,
        heat_map=heat_map,
        **page_sections(results, matrix_statements(results.protocol)),
    )
