"""`nlptrain config`: check, list and copy configs; the JSON schema and the reference page."""

from pathlib import Path
from typing import Annotated

import typer

from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import ConfigArgument, SetOption
from nlptrain.cli.output import console, note, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def config() -> None:
    """Check, list and copy configs; print what they can say.

    \b
    Examples:
      nlptrain config list
      nlptrain config copy rnn mine.yaml
    """


@app.command()
def check(config: ConfigArgument, overrides: SetOption = None) -> None:
    """Check a config without training.

    \b
    Example:
      nlptrain config check configs/rnn.yaml --set optimizer.learning_rate=0.01
    """
    from nlptrain.config.summary import summarize

    run_config = read_config(config, overrides)
    say(f"{config}: valid")
    say(summarize(run_config))


@app.command("list")
def list_configs() -> None:
    """List the packaged configs, each with its question.

    \b
    Example:
      nlptrain config list
    """
    from nlptrain.config.packaged import packaged_configs, question_of
    from nlptrain.reporting.table_layout import print_facts

    questions = {name: question_of(path) for name, path in packaged_configs().items()}
    print_facts(questions, console())


@app.command()
def copy(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A packaged config.")],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="The new file or its folder; NAME.yaml without it."),
    ] = None,
) -> None:
    """Copy a packaged config to start from. No file is ever overwritten.

    \b
    Example:
      nlptrain config copy rnn mine.yaml
    """
    import shlex

    from nlptrain.config.packaged import copy_config

    copied = copy_config(name, file)
    say(str(copied))
    note(f"train it: nlptrain train {shlex.quote(str(copied))}")


@app.command()
def schema() -> None:
    """Print the JSON schema of a config. Editors check and complete YAML by it.

    \b
    Example:
      nlptrain config schema > nlptrain.schema.json
    """
    import json

    from nlptrain.config.reference import schema as make_schema

    typer.echo(json.dumps(make_schema(), indent=2, ensure_ascii=False))


@app.command()
def reference() -> None:
    """Print a page of all settings, as Markdown. Each has its values, default, unit and meaning.

    \b
    Example:
      nlptrain config reference > reference.md
    """
    from nlptrain.config.reference import reference as write_reference

    typer.echo(write_reference(), nl=False)
