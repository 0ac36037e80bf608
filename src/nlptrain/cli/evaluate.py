"""`nlptrain evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nlptrain.cli.columns import parse_column
from nlptrain.cli.options import (
    RUNS_DIR,
    DelimiterOption,
    EncodingOption,
    JsonOption,
    RunArgument,
    RunsDirOption,
)
from nlptrain.cli.output import console, note

if TYPE_CHECKING:
    from nlptrain.inference.evaluation import Evaluation


def evaluate(
    run: RunArgument = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="A labelled table: .csv .tsv .jsonl .parquet"),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="NAME", help="The table's column of strings.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="NAME", help="The table's column of labels.")
    ] = None,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = "utf-8",
    split: Annotated[
        Literal["train", "validation", "test"], typer.Option("--split", help="Of the run's data.")
    ] = "test",
    as_json: JsonOption = False,
) -> None:
    """Score a run's network. Prints accuracy, F1 of each class, confusion matrix, loss.

    \b
    Examples:
      nlptrain evaluate
      nlptrain evaluate rnn-001 --split validation --json
      nlptrain evaluate --file labelled.csv --text name --label language
    """
    if file is None and (text or label or delimiter):
        raise typer.BadParameter("--text, --label and --delimiter go with --file")
    from nlptrain.inference.evaluation import LabelledFile, evaluate_file, evaluate_split

    if file is None:
        evaluation = evaluate_split(run, runs_dir, split)
    else:
        labelled = LabelledFile(
            file,
            text=parse_column(text) if text else None,
            label=parse_column(label) if label else None,
            delimiter=delimiter,
            encoding=encoding,
        )
        evaluation = evaluate_file(run, runs_dir, labelled)
    note(f"model: {evaluation.model.path}, examples: {evaluation.examples}")
    if as_json:
        import json

        values = evaluation.scores.to_json(evaluation.model.file.labels)
        typer.echo(json.dumps(values, ensure_ascii=False))
    else:
        _show(evaluation)


def _show(evaluation: "Evaluation") -> None:
    from nlptrain.reporting.tables import confusion_table, final_table, print_table, scores_table

    scores, file = evaluation.scores, evaluation.model.file
    rows = {
        "accuracy": f"{scores.accuracy:.4f}",
        "majority class": f"{scores.majority_rate:.4f}",
        "macro F1": f"{scores.macro_f1:.4f}",
        f"loss ({file.loss})": f"{scores.loss:.4g}",
        "examples": f"{scores.examples:,}",
    }
    by_class = (scores.precision, scores.recall, scores.f1, scores.support)
    out = console()
    print_table(final_table(rows), out)
    typer.echo()
    print_table(scores_table(file.labels, *by_class), out)
    typer.echo()
    print_table(confusion_table(file.labels, scores.confusion_matrix), out)
