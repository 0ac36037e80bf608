"""`nlptrain explain`."""

from pathlib import Path
from typing import Annotated

import typer

from nlptrain.cli.options import RUNS_DIR, RunOption, RunsDirOption
from nlptrain.cli.output import console, note, print_json


def explain(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A string; may be empty.")],
    run: RunOption = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    full: Annotated[
        bool, typer.Option("--full", help="Show all features and positions, not only the first.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every number as one JSON object.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write an HTML page.")
    ] = None,
) -> None:
    """Follow a string from its characters to its class.

    Shows each step with its actual numbers, and which characters mattered most.

    \b
    Examples:
      nlptrain explain "abcd"
      nlptrain explain "abcd" --run rnn-001 --full
      nlptrain explain "abcd" --html abcd.html
    """
    from nlptrain.inference.explanation.explanation import explain as explain_text
    from nlptrain.inference.model import load

    model = load(run, runs_dir=runs_dir)
    if run is None:
        note(f"run: {model.path.parent}")
    explanation = explain_text(model, text)
    if as_json:
        print_json(explanation.to_json())
    if as_json and html is None:
        return
    from nlptrain.inference.explanation.wording import write_out

    example = write_out(explanation, full=full, source=str(model.path))
    if not as_json:
        from nlptrain.reporting.explanation_console import print_worked_example

        print_worked_example(example, console())
    if html is not None:
        from nlptrain.reporting.pages.explanation import save_page

        save_page(example, html)
        note(f"page: {html}")
