"""`nlptrain predict`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from nlptrain.cli.columns import parse_column
from nlptrain.cli.completion import complete_column
from nlptrain.cli.options import (
    RUNS_DIR,
    DelimiterOption,
    EncodingOption,
    RunOption,
    RunsDirOption,
    SafeCsvOption,
    SheetOption,
)
from nlptrain.cli.output import TerminalBytes, note
from nlptrain.cli.sharding import (
    ShardJobsOption,
    ShardSchedulerOption,
    choose_workers,
    note_text,
    predict_shards,
)

if TYPE_CHECKING:
    from nlptrain.inference.bulk import BulkReport
    from nlptrain.inference.model import Model
    from nlptrain.inference.table_source import TableSource

STANDARD_INPUT = "-"


def predict(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="Strings; - for standard input, one a line."),
    ] = None,
    run: RunOption = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="A table: .csv .tsv .jsonl .json .parquet .xlsx .ods .txt, or .csv.gz and so on; "
            "a folder of shards, or a pattern in quotes.",
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            "--column",
            metavar="NAME",
            help="The table's column of strings: a name, or a number from 0 without a header.",
            autocompletion=complete_column,
        ),
    ] = None,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = "utf-8",
    sheet: SheetOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="OUT",
            help="Where the table goes; its ending says how. Of shards: the folder of the tables.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a string.")
    ] = False,
    top: Annotated[
        int, typer.Option("--top", min=1, metavar="K", help="Show the K likeliest classes.")
    ] = 1,
    safe_csv: SafeCsvOption = False,
    jobs: ShardJobsOption = None,
    scheduler: ShardSchedulerOption = None,
) -> None:
    """Predict the class of strings. Prints text, label and the label's probability.

    Of a folder or a pattern of shards each becomes a table of its own name in the folder OUT. The
    same command goes on where it was interrupted: a shard that is finished is not done again.

    \b
    Examples:
      nlptrain predict "abcd" "bcde"
      nlptrain predict --file names.csv --column name --output predicted.csv
      nlptrain predict --file 'shards/*.parquet' --output predicted --jobs 4
      cat words.txt | nlptrain predict - --json
    """
    if (file is None) == (not texts):
        raise typer.BadParameter("give either strings, or --file FILE")
    if file is None and (column or output or delimiter or sheet or safe_csv):
        raise typer.BadParameter(
            "--column, --delimiter, --sheet, --output and --safe-csv go with --file"
        )
    if file is not None and (top > 1):
        raise typer.BadParameter("--top goes with strings, not with --file")
    is_sharded = file is not None and _is_sharded(file)
    if not is_sharded and (jobs or scheduler):
        raise typer.BadParameter(
            "--jobs and --scheduler go with a folder or a pattern of shards; a single file is read "
            "in this process, which predicts on every core"
        )
    if as_json and output is not None and not is_sharded and not _is_json_lines(output):
        raise typer.BadParameter("--output's ending says the format: with --json it is .jsonl")
    from nlptrain.inference.model import load

    model = load(run, runs_dir=runs_dir)
    folder = model.path.parent
    if run is None or Path(run).name not in (folder.name, model.path.name):
        note(f"run: {folder}")
    if file is not None:
        from nlptrain.inference.table_source import TableSource

        strings = None if column is None else parse_column(column)
        source = TableSource(file, strings, delimiter, encoding, sheet)
        if is_sharded:
            workers = choose_workers(jobs, scheduler)
            predict_shards(model, source, output, workers, as_json=as_json, safe_csv=safe_csv)
        else:
            _predict_file(model, source, output, as_json=as_json, safe_csv=safe_csv)
    elif texts == [STANDARD_INPUT]:
        _predict_stream(model, encoding, as_json=as_json, top=top)
    else:
        _predict_texts(model, texts or [], as_json=as_json, top=top)


def _is_sharded(file: Path) -> bool:
    from nlptrain.datasets.shards import is_sharded

    return is_sharded(file)


def _is_json_lines(output: Path) -> bool:
    from nlptrain.datasets.tables.layout import find_format

    return find_format(output) == "jsonl"


def _predict_file(
    model: "Model",
    source: "TableSource",
    output: Path | None,
    *,
    as_json: bool,
    safe_csv: bool,
) -> None:
    from nlptrain.datasets.tables.writer import write_predictions
    from nlptrain.inference.bulk import write_table
    from nlptrain.inference.table_source import open_strings

    target: Path | BinaryIO | None = output
    if output is None and sys.stdout.isatty():
        target = TerminalBytes()
    with (
        open_strings(source, model.file.columns) as opened,
        write_predictions(
            target, opened.table, "jsonl" if as_json else None, safe_csv=safe_csv
        ) as writer,
    ):
        if opened.note:
            note(opened.note)
        report = write_table(model, opened.table, opened.place, writer)
    if output is not None:
        note(f"{output}: rows: {report.rows:,}")
    _finish(report)


def _predict_stream(model: "Model", encoding: str, *, as_json: bool, top: int) -> None:
    from nlptrain.cli.prediction_lines import format_bad_text, format_prediction
    from nlptrain.datasets.tables.layout import complete_layout
    from nlptrain.datasets.tables.reader import read_table
    from nlptrain.inference.bulk import ROWS_AT_ONCE, BulkReport, predict_batches

    report = BulkReport()
    # Whoever types wants an answer to each line.
    rows_at_once = 1 if sys.stdin.isatty() else ROWS_AT_ONCE
    layout = complete_layout(Path(STANDARD_INPUT), table_format="text", encoding=encoding)
    with read_table(STANDARD_INPUT, layout) as table:
        for batch in predict_batches(model, table, 0, report, rows_at_once):
            predictions = model.describe(batch.good_texts, batch.decisions)
            for row, prediction in zip(batch.read.rows, batch.in_place(predictions), strict=True):
                line = (
                    format_bad_text(row.values[0], as_json=as_json)
                    if prediction is None
                    else format_prediction(prediction, as_json=as_json, top=top)
                )
                sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    _finish(report)


def _predict_texts(model: "Model", texts: list[str], *, as_json: bool, top: int) -> None:
    from nlptrain.cli.prediction_lines import align, format_prediction

    decisions = model.decide(texts)
    predictions = model.describe(texts, decisions)
    lines = [format_prediction(each, as_json=as_json, top=top) for each in predictions]
    if sys.stdout.isatty() and not as_json:
        lines = align(lines)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    note_text(decisions.unknown, decisions.cut)


def _finish(report: "BulkReport") -> None:
    """Report what could not be predicted, and end with status 1 if anything could not."""
    note_text(report.unknown, report.cut)
    bad = report.bad
    if bad.number:
        for problem in bad.named:
            note(problem)
        note(f"bad rows, left without a prediction: {bad.number:,} of {report.rows:,}")
        if fault := bad.fault:
            note(fault)
        raise typer.Exit(1)
