"""`nlptrain config`: check, list and copy configs; JSON schema and reference."""

from pathlib import Path
from typing import Annotated

import typer

from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import ConfigArgument, SetOption
from nlptrain.cli.output import note, say, show_facts

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def config() -> None:
    """Check, list, copy and document configs.

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

    run_config = read_config(config, overrides, varied=())
    say(f"{config}: valid")
    say(summarize(run_config))


@app.command("list")
def list_configs() -> None:
    """List the packaged configs and the questions they answer.

    \b
    Example:
      nlptrain config list
    """
    from nlptrain.config.packaged import packaged_configs, question_of

    show_facts({name: question_of(path) for name, path in packaged_configs().items()})


@app.command()
def copy(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A packaged config.")],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="The new file or its folder; default: NAME.yaml."),
    ] = None,
) -> None:
    """Copy a packaged config as a template. Existing files are never overwritten.

    \b
    Example:
      nlptrain config copy rnn mine.yaml
    """
    import shlex

    from nlptrain.config.packaged import copy_config

    copied = copy_config(name, file)
    say(str(copied))
    note(f"to train it: nlptrain train {shlex.quote(str(copied))}")


@app.command()
def schema() -> None:
    """Print the JSON schema of a config. Editors use it to check and complete YAML.

    \b
    Example:
      nlptrain config schema > nlptrain.schema.json
    """
    import json

    from nlptrain.config.reference import schema as make_schema

    typer.echo(json.dumps(make_schema(), indent=2, ensure_ascii=False))


@app.command()
def reference() -> None:
    """Print a reference of all settings as Markdown. Lists values, default, unit and meaning.

    \b
    Example:
      nlptrain config reference > reference.md
    """
    from nlptrain.config.reference import reference as write_reference

    typer.echo(write_reference(), nl=False)
