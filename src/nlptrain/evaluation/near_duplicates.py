"""Strings that differ only in spelling: case, spaces, Unicode form."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nlptrain.datasets.examples import Dataset


def _fold_spaces(text: str) -> str:
    return " ".join(text.split())


def _fold_form(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _fold_all(text: str) -> str:
    return _fold_spaces(_fold_form(_fold_form(text).casefold()))


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "case": str.casefold,
    "spaces": _fold_spaces,
    "Unicode form": _fold_form,
    "any of them": _fold_all,
}
"""What two spellings may differ in, and the function that maps both to one."""


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
    return [_find(dataset, name, fold) for name, fold in SPELLINGS.items()]


def _find(dataset: Dataset, name: str, fold: Callable[[str], str]) -> NearDuplicates:
    groups: dict[str, list[tuple[str, int]]] = {}
    for examples in dataset.splits.values():
        for text, class_index in zip(examples.texts, examples.classes.tolist(), strict=True):
            groups.setdefault(fold(text), []).append((text, class_index))
    learnt = {fold(text) for text in dataset.train.texts}
    others = [*dataset.validation.texts, *dataset.test.texts]
    several = [group for group in groups.values() if len(group) > 1]
    return NearDuplicates(
        name,
        strings=sum(map(len, several)) - len(several),
        across_splits=sum(fold(text) in learnt for text in others),
        conflicts=sum(len({class_index for _, class_index in group}) > 1 for group in several),
        example=tuple(text for text, _ in several[0][:2]) if several else (),
    )
