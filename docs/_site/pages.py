"""The pages of the site that are made from the code and from files outside docs/.

MkDocs calls these functions by their names. Links that leave docs/ lead to such a page, or, where
the site has none, lose their target: every link of the site leads somewhere.
"""

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer.main
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import nlptrain
from nlptrain.cli.app import app
from nlptrain.config.packaged import packaged_configs, question_of
from nlptrain.config.reference import reference
from nlptrain.export.html import render_page

ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "labs/README.md": "labs/index.md",
    "labs/GLOSSARY.md": "labs/GLOSSARY.md",
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
}
"""Files of the repository that are pages as they stand, and where."""
LIVE = ("pooling", "rnn", "cnn")
"""The packaged configs whose networks the site has as pages that compute."""

_LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)(#[^)]*)?\)")
_CELL = re.compile(r"^# %%.*\n", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that no file of docs/ is."""
    pages = {
        "reference/commands.md": commands(),
        "reference/settings.md": reference(),
        "reference/configs.md": configs(),
        **{place: (ROOT / source).read_text("utf-8") for source, place in ELSEWHERE.items()},
        **{f"labs/{path.stem}.md": lab(path) for path in labs()},
        "live/index.md": networks(),
        **{f"live/{name}.html": network(name) for name in LIVE},
    }
    for place, content in pages.items():
        files.append(File.generated(config, place, content=content))
    for figure in sorted((ROOT / "labs" / "figures").glob("*.png")):
        files.append(
            File.generated(config, f"labs/figures/{figure.name}", abs_src_path=str(figure))
        )
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to where the site has what they name."""
    sources = {place: source for source, place in ELSEWHERE.items()}
    here = page.file.src_uri
    folder = posixpath.dirname(sources.get(here, f"docs/{here}"))

    def lead(match: re.Match[str]) -> str:
        text, target, anchor = match.group(1), match.group(2), match.group(3) or ""
        if "://" in target:
            return match.group()
        path = posixpath.normpath(posixpath.join(folder, target))
        place = ELSEWHERE.get(path, path.removeprefix("docs/"))
        if re.fullmatch(r"labs/\d\d_\w+\.py", path):
            place = path.replace(".py", ".md")
        if files.get_file_from_path(place) is None:
            return text
        return f"[{text}]({posixpath.relpath(place, posixpath.dirname(here) or '.')}{anchor})"

    return _LINK.sub(lead, markdown)


def commands() -> str:
    """Write the help of every command."""
    parts = ["# Commands\n"]
    for words, command in _walk(typer.main.get_command(app), ("nlptrain",)):
        context = command.context_class(command, info_name=" ".join(words))
        parts.append(f"## {' '.join(words)}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """List a command and those below it, each with the words that call it."""
    yield words, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _walk(below, (*words, name))


def configs() -> str:
    """Write every packaged config, with its question above."""
    parts = ["# Packaged configs\n"]
    for name, path in packaged_configs().items():
        content = path.read_text("utf-8")
        parts.append(f"## {name}\n\n{question_of(path)}\n\n```yaml\n{content}```\n")
    return "\n".join(parts)


def labs() -> list[Path]:
    """Find the labs, in order."""
    return sorted((ROOT / "labs").glob("[0-9][0-9]_*.py"))


def lab(path: Path) -> str:
    """Write a lab as a page: its figure, then its code."""
    title = path.stem.replace("_", " ")
    code = _CELL.sub("", path.read_text("utf-8"))
    return f"# {title}\n\n![What the lab draws](figures/{path.stem}.png)\n\n```python\n{code}```\n"


def networks() -> str:
    """Write the page that leads to the networks that compute in the browser."""
    rows = "".join(
        f"| [{name}]({name}.html) | {question_of(packaged_configs()[name])} |\n" for name in LIVE
    )
    return (
        "# Networks to try\n\nEach is one page, trained by the packaged config of its name and "
        "made by `nlptrain export --format html`: type a string, and see every step.\n\n"
        f"| network | question |\n|---|---|\n{rows}"
    )


@cache
def network(name: str) -> str:
    """Train a packaged config, and render its network as a page."""
    with TemporaryDirectory() as folder:
        overrides = ["logging.tensorboard=false"]
        run = nlptrain.train(name, overrides=overrides, runs_dir=folder).folder.path
        return render_page(nlptrain.load(run))
