"""Labelled strings for benchmarks/quality.py, out of packages of the `dev` extra.

A string that carries several labels is left out: a country whose name is spelled alike in two
languages belongs to none. Of many strings, some are drawn, always the same of the same package.
"""

import csv
import importlib
import pkgutil
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple

MOST_STRINGS = 10_000
MOST_OF_A_COUNTRY = 500
FEWEST_OF_A_CLASS = 100
_NAMES = ("territories", "languages", "scripts", "currencies")
_LOCALES = (
    *("ca", "cs", "cy", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu"),
    *("id", "is", "it", "lt", "lv", "nb", "nl", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "sw"),
    *("tr", "vi"),
)
"""Languages in Latin script that CLDR has nearly all names in."""

Pair = tuple[str, str]
"""A string and its label."""


class Source(NamedTuple):
    """Where a set comes from.

    Attributes:
        question: What a label says of a string.
        package: The distribution that it is taken from.
        pairs: Lists its strings and labels, some of them several times.
    """

    question: str
    package: str
    pairs: Callable[[], Iterable[Pair]]


def _phrases() -> Iterator[Pair]:
    from babel import Locale

    for language in _LOCALES:
        locale = Locale(language)
        for names in _NAMES:
            yield from ((name, language) for name in getattr(locale, names).values())
        for lengths in locale.unit_display_names.values():
            yield from ((name, language) for name in lengths.values())


def _identifiers() -> Iterator[Pair]:
    from pygments import lexers

    for module in pkgutil.iter_modules(lexers.__path__):
        match = re.fullmatch(r"_(\w+)_builtins", module.name)
        if match is None:
            continue
        lists = vars(importlib.import_module(f"pygments.lexers.{module.name}")).items()
        words = _list_words([value for name, value in lists if not name.startswith("__")])
        yield from ((word, match[1]) for word in words if re.search(r"[A-Za-z]{2}", word))


def _list_words(value: Any) -> Iterator[str]:
    """List the strings in lists, sets and the values of dictionaries."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _list_words(list(value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _list_words(each)


def _icons() -> Iterator[Pair]:
    for file in distribution("mkdocs-material").files or ():
        if file.suffix == ".svg" and ".icons" in file.parts:
            folders = file.parts[file.parts.index(".icons") + 1 : -1]
            yield from ((file.stem, folder) for folder in folders[:1])


def _airports() -> Iterator[Pair]:
    import airportsdata

    pairs = [(each["name"], each["country"]) for each in airportsdata.load().values()]
    random.Random(0).shuffle(pairs)
    seen: Counter[str] = Counter()
    for name, country in pairs:
        seen[country] += 1
        if seen[country] <= MOST_OF_A_COUNTRY:
            yield name, country


SETS = {
    "phrases": Source("Which language names a country, language, unit … so?", "babel", _phrases),
    "identifiers": Source("Which language has such a word built in?", "pygments", _identifiers),
    "icons": Source("Which collection has an icon of this file name?", "mkdocs-material", _icons),
    "airports": Source("In which country is the airport?", "airportsdata", _airports),
}


def list_strings(name: str) -> list[Pair]:
    """List a set's distinct strings with their labels, in alphabetical order.

    Raises:
        ImportError: The package is not installed.
    """
    labels: dict[str, set[str]] = {}
    for text, label in SETS[name].pairs():
        if text := " ".join(text.split()):
            labels.setdefault(text, set()).add(label)
    pairs = sorted((text, *found) for text, found in labels.items() if len(found) == 1)
    sizes = Counter(label for _, label in pairs)
    kept = [(text, label) for text, label in pairs if sizes[label] >= FEWEST_OF_A_CLASS]
    if len(kept) > MOST_STRINGS:
        kept = sorted(random.Random(0).sample(kept, MOST_STRINGS))
    return kept


def write_set(name: str, folder: Path) -> Path:
    """Write a set as a CSV file with the columns `text` and `label`, and return its path.

    Raises:
        ImportError: The package is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *list_strings(name)])
    return path
