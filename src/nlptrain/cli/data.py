"""`nlptrain data`: look at a config's examples before training on them."""

from typing import TYPE_CHECKING

import typer

from nlptrain.cli.options import ConfigArgument, JsonOption, SetOption
from nlptrain.cli.output import note

if TYPE_CHECKING:
    from nlptrain.config.run import RunConfig

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def data() -> None:
    """Look at a config's examples: what gives them away, what they are.

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

    found = report_data(_load(config, overrides))
    if as_json:
        import json

        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        return
    from nlptrain.cli.data_report import show_report

    show_report(found)


def _load(config: str, overrides: list[str] | None) -> "RunConfig":
    from nlptrain.config.load import load_config

    loaded = load_config(config, overrides or ())
    for sentence in loaded.notes:
        note(sentence)
    return loaded.config
