"""What the Tab key offers: configs, runs, settings and their values, names, columns.

Nothing here imports torch. What a config may say is computed once and kept in the user's cache,
since importing all sections takes longer than anybody waits for a completion.
"""

import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from nlptrain.config.fields import JsonSchema

Offer = tuple[str, str]
"""What is completed, and a word of help."""
Settings = dict[str, tuple[list[str], str]]
"""The choices and the help of each setting, by its path."""

_MOST_RUNS = 30
_LONGEST_HELP = 72
_MOMENTA = ("momentum", "nesterov")


def complete_settings_in_bash() -> bool:
    """Print what completes the setting under the cursor, if there is one and the shell is bash.

    To bash `key=value` are three words, of which it completes the last, and the parser of the
    command line would look for an argument. And behind a word that is complete, bash puts a space:
    with what may stand behind `=` the last setting in question is not complete yet.

    Returns:
        Whether that was it: then nothing else is to be done.
    """
    if os.environ.get("_NLPTRAIN_COMPLETE") != "complete_bash":
        return False
    line = os.environ.get("COMP_WORDS", "")
    words = re.search(r"--(?:set|vary)\s([^\s=]*)(\s?=\s?)?(\S*)\Z", line)
    if words is None:
        return False
    key, equals, value = words.groups()
    offers = [offer for offer, _ in complete_setting(f"{key}={value}" if equals else key)]
    if not equals and len(offers) == 1:
        (setting,) = offers
        offers = [offer for offer, _ in complete_setting(setting)] or [setting, f"{setting}…"]
    typer.echo("\n".join(offer.removeprefix(f"{key}=") if equals else offer for offer in offers))
    return True


def complete_compared(incomplete: str) -> list[Offer]:
    """Offer the configs to compare, and `report`, which draws a comparison again."""
    report = ("report", "Write the report of a finished comparison again.")
    return [report] * "report".startswith(incomplete) + complete_config(incomplete)


def complete_config(incomplete: str) -> list[Offer]:
    """Offer the packaged configs, YAML files, and folders that may contain some."""
    from nlptrain.config.packaged import packaged_configs, question_of

    packaged = [
        (name, _shorten(question_of(path)))
        for name, path in packaged_configs().items()
        if name.startswith(incomplete)
    ]
    return [*packaged, *((path, "") for path in _list_paths(incomplete, (".yaml", ".yml")))]


def complete_run(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the runs, newest first, with their test accuracy."""
    from nlptrain.runs.search import list_newest

    runs_dir = Path(ctx.params.get("runs_dir") or "runs")
    return [
        (folder.path.name, record.status if record.score is None else f"{record.score:.4f}")
        for folder, record in list_newest(runs_dir, _MOST_RUNS)
        if folder.path.name.startswith(incomplete)
    ]


def complete_setting(incomplete: str) -> list[Offer]:
    """Offer the paths of settings, and after `=` the values of one, also after a comma."""
    settings = _read_settings()
    key, equals, value = incomplete.partition("=")
    if not equals:
        return [
            (f"{key}=", help_) for key, (_, help_) in settings.items() if key.startswith(incomplete)
        ]
    before, comma, last = value.rpartition(",")
    values, _ = settings.get(key, ([], ""))
    return [(f"{key}={before}{comma}{each}", "") for each in values if each.startswith(last)]


def complete_optimizer(incomplete: str) -> list[Offer]:
    """Offer the types of optimizers, and the two kinds of momentum of SGD."""
    offers = _complete_values("optimizer.type", incomplete)
    return [*offers, *((name, "") for name in _MOMENTA if name.startswith(incomplete))]


def complete_task(incomplete: str) -> list[Offer]:
    """Offer the types of tasks."""
    return _complete_values("data.task.type", incomplete)


def complete_column(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the columns of the table given by `--file`, if its first row names them."""
    from nlptrain.datasets.tables.layout import complete_layout
    from nlptrain.datasets.tables.reader import read_table
    from nlptrain.errors import NlptrainError

    if ctx.params.get("file") is None:
        return []
    path = Path(ctx.params["file"])
    try:
        layout = complete_layout(path)
        if layout.format == "jsonl":
            return []  # All of its lines would have to be read.
        with read_table(path, layout) as table:
            return [(name, "") for name in table.columns if name.startswith(incomplete)]
    except NlptrainError:
        return []


def _shorten(text: str) -> str:
    """Shorten a help text to one line, because shells read one offer per line."""
    return shorten(text, _LONGEST_HELP, placeholder=" …")


def _complete_values(key: str, incomplete: str) -> list[Offer]:
    values, _ = _read_settings()[key]
    return [(value, "") for value in values if value.startswith(incomplete)]


def _list_paths(incomplete: str, endings: tuple[str, ...]) -> Iterator[str]:
    folder, _, start = incomplete.rpartition("/")
    parent = Path(f"{folder}/" if "/" in incomplete else ".")
    if not parent.is_dir():
        return
    for path in sorted(parent.iterdir()):
        name = incomplete[: len(incomplete) - len(start)] + path.name
        if path.name.startswith(start) and not path.name.startswith("."):
            if path.is_dir():
                yield f"{name}/"
            elif path.suffix in endings:
                yield name


def _read_settings() -> Settings:
    """Return the settings, from the cache if possible."""
    cache = _cache_file()
    try:
        return {key: tuple(entry) for key, entry in json.loads(cache.read_text()).items()}
    except (OSError, ValueError):
        pass
    from nlptrain.errors import RunFolderError
    from nlptrain.files.storage import write_json

    settings = _collect()
    # Completing works without a cache, a little later.
    with contextlib.suppress(OSError, RunFolderError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        write_json(cache, settings)
    return settings


def _cache_file() -> Path:
    """Return the cache file for this version of the code; a changed section gets another file."""
    import nlptrain

    package = Path(nlptrain.__file__).parent
    sections = [path for name in ("config", "tasks") for path in (package / name).iterdir()]
    newest = max(path.stat().st_mtime_ns for path in [*sections, Path(__file__)])
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return base / "nlptrain" / f"settings-{nlptrain.__version__}-{newest}.json"


def _collect() -> Settings:
    """Collect the settings of all sections; one of several sections has the choices of each."""
    from nlptrain.config.fields import all_settings, kinds_of, schema_of

    found: Settings = {}
    for setting in all_settings():
        kinds = kinds_of(setting.field)
        if kinds is not None and not kinds.is_list:
            continue  # A section; its settings follow.
        path = ".".join(setting.path)
        known, _ = found.get(path, ([], ""))
        values = _values(schema_of(setting.section, setting.path[-1]))
        help_ = _shorten(setting.field.description or "")
        found[path] = (list(dict.fromkeys([*known, *values])), help_)
    return found


def _values(schema: "JsonSchema") -> list[str]:
    """List the words that a setting accepts, with those of YAML's own types."""
    from nlptrain.config.fields import choices_of

    types = [part.get("type") for part in schema.get("anyOf", [schema])]
    own = ["true", "false"] * ("boolean" in types) + ["null"] * ("null" in types)
    return [*choices_of(schema), *own]
