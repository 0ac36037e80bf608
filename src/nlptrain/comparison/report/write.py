"""Everything that a finished comparison leaves in its folder, for people and for programs."""

from collections.abc import Mapping
from pathlib import Path

from nlptrain.comparison.figures.draw import draw_figures
from nlptrain.comparison.report.answer import comparison_json
from nlptrain.comparison.report.page import render_report
from nlptrain.comparison.report.tensorboard import save_events
from nlptrain.comparison.results import Results
from nlptrain.comparison.trials.table import save_trials
from nlptrain.files.storage import write_atomic, write_json, write_text

COMPARISON_FILE = "comparison.json"
REPORT_FILE = "report.html"


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
    pictures = draw_figures(results)
    page = render_report(results, pictures)
    write_rest(results, folder, pictures, page, all_events=all_events)


def write_rest(
    results: Results, folder: Path, pictures: Mapping[str, bytes], page: str, *, all_events: bool
) -> None:
    """Write all but the JSON: the table, the pictures, the page and the events."""
    save_trials(results, folder)
    for name, svg in pictures.items():
        write_atomic(folder / name, svg)
    write_text(folder / REPORT_FILE, page)
    save_events(results, folder / "tensorboard", all_trials=all_events)
