"""`nlptrain runs` and `nlptrain runs show`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.options import RUNS_DIR, JsonOption, RunArgument, RunsDirOption
from nlptrain.cli.output import console, note, print_json, say, show_facts

if TYPE_CHECKING:
    from nlptrain.runs.folder import RunFolder
    from nlptrain.runs.record import RunRecord

REPORTED = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "loss": "loss",
    "majority_rate": "majority class",
    "examples": "examples",
    "scored_model": "model",
}
"""The scores to show, by their key in the report."""

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@app.callback()
def list_all(
    context: typer.Context, runs_dir: RunsDirOption = RUNS_DIR, as_json: JsonOption = False
) -> None:
    """List the runs, or show one. The score is the test accuracy.

    \b
    Examples:
      nlptrain runs
      nlptrain runs --json
      nlptrain runs show rnn-001
    """
    context.obj = runs_dir
    if context.invoked_subcommand is not None:
        return
    from nlptrain.runs.search import list_runs

    runs = list_runs(runs_dir, tell=note)
    if as_json:
        print_json([_describe(folder, record) for folder, record in runs], indent=2)
        return
    if not runs:
        note(f"{runs_dir}: no runs yet; train one: nlptrain train rnn")
        return
    from nlptrain.reporting.table_layout import print_table
    from nlptrain.reporting.tables import runs_table

    print_table(runs_table(_row(folder, record) for folder, record in runs), console())


@app.command()
def show(
    context: typer.Context,
    run: RunArgument = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    as_json: JsonOption = False,
    as_card: Annotated[
        bool, typer.Option("--card", help="Print the model's card in Markdown instead.")
    ] = False,
) -> None:
    """Show one run in full: its record, scores, files and config.

    \b
    Examples:
      nlptrain runs show rnn-001
      nlptrain runs show rnn-001 --card
    """
    if as_card and as_json:
        raise typer.BadParameter("--card is Markdown, and --json is JSON; choose one")
    from nlptrain.runs.search import find_run

    folder = find_run(run, context.obj if runs_dir == RUNS_DIR else runs_dir)
    if as_card:
        from nlptrain.reporting.card.facts import collect_card
        from nlptrain.reporting.card.page import render_card

        sys.stdout.write(render_card(collect_card(folder)))
        return
    description = _describe(folder, folder.read_record())
    report = _read_report(folder)
    if as_json:
        print_json({**description, "report": report}, indent=2)
        return
    facts = {key: _write(value) for key, value in description.items()} | {
        f"test {name}": _write(report[key]) for key, name in REPORTED.items() if key in report
    }
    show_facts(facts)
    if folder.config_path.is_file():
        config = folder.config_path.read_text("utf-8", errors="backslashreplace")
        say(f"\n{folder.config_path}:\n{config}".removesuffix("\n"))


def _describe(folder: "RunFolder", record: "RunRecord") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "run": str(folder.path),
        **{key: value for key, value in asdict(record).items() if key != "config"},
        "name": folder.path.name,
        "status": folder.status(record),
        "files": sorted(path.name for path in folder.path.iterdir() if path.name[0] != "."),
    }


def _read_report(folder: "RunFolder") -> dict[str, object]:
    """Read the test scores of a finished run; a damaged report is skipped with a message."""
    from nlptrain.errors import RunFolderError
    from nlptrain.files.storage import read_json

    if not folder.report_path.is_file():
        return {}
    try:
        return read_json(folder.report_path)
    except RunFolderError as error:
        note(f"skipped: {error}")
        return {}


def _row(folder: "RunFolder", record: "RunRecord") -> tuple[str, str, str, str, str, str, str]:
    from datetime import datetime

    score = "" if record.score is None else f"{record.score:.4f}"
    when = datetime.fromisoformat(record.started).astimezone()
    return (
        folder.path.name,
        folder.status(record),
        record.encoder,
        record.optimizer,
        score,
        f"{record.seconds:.1f}",
        f"{when:%Y-%m-%d %H:%M}",
    )


def _write(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_write(entry)}" for key, entry in value.items())
    if isinstance(value, list):
        return ("; " if any(isinstance(each, dict) for each in value) else ", ").join(
            map(_write, value)
        )
    return "" if value is None else str(value)
