"""Strings that differ only in spelling: case, spaces, Unicode form."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nlptrain.datasets.distinct_strings import number_strings
from nlptrain.datasets.examples import Dataset
from nlptrain.text.string_column import StringColumn


def _fold_spaces(text: str) -> str:
    return " ".join(text.split())


def _fold_form(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _fold_all(text: str) -> str:
    # Folded first: for the iota below (U+0345), strings of one case may have two forms otherwise.
    return _fold_spaces(_fold_form(_fold_form(text.casefold()).casefold()))


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "case": str.casefold,
    "spaces": _fold_spaces,
    "Unicode form": _fold_form,
    "any of them": _fold_all,
}
"""What two spellings may differ in, and the function that maps both to one."""


class _Suspect(NamedTuple):
    text: str
    class_index: int
    is_learnt: bool


@dataclass(frozen=True)
class NearDuplicates:
    """Strings of a dataset that are the same except for spelling.

    Attributes:
        differ_in: case, spaces, Unicode form, or any of them.
        strings: How many more distinct strings than groups of the same spelling there are.
        across_splits: Validation and test strings that are in training with another spelling.
        conflicts: Groups of the same spelling with different classes.
        example: Two of the strings; empty if there are none.
    """

    differ_in: str
    strings: int
    across_splits: int
    conflicts: int
    example: tuple[str, ...]


def find_near_duplicates(dataset: Dataset) -> list[NearDuplicates]:
    """Find near duplicates of each kind."""
    suspects = _find_suspects(dataset)
    return [_find(suspects, name, fold) for name, fold in SPELLINGS.items()]


def _fold(text: str) -> str:
    """Do what `_fold_all` does, of most texts in a third of the time."""
    text = text.casefold()
    return _fold_spaces(text) if text.isascii() else _fold_all(text)


def _find_suspects(dataset: Dataset) -> list[_Suspect]:
    """List the strings that are another's spelling if all differences are ignored.

    Ignoring less makes no more strings the same, and of most data few are left.
    """
    splits = dataset.splits.values()
    texts = StringColumn.join([StringColumn.of(examples.texts) for examples in splits])
    # Most strings are folded already: of ASCII, without capitals and white space.
    may_change = texts.count_bytes(lambda data: (data > 127) | (data < 33) | (data - 65 < 26)) > 0
    numbers = number_strings(texts.edit(may_change, lambda found: list(map(_fold, found))))
    # The strings are distinct, so that all but one of those that fold alike were changed.
    places = np.flatnonzero(np.bincount(numbers, minlength=1)[numbers] > 1).tolist()
    classes = np.concatenate([examples.classes for examples in splits])
    learnt = len(dataset.train)
    return [_Suspect(texts[place], int(classes[place]), place < learnt) for place in places]


def _find(suspects: list[_Suspect], name: str, fold: Callable[[str], str]) -> NearDuplicates:
    groups: dict[str, list[_Suspect]] = {}
    for suspect in suspects:
        groups.setdefault(fold(suspect.text), []).append(suspect)
    several = [group for group in groups.values() if len(group) > 1]
    return NearDuplicates(
        name,
        strings=sum(map(len, several)) - len(several),
        across_splits=sum(
            not each.is_learnt
            for group in several
            if any(other.is_learnt for other in group)
            for each in group
        ),
        conflicts=sum(len({each.class_index for each in group}) > 1 for group in several),
        example=tuple(each.text for each in several[0][:2]) if several else (),
    )
