"""A model's card in Markdown, ready for the Hugging Face Hub."""

import re

import yaml

from nlptrain.files.storage import write_text
from nlptrain.reporting.card.facts import Facts, collect_card
from nlptrain.reporting.card.metadata import build_metadata
from nlptrain.reporting.literal import literal
from nlptrain.runs.folder import RunFolder

_MARKUP = re.compile(r"([\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
"""What Markdown would obey within a line; an underscore within a word is one."""

_WORDS = {None: "none", True: "yes", False: "no"}


def save_card(folder: RunFolder) -> None:
    """Write the card into the run's folder, atomically.

    Raises:
        RunFolderError: A file of the run is damaged, or the card cannot be written.
    """
    write_text(folder.card_path, render_card(collect_card(folder)))


def render_card(card: Facts) -> str:
    """Render a card's facts in Markdown; names from the user's data are escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("nlptrain.reporting.card"),
        autoescape=False,  # noqa: S701  Markdown; the template escapes by `md`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"md": escape_markdown, "yaml": _to_yaml}
    template = environment.get_template("card.md")
    return template.render(card=card, metadata=build_metadata(card))


def escape_markdown(text: object) -> str:
    """Escape a name so that Markdown and HTML show it as it is, on one line."""
    if text is None or isinstance(text, bool):
        return _WORDS[text]
    shown = literal(str(text)).replace("&", "&amp;").replace("<", "&lt;")
    return _MARKUP.sub(r"\\\1", shown)


def _to_yaml(value: object) -> str:
    """Write YAML; with a character that a terminal would obey, in ASCII alone."""
    text = yaml.safe_dump(value, None, sort_keys=False, width=10**9, allow_unicode=True)
    if not text.replace("\n", "").isprintable():
        text = yaml.safe_dump(value, None, sort_keys=False, width=10**9, allow_unicode=False)
    return text
