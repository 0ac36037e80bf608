"""`nlptrain evaluate`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from nlptrain.cli.columns import parse_column
from nlptrain.cli.options import RUNS_DIR, JsonOption, RunArgument, RunsDirOption
from nlptrain.cli.output import console, note


def evaluate(
    run: RunArgument = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="A labelled table: .csv .tsv .jsonl .parquet"),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", help="The table's column of strings.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", help="The table's column of labels.")
    ] = None,
    split: Annotated[
        Literal["train", "validation", "test"], typer.Option("--split", help="Of the run's data.")
    ] = "test",
    as_json: JsonOption = False,
) -> None:
    """Score a run's network: accuracy, F1 of each class, confusion matrix, loss.

    \b
    Examples:
      nlptrain evaluate
      nlptrain evaluate rnn-001 --split validation --json
      nlptrain evaluate --file labelled.csv --text name --label language
    """
    if file is None and (text or label):
        raise typer.BadParameter("--text and --label go with --file")
    from nlptrain.inference.evaluation import evaluate_file, evaluate_split
    from nlptrain.inference.model import load
    from nlptrain.run_folder import find_run

    if file is None:
        folder = find_run(run, runs_dir)
        model = load(str(folder.path))
        where = f"{folder.path}, {split} split"
        scores = evaluate_split(model, folder, split)
    else:
        model = load(run, runs_dir=runs_dir)
        columns = (
            parse_column(text) if text else model.file.columns[0],
            parse_column(label) if label else model.file.columns[1],
        )
        where = f"{model.path}, {file}"
        scores = evaluate_file(model, file, columns)
    note(where)
    labels = model.file.labels
    if as_json:
        import json

        typer.echo(json.dumps(scores.to_json(labels), ensure_ascii=False))
        return
    from nlptrain.reporting.tables import confusion_table, final_table, print_table, scores_table

    rows = {
        "accuracy": f"{scores.accuracy:.4f}",
        "majority class": f"{scores.majority_rate:.4f}",
        "macro F1": f"{scores.macro_f1:.4f}",
        f"loss ({model.file.loss})": f"{scores.loss:.4g}",
        "examples": f"{scores.examples:,}",
    }
    out = console()
    print_table(final_table(rows), out)
    by_class = (scores.precision, scores.recall, scores.f1, scores.support)
    print_table(scores_table(labels, *by_class), out)
    print_table(confusion_table(labels, scores.confusion_matrix), out)
