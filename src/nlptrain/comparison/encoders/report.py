"""Everything that a finished compare-encoders leaves in its folder."""

from pathlib import Path

from nlptrain.comparison.encoders.answer import matrix_json
from nlptrain.comparison.encoders.entries import Grid
from nlptrain.comparison.encoders.matrix import build_matrix
from nlptrain.comparison.encoders.page import render_matrix_page
from nlptrain.comparison.figures.heat_map import draw_heat_map, draw_other_lengths
from nlptrain.comparison.report.tensorboard import save_events
from nlptrain.comparison.report.write import (
    COMPARISON_FILE,
    REPORT_FILE,
    TABLE_FILES,
    TENSORBOARD_FOLDER,
)
from nlptrain.comparison.results import Results
from nlptrain.comparison.trials.table import save_trials
from nlptrain.files.storage import write_atomic, write_json

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
    parquet, csv = (folder / name for name in TABLE_FILES)
    save_trials(results, parquet, csv)
    cells = build_matrix(results, grid)
    drawn = {HEAT_MAP: draw_heat_map(cells, grid), OTHER_LENGTHS: draw_other_lengths(cells, grid)}
    pictures = {name: svg for name, svg in drawn.items() if svg is not None}
    for name, svg in pictures.items():
        write_atomic(folder / name, svg)
    page = render_matrix_page(results, grid, pictures)
    write_atomic(folder / REPORT_FILE, page.encode(errors="backslashreplace"))
    save_events(results, folder / TENSORBOARD_FOLDER, all_trials=all_events)
