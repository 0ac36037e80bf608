"""Everything that a finished compare-encoders leaves in its folder."""

from pathlib import Path

from nlptrain.comparison.encoders.answer import matrix_json
from nlptrain.comparison.encoders.entries import Grid
from nlptrain.comparison.encoders.matrix import build_matrix
from nlptrain.comparison.encoders.page import render_matrix_page
from nlptrain.comparison.figures.heat_map import draw_heat_map, draw_other_lengths
from nlptrain.comparison.report.write import COMPARISON_FILE, write_rest
from nlptrain.comparison.results import Results
from nlptrain.files.storage import write_json

HEAT_MAP = "encoders.svg"
OTHER_LENGTHS = "other_lengths.svg"


def write_matrix_report(
    results: Results, folder: Path, *, grid: Grid, all_events: bool = False
) -> None:
    """Write all files of a finished comparison; those of an earlier report are replaced.

    Args:
        results: What the trials came to.
        folder: Exists already.
        grid: The rows and columns.
        all_events: Whether TensorBoard gets every trial.

    Raises:
        RunFolderError: A file cannot be written.
    """
    write_json(folder / COMPARISON_FILE, matrix_json(results, grid))
    cells = build_matrix(results, grid)
    drawn = {HEAT_MAP: draw_heat_map(cells, grid), OTHER_LENGTHS: draw_other_lengths(cells, grid)}
    pictures = {name: svg for name, svg in drawn.items() if svg is not None}
    page = render_matrix_page(results, grid, pictures)
    write_rest(results, folder, pictures, page, all_events=all_events)
