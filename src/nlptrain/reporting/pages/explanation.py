"""A worked example as a self-contained HTML page."""

from pathlib import Path

from nlptrain.files.storage import write_text
from nlptrain.reporting.pages.heat_map import draw
from nlptrain.reporting.pages.page import render_template
from nlptrain.reporting.worked_example import WorkedExample


def save_page(example: WorkedExample, path: Path) -> None:
    """Write the page, atomically.

    Raises:
        RunFolderError: The file cannot be written.
    """
    write_text(path, render_page(example))


def render_page(example: WorkedExample) -> str:
    """Render the page as HTML; text from the user is escaped."""
    title = f"{example.text or '(the empty string)'} → {example.outcome}"
    return render_template("explanation.html", title=title, example=example, draw=draw)
