"""Which columns of a table have the strings and the labels, where the ones named are not there."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

from nlptrain.datasets.shard_table import read_shard
from nlptrain.datasets.shards import Shard
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import Table
from nlptrain.errors import DataError

_LOOKED_AT = 1000
"""Rows by which columns are told apart, at a time."""
_MOST_BATCHES = 100
"""More than one where a column has one value: a file may be sorted by its labels."""
_BOTH = 2
_NAMES = ("text", "label")

Command = Callable[[str, str], str]
"""Makes the command to type of the columns of strings and labels."""


@dataclass(frozen=True)
class NamedColumns:
    """The columns of strings and labels that were named.

    Attributes:
        text: The name of the column of strings, or its number.
        label: That of the labels.
        command: Names two columns in a command.
        meant: Which of the two, text and label, the user named: then no other is wanted.
    """

    text: int | str
    label: int | str
    command: Command
    meant: frozenset[str]

    def missing(self, table: Table) -> list[str]:
        """List those that the table lacks."""
        named = {"text": self.text, "label": self.label}
        return [
            name
            for name, column in named.items()
            if isinstance(column, str) and column not in table.columns
        ]


@dataclass(frozen=True)
class FoundColumns:
    """The places of the columns.

    Attributes:
        text: Of the strings.
        label: Of the labels.
        notes: Which were taken in place of those named.
    """

    text: int
    label: int
    notes: list[str] = field(default_factory=list)


def find_columns(
    shard: Shard, layout: TableLayout, table: Table, named: NamedColumns
) -> FoundColumns:
    """Find the named columns; else those called text and label, or the only two.

    Raises:
        DataError: It is not clear which columns are meant; with a command that names two.
    """
    missing = named.missing(table)
    if not missing:
        return FoundColumns(table.find_column(named.text), table.find_column(named.label))
    if meant := sorted(named.meant.intersection(missing)):
        raise _refuse(shard, layout, table, named, meant[0])
    places = {name: find_usual(table, name) for name in missing}
    for name in set(_NAMES) - set(missing):
        places[name] = table.find_column(getattr(named, name))
    left = [name for name, place in places.items() if place is None]
    if left and (len(table.columns) != _BOTH or _is_misspelt(table, named, left)):
        raise _refuse(shard, layout, table, named, left[0])
    if len(left) == 1:
        taken = next(place for place in places.values() if place is not None)
        places[left[0]] = 1 - taken
    elif left:
        *guessed, is_clear = _guess(shard, layout)
        if not is_clear or _has_no_header(shard, layout, table, guessed[1]):
            raise _refuse(shard, layout, table, named, left[0])
        places.update(zip(_NAMES, guessed, strict=True))
    text, label = places["text"], places["label"]
    if text is None or label is None or text == label:
        raise _refuse(shard, layout, table, named, missing[0])
    return FoundColumns(text, label, [_describe(shard, table, named, missing, text, label)])


def find_usual(table: Table, name: str) -> int | None:
    """Find the one column of a name, in whatever case."""
    found = [
        place for place, column in enumerate(table.columns) if column.strip().casefold() == name
    ]
    return found[0] if len(found) == 1 else None


def _is_misspelt(table: Table, named: NamedColumns, left: list[str]) -> bool:
    return any(get_close_matches(str(getattr(named, name)), table.columns, 1) for name in left)


def _describe(
    shard: Shard, table: Table, named: NamedColumns, missing: list[str], text: int, label: int
) -> str:
    lacks = " and ".join(repr(getattr(named, name)) for name in missing)
    return (
        f"{shard.path}: no column {lacks}: took {table.columns[text]!r} for the strings and "
        f"{table.columns[label]!r} for the labels"
    )


def _refuse(
    shard: Shard, layout: TableLayout, table: Table, named: NamedColumns, name: str
) -> DataError:
    """Describe which column is missing, with a command that names two likely ones."""
    try:
        table.find_column(getattr(named, name))
    except DataError as error:
        problem = str(error)
    if len(table.columns) < _BOTH:
        return DataError(problem)
    text, label, _ = _guess(shard, layout)
    names: list[str] = [table.columns[text], table.columns[label]]
    why = ""
    if _has_no_header(shard, layout, table, label):
        names, why = [str(text), str(label)], "its first row seems to be no names; "
    quoted = [shlex.quote(each) for each in names]
    return DataError(f"{problem}; {why}if these are the two: {named.command(*quoted)}")


def _has_no_header(shard: Shard, layout: TableLayout, table: Table, label: int) -> bool:
    """Return whether the name of the column of labels is a label."""
    with read_shard(shard, layout) as probe:
        batch = next(iter(probe.batches(_LOOKED_AT, (label,))), None)
        rows = batch.rows if batch is not None else []
        return any(row.values[label] == table.columns[label] for row in rows)


def _guess(shard: Shard, layout: TableLayout) -> tuple[int, int, bool]:
    """Guess from the first rows, as many as it takes: labels are few, strings have letters.

    Returns:
        The places of strings and labels, and whether the strings are clearly more than the labels.
    """
    with read_shard(shard, layout) as table:
        places = range(len(table.columns))
        columns: list[list[str]] = [[] for _ in places]
        constant = set(places)
        for batch in islice(table.batches(_LOOKED_AT, places), _MOST_BATCHES):
            rows = [row.values for row in batch.rows if row.problem is None]
            for place, values in enumerate(columns):
                values.extend(str(row[place]) for row in rows)
            constant = {
                place for place in constant if len(set(columns[place][-len(rows) - 1 :])) < 2
            }
            if not constant:
                break
    # What the names of folders tell is the same in all rows here: no strings, most likely labels.
    told = [place for place in places if table.columns[place] in shard.partition]
    label = min(told or places, key=lambda place: (_spread(columns[place]), -place))
    others = [place for place in places if place != label]
    text = max(others, key=lambda place: (place not in told, *_likeness_to_text(columns[place])))
    return (
        text,
        label,
        bool(told) or _spread(columns[label]) < _spread(columns[text]) < float("inf"),
    )


def _spread(values: list[str]) -> float:
    """Count the different values; a column of one value has no classes."""
    distinct = len(set(values))
    return distinct if distinct > 1 else float("inf")


def _likeness_to_text(values: list[str]) -> tuple[bool, int]:
    lettered = sum(any(map(str.isalpha, value)) for value in values)
    return 2 * lettered > len(values), sum(map(len, values))
