"""compare-encoders as one HTML file: the answer, the matrix and its picture, and the rules."""

from collections.abc import Mapping

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


def render_matrix_page(results: Results, grid: Grid, pictures: Mapping[str, bytes]) -> str:
    """Write the page as HTML; whatever comes from the user is escaped.

    Args:
        results: The finished comparison.
        grid: Its rows and columns.
        pictures: SVGs by file name.
    """
    cells = build_matrix(results, grid)
    bugs = [] if check_ceilings(cells, grid).holds else say_check(check_ceilings(cells, grid))
    sentences = [each for each in answer_sentences(results, grid) if each not in bugs]
    # A sentence an encoder, which are long, and what they come to.
    each_encoder, together = sentences[: len(grid.encoders)], sentences[len(grid.encoders) :]
    return render_template(
        "matrix.html",
        title=f"Encoders: {results.protocol.name}",
        answer=[*bugs, *(together or each_encoder)],
        each_encoder=each_encoder if together else [],
        header=["task", "lengths", *grid.encoders],
        rows=matrix_rows(cells, grid),
        others=other_rows(cells, grid),
        cannot=CANNOT,
        pictures=pictures,
        **page_sections(results, matrix_statements(results.protocol)),
    )
