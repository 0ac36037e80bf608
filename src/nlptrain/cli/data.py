"""`nlptrain data`: look at a config's examples before training on them."""

from pathlib import Path
from typing import Annotated

import typer

from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import ConfigArgument, JsonOption, SafeCsvOption, SetOption
from nlptrain.cli.output import note, print_json, say, show_table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

MOST_CLASSES = 20
"""Classes up to which `data show` shows all."""
LONGEST_SHOWN = 1000
"""Characters of a string that `data show` shows."""


@app.callback()
def data() -> None:
    """Look at examples before training on them.

    \b
    Examples:
      nlptrain data report own_file
      nlptrain data show rnn
    """


@app.command()
def report(
    config: ConfigArgument, overrides: SetOption = None, as_json: JsonOption = False
) -> None:
    """Report what gives the labels away. Majority, lengths, letters, duplicates, conflicts.

    \b
    Examples:
      nlptrain data report rnn
      nlptrain data report own_file --set data.file.path=mine.csv --json
    """
    from nlptrain.evaluation.data_report import report_data

    found = report_data(read_config(config, overrides))
    if as_json:
        print_json(found.to_json(), indent=2)
        return
    from nlptrain.cli.data_report import show_report

    show_report(found)


@app.command()
def show(
    config: ConfigArgument,
    overrides: SetOption = None,
    count: Annotated[
        int, typer.Option("--count", min=1, metavar="N", help="Strings of each class and split.")
    ] = 3,
    all_classes: Annotated[
        bool, typer.Option("--all-classes", help="Not only the 20 with the most strings.")
    ] = False,
) -> None:
    """Show some examples of each class and split. The first ones, as the network reads them.

    \b
    Example:
      nlptrain data show rnn --count 5
    """
    from nlptrain.datasets.alike_strings import read_splits
    from nlptrain.datasets.build import build_dataset
    from nlptrain.datasets.export import pick_examples
    from nlptrain.reporting.literal import shorten
    from nlptrain.text.reading import Reading

    settings = read_config(config, overrides)
    dataset = build_dataset(settings.data, settings.text, seed=settings.seed)
    for sentence in dataset.notes:
        note(sentence)
    shown = read_splits(dataset, Reading.of(settings.text))
    rows = [
        (
            pick.split,
            shorten(pick.label, LONGEST_SHOWN),
            " ".join(shorten(repr(text), LONGEST_SHOWN) for text in pick.texts),
            f"{pick.strings:,}",
        )
        for pick in pick_examples(shown, count, None if all_classes else MOST_CLASSES)
    ]
    show_table(["split", "label"], ["strings"], rows, texts=["examples"])
    if len(dataset.labels) > MOST_CLASSES and not all_classes:
        most = f"the {MOST_CLASSES} most frequent of {len(dataset.labels):,} classes"
        note(f"{most}; --all-classes shows all")


@app.command()
def export(
    config: ConfigArgument,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            metavar="FILE",
            help="A .csv, .jsonl or .parquet file, or .csv.gz and so on.",
        ),
    ],
    overrides: SetOption = None,
    safe_csv: SafeCsvOption = False,
) -> None:
    """Write a config's examples to a table. Its columns are text, label and split.

    \b
    Examples:
      nlptrain data export rnn --output strings.csv
      nlptrain data export own_file --output strings.parquet
    """
    import json
    import shlex

    from nlptrain.datasets.build import build_dataset
    from nlptrain.datasets.export import export_dataset

    settings = read_config(config, overrides)
    dataset = build_dataset(settings.data, settings.text, seed=settings.seed)
    export_dataset(dataset, output, safe_csv=safe_csv)
    sizes = ", ".join(f"{name} {len(split):,}" for name, split in dataset.splits.items())
    say(f"{output}: {sizes}")
    path = json.dumps(str(output.resolve()), ensure_ascii=False)
    file = f"data.file={{path: {path}, split: split, strip: false, min_examples: 1}}"
    note(
        "train on the same splits: "
        f"nlptrain train own_file --set data.split=null --set {shlex.quote(file)}"
    )


@app.command()
def tasks(as_json: JsonOption = False) -> None:
    """List the tasks with their parameters. What each asks, and the defaults.

    \b
    Example:
      nlptrain data tasks
    """
    from nlptrain.config.task_list import list_tasks

    found = list_tasks()
    if as_json:
        from dataclasses import asdict

        print_json([asdict(task) for task in found], indent=2)
        return

    rows = [
        (
            task.name,
            task.definition,
            ", ".join(f"{each.name}: {each.default}" for each in task.parameters),
        )
        for task in found
    ]
    show_table(["task"], [], rows, texts=["definition", "parameters"])
