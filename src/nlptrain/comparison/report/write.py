"""Everything that a finished comparison leaves in its folder, for people and for programs."""

from pathlib import Path

from nlptrain.comparison.figures.draw import draw_figures
from nlptrain.comparison.report.answer import comparison_json
from nlptrain.comparison.report.page import render_report
from nlptrain.comparison.report.tensorboard import save_events
from nlptrain.comparison.results import Results
from nlptrain.comparison.trials.table import save_trials
from nlptrain.files.storage import write_atomic, write_json

COMPARISON_FILE = "comparison.json"
REPORT_FILE = "report.html"
TABLE_FILES = ("trials.parquet", "trials.csv")
TENSORBOARD_FOLDER = "tensorboard"


def write_report(results: Results, folder: Path, *, all_events: bool = False) -> None:
    """Write all files of a finished comparison; those of an earlier report are replaced.

    Args:
        results: What the trials came to.
        folder: Exists already.
        all_events: Whether TensorBoard gets every trial.

    Raises:
        RunFolderError: A file cannot be written.
    """
    write_json(folder / COMPARISON_FILE, comparison_json(results))
    parquet, csv = (folder / name for name in TABLE_FILES)
    save_trials(results, parquet, csv)
    pictures = draw_figures(results)
    for name, svg in pictures.items():
        write_atomic(folder / name, svg)
    page = render_report(results, pictures)
    write_atomic(folder / REPORT_FILE, page.encode(errors="backslashreplace"))
    save_events(results, folder / TENSORBOARD_FOLDER, all_trials=all_events)
