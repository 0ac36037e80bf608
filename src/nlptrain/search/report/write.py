"""Everything that a finished search leaves in its folder, for people and for programs."""

from nlptrain.files.storage import write_atomic, write_json, write_text
from nlptrain.search.report.answer import report_json
from nlptrain.search.report.best import best_yaml
from nlptrain.search.report.figures import draw_figures
from nlptrain.search.report.importance import Importance
from nlptrain.search.report.page import render_search
from nlptrain.search.report.table import save_trials
from nlptrain.search.report.tensorboard import save_events
from nlptrain.search.run import Found

BEST_FILE, REPORT_FILE, PAGE_FILE = "best.yaml", "report.json", "report.html"
TENSORBOARD_FOLDER = "tensorboard"


def write_report(found: Found, importances: list[Importance]) -> None:
    """Write all files of a finished search; those of an earlier report are replaced.

    Raises:
        RunFolderError: A file cannot be written.
    """
    folder = found.folder
    write_text(folder / BEST_FILE, best_yaml(found))
    write_json(folder / REPORT_FILE, report_json(found))
    save_trials(found, folder)
    pictures = draw_figures(found, importances)
    for name, svg in pictures.items():
        write_atomic(folder / name, svg)
    write_text(folder / PAGE_FILE, render_search(found, pictures, importances))
    save_events(found, folder / TENSORBOARD_FOLDER)
