"""`nlptrain evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nlptrain.cli.columns import parse_column
from nlptrain.cli.completion import complete_column
from nlptrain.cli.evaluation_figures import draw
from nlptrain.cli.options import (
    RUNS_DIR,
    DelimiterOption,
    EncodingOption,
    JsonOption,
    RunArgument,
    RunsDirOption,
    SheetOption,
)
from nlptrain.cli.output import console, note, print_json, show_table
from nlptrain.cli.sharding import ShardJobsOption, ShardSchedulerOption, choose_workers

if TYPE_CHECKING:
    from nlptrain.inference.evaluation import Evaluation
    from nlptrain.inference.scored_file import ScoredFile

MOST_LABELS = 10
"""Labels that are named of those that the network does not know."""


def evaluate(
    run: RunArgument = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="A labelled table: .csv .tsv .jsonl .json .parquet .xlsx .ods; also .csv.gz …; "
            "a folder of shards, or a pattern in quotes.",
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            "--text",
            metavar="NAME",
            help="The table's column of strings.",
            autocompletion=complete_column,
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label",
            metavar="NAME",
            help="The table's column of labels.",
            autocompletion=complete_column,
        ),
    ] = None,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = "utf-8",
    sheet: SheetOption = None,
    split: Annotated[
        Literal["train", "validation", "test"], typer.Option("--split", help="Of the run's data.")
    ] = "test",
    bad_rows: Annotated[
        Literal["error", "skip"],
        typer.Option("--bad-rows", help="Rows of the table that cannot be read: stop, or skip."),
    ] = "error",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="OUT",
            help="Where the table goes, with predictions and the rank of the true class. Of "
            "shards: the folder of the tables.",
        ),
    ] = None,
    mistakes: Annotated[
        int,
        typer.Option("--mistakes", min=0, metavar="N", help="Show the N most confident mistakes."),
    ] = 0,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures",
            metavar="DIR",
            help="Where figures go; without it those that the config asks for, in the run.",
        ),
    ] = None,
    all_classes: Annotated[
        bool,
        typer.Option(
            "--all-classes", help="Every class and confused pair, also of more than 20 classes."
        ),
    ] = False,
    as_json: JsonOption = False,
    jobs: ShardJobsOption = None,
    scheduler: ShardSchedulerOption = None,
) -> None:
    """Score a run's network. Prints accuracy, F1 of each class, confusion matrix, loss.

    Of more than 20 classes it shows the most frequent, the worst, and the pairs most often
    confused; --all-classes or --json shows all.

    With data.evaluate_lengths: accuracy by length too, and its figure. With training.calibration:
    the reliability diagram.

    \b
    Examples:
      nlptrain evaluate
      nlptrain evaluate rnn-001 --split validation --json
      nlptrain evaluate --file labelled.csv --text name --label language
      nlptrain evaluate --file labelled.csv --mistakes 20 --output scored.csv
    """
    if file is None and (text or label or delimiter or sheet or output or mistakes):
        raise typer.BadParameter(
            "--text, --label, --delimiter, --sheet, --output and --mistakes go with --file"
        )
    if file is None and (jobs or scheduler):
        raise typer.BadParameter("--jobs and --scheduler go with --file and shards")
    from nlptrain.inference.evaluation import evaluate_file, evaluate_split
    from nlptrain.inference.labelled_file import LabelledFile
    from nlptrain.packages import require

    if figures is not None:
        require("matplotlib", purpose="--figures")

    if file is None:
        evaluation = evaluate_split(run, runs_dir, split)
    else:
        workers = choose_workers(jobs, scheduler)
        if scheduler is not None:
            # The workers have working folders of their own.
            file, output = file.absolute(), output and output.absolute()
        labelled = LabelledFile(
            file,
            text=parse_column(text) if text else None,
            label=parse_column(label) if label else None,
            delimiter=delimiter,
            encoding=encoding,
            sheet=sheet,
            bad_rows=bad_rows,
        )
        evaluation = evaluate_file(
            run, runs_dir, labelled, output=output, mistakes=mistakes, workers=workers
        )
    refitted = " (refitted)" if evaluation.model.file.refitted else ""
    note(f"model{refitted}: {evaluation.model.path}, examples: {evaluation.examples}")
    if evaluation.file is not None:
        _note_rows(evaluation.file, output)
    if as_json:
        print_json(evaluation.to_json())
    else:
        _show(evaluation, all_classes=all_classes)
    is_test = file is None and split == "test"
    draw(evaluation, figures, is_test=is_test)


def _show(evaluation: "Evaluation", *, all_classes: bool) -> None:
    from nlptrain.cli.class_scores import show_classes
    from nlptrain.cli.mistakes import show_mistakes
    from nlptrain.reporting.table_layout import print_facts

    scores, file = evaluation.scores, evaluation.model.file
    rows = {
        "accuracy": _describe_accuracy(evaluation),
        "majority class": f"{scores.majority_rate:.4f}",
        "macro F1": f"{scores.macro_f1:.4f}",
        f"loss ({file.loss})": f"{scores.loss:.4g}",
        "calibration error": f"{evaluation.reliability.error:.4f}",
        "examples": f"{scores.examples:,}",
    }
    if file.threshold != 0.5:
        rows["threshold"] = f"{file.threshold:.4g} for {file.labels[1]}"
    if file.temperature != 1:
        before = evaluation.uncalibrated.error
        rows["temperature"] = f"{file.temperature:.4g}; calibration error without it {before:.4f}"
    print_facts(rows, console())
    typer.echo()
    show_classes(scores, file.labels, show_all=all_classes)
    if evaluation.by_length:
        typer.echo()
        _show_lengths(evaluation)
    if evaluation.file is not None and evaluation.file.mistakes:
        typer.echo()
        show_mistakes(evaluation.file.mistakes)


def _describe_accuracy(evaluation: "Evaluation") -> str:
    """Describe the accuracy, with and without the rows of labels that the network does not know."""
    file = evaluation.file
    if file is None or not file.unknown:
        return f"{evaluation.accuracy:.4f}"
    number = file.unknown.total()
    return (
        f"{evaluation.accuracy:.4f} of {file.rows:,} rows, the {number:,} of unknown labels wrong; "
        f"without those {evaluation.scores.accuracy:.4f}, and so all scores below"
    )


def _note_rows(file: "ScoredFile", output: Path | None) -> None:
    """Note the labels that the network does not know, and the rows that were left out."""
    for sentence in file.notes:
        note(sentence)
    if output is not None:
        note(f"{output}: rows: {file.rows + file.bad.number:,}")
    if file.unknown:
        listed = [f"{label!r} ({n:,})" for label, n in file.unknown.most_common(MOST_LABELS)]
        more = len(file.unknown) - len(listed)
        rest = f", and {more:,} more" if more else ""
        note(f"labels that the network does not know, counted as wrong: {', '.join(listed)}{rest}")
    if file.bad.number:
        for line in file.explain_bad_rows():
            note(line)
        note(f"bad rows, left out: {file.bad.number:,} of {file.rows + file.bad.number:,}")


def _show_lengths(evaluation: "Evaluation") -> None:
    rows = [
        (
            f"{row.shortest:,}" + (f" to {row.longest:,}" if row.longest > row.shortest else ""),
            "yes" if row.in_training else "no",
            f"{row.examples:,}",
            f"{row.accuracy:.4f}",
            f"{row.low:.3f} to {row.high:.3f}",
        )
        for row in evaluation.by_length
    ]
    names, numbers = ["length", "trained on"], ["examples", "accuracy", "95 % interval"]
    show_table(names, numbers, rows)
