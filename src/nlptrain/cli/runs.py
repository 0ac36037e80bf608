"""`nlptrain runs` and `nlptrain runs show`."""

from typing import TYPE_CHECKING

import typer

from nlptrain.cli.options import RUNS_DIR, JsonOption, RunArgument, RunsDirOption
from nlptrain.cli.output import console, note

if TYPE_CHECKING:
    from nlptrain.run_folder import RunFolder

app = typer.Typer(
    help="List the runs, or show one.", invoke_without_command=True, rich_markup_mode=None
)


@app.callback()
def list_all(
    context: typer.Context, runs_dir: RunsDirOption = RUNS_DIR, as_json: JsonOption = False
) -> None:
    """List the runs: name, status, encoder, optimizer, test accuracy, seconds, when.

    \b
    Examples:
      nlptrain runs
      nlptrain runs show rnn-001
    """
    context.obj = runs_dir
    if context.invoked_subcommand is not None:
        return
    from nlptrain.run_folder import list_runs

    folders = list_runs(runs_dir)
    if as_json:
        _print_json([_describe(folder) for folder in folders])
        return
    if not folders:
        note(f"{runs_dir}: no runs yet; train one: nlptrain train rnn")
        return
    from nlptrain.reporting.tables import print_table, runs_table

    print_table(runs_table(_row(folder) for folder in folders), console())


@app.command()
def show(
    context: typer.Context,
    run: RunArgument = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    as_json: JsonOption = False,
) -> None:
    """Show one run in full: its record, scores, files and config.

    \b
    Example:
      nlptrain runs show rnn-001
    """
    from nlptrain.run_folder import find_run
    from nlptrain.storage import read_json

    folder = find_run(run, context.obj if runs_dir == RUNS_DIR else runs_dir)
    description = _describe(folder)
    report = read_json(folder.report_path) if folder.report_path.is_file() else {}
    if as_json:
        _print_json({**description, "report": report})
        return
    from nlptrain.reporting.tables import final_table, print_table

    facts = {key: _write(value) for key, value in description.items()} | {
        f"test {key}": _write(report[key])
        for key in ("accuracy", "macro_f1", "loss", "majority_rate", "examples")
        if key in report
    }
    print_table(final_table(facts), console())
    if folder.config_path.is_file():
        typer.echo(f"\n{folder.config_path}:\n{folder.config_path.read_text('utf-8')}", nl=False)


def _describe(folder: "RunFolder") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "run": str(folder.path),
        **asdict(folder.read_record()),
        "status": folder.status(),
        "files": sorted(path.name for path in folder.path.iterdir() if path.name[0] != "."),
    }


def _row(folder: "RunFolder") -> tuple[str, str, str, str, str, str, str]:
    from datetime import datetime

    record = folder.read_record()
    score = "" if record.score is None else f"{record.score:.4f}"
    when = datetime.fromisoformat(record.started).astimezone()
    return (
        record.name,
        folder.status(),
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
        return ", ".join(f"{key} {entry}" for key, entry in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _print_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
