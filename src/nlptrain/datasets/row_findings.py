"""What is odd about the rows of a user's file, before any rule has mended it."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, permutations

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.cleaning_report import count, list_first
from nlptrain.datasets.distinct_strings import choose_labels, number_strings
from nlptrain.datasets.label_rules import describe_alike_labels
from nlptrain.datasets.raw_rows import RawRows, pair_up
from nlptrain.text.normalization import strip_column
from nlptrain.text.string_column import StringColumn

FEW_STRINGS = 10
"""Distinct strings below which a class is called small."""
REPEATED = 0.25
"""Share of distinct strings below which a class is called repetitive."""
SHARED = 0.5
"""Share of a class's strings that carry another label too, from which the two are named."""
UNBALANCED = 1.5
"""Times its even share from which a class is called a majority."""
LONG = 3.0
"""Times the 99th percentile from which the longest string is called an outlier."""
_SHOWN = 3

_INVISIBLE = {"Cc": "control", "Cf": "invisible", "Co": "private-use", "Cs": "half-surrogate"}


@dataclass(frozen=True)
class Finding:
    """Something odd about the data.

    Attributes:
        kind: What sort of thing, for programs: duplicates, conflicts, …
        number: How many rows, strings or classes.
        sentence: What was found, for the user.
    """

    kind: str
    number: int
    sentence: str


def find_oddities(rows: RawRows) -> list[Finding]:
    """Look at the rows from all sides; an empty list is good news."""
    checks: list[Callable[[RawRows], Iterator[Finding]]] = [
        _find_majority,
        _find_alike_labels,
        _find_duplicates,
        _find_conflicts,
        _find_contained_classes,
        _find_small_classes,
        _find_repetitive_classes,
        _find_spaces,
        _find_invisible_characters,
        _find_long_strings,
    ]
    return [finding for check in checks for finding in check(rows)]


def row_split_leak(multiplicities: NDArray[np.int64], share: float = 0.8) -> float:
    """Compute how many test rows a split by row would show in training too, on average.

    A row whose string stands m times meets none of its m − 1 copies in training with
    probability (1 − share)^(m − 1).

    Args:
        multiplicities: Rows of each distinct string: (N,).
        share: Training's share of the rows.
    """
    unseen = (multiplicities * (1 - share) ** (multiplicities - 1)).sum()
    return float(1 - unseen / multiplicities.sum())


def _find_majority(rows: RawRows) -> Iterator[Finding]:
    sizes = np.bincount(rows.classes)
    number = int(sizes.max())
    share = number / len(rows.labels)
    if len(sizes) > 1 and share * len(sizes) >= UNBALANCED:
        yield Finding(
            "majority",
            number,
            f"{share:.1%} of the rows are {rows.names[sizes.argmax()]!r}: always saying so is "
            "right that often",
        )


def _find_alike_labels(rows: RawRows) -> Iterator[Finding]:
    number, sentence = describe_alike_labels(rows.labels)
    if number:
        yield Finding("alike_labels", number, sentence)


def _find_duplicates(rows: RawRows) -> Iterator[Finding]:
    kept = np.bincount(rows.strings)
    if len(kept) == len(rows.texts):
        return
    raw = len(kept) if rows.texts == rows.readings else number_strings(rows.texts).max() + 1
    how = "" if raw == len(kept) else f" ({raw:,} as they stand in the file)"
    leak = row_split_leak(kept)
    yield Finding(
        "duplicates",
        len(rows.texts) - len(kept),
        f"{count(len(rows.texts), 'row')}, {count(len(kept), 'distinct string')}{how}: a split by "
        f"row would show {leak:.0%} of the test rows in training; this tool splits by string",
    )


def _find_conflicts(rows: RawRows) -> Iterator[Finding]:
    pairs = rows.pairs
    number = int((pairs.labels_by_string > 1).sum())
    if not number:
        return
    how = ""
    if rows.texts != rows.readings:
        raw = int((pair_up(number_strings(rows.texts), rows.classes).labels_by_string > 1).sum())
        how = "" if raw == number else f" ({raw:,} as they stand in the file)"
    starts = np.flatnonzero(np.diff(pairs.strings, prepend=-1))
    best = np.maximum.reduceat(pairs.counts, starts).sum() / len(rows.texts)
    shown = [
        f"{rows.readings[pairs.first_rows[found[0]]]!r}: "
        + ", ".join(repr(rows.names[place]) for place in pairs.classes[found])
        for found in islice(pairs.of_several_labels(), _SHOWN)
    ]
    yield Finding(
        "conflicts",
        number,
        f"{count(number, 'string')} with several labels{how}, like {'; '.join(shown)}: no "
        f"model can be right on more than {best:.1%} of the rows",
    )


def _find_contained_classes(rows: RawRows) -> Iterator[Finding]:
    """Name the classes most of whose strings carry some other label too."""
    pairs = rows.pairs
    sizes = np.bincount(pairs.classes).tolist()
    shared = Counter(
        pair
        for found in pairs.of_several_labels()
        for pair in permutations(pairs.classes[found].tolist(), 2)
    )
    for (one, other), number in shared.most_common():
        if number >= SHARED * sizes[one]:
            yield Finding(
                "contained_class",
                number,
                f"{number:,} of the {count(sizes[one], 'distinct string')} of {rows.names[one]!r} "
                f"are also {rows.names[other]!r}",
            )


def _find_small_classes(rows: RawRows) -> Iterator[Finding]:
    """Name the classes that are left with few strings, once each string has one label."""
    classes, *_ = choose_labels(rows.strings, rows.classes)
    sizes = np.bincount(classes, minlength=len(rows.names)).tolist()
    small = [
        f"{name!r} ({size})"
        for name, size in sorted(zip(rows.names, sizes, strict=True))
        if size < FEW_STRINGS
    ]
    if small:
        yield Finding(
            "small_classes",
            len(small),
            f"{count(len(small), 'class')} with fewer than {FEW_STRINGS} distinct strings, each "
            f"string under its most frequent label: {', '.join(list_first(small, len(small)))}",
        )


def _find_repetitive_classes(rows: RawRows) -> Iterator[Finding]:
    rows_of = np.bincount(rows.classes).tolist()
    strings_of = np.bincount(rows.pairs.classes).tolist()
    for label, size, distinct in zip(rows.names, rows_of, strings_of, strict=True):
        if distinct < REPEATED * size:
            yield Finding(
                "repetitive_class",
                size - distinct,
                f"{label!r} has {count(distinct, 'distinct string')} in {size:,} rows",
            )


def _find_spaces(rows: RawRows) -> Iterator[Finding]:
    texts = StringColumn.of(rows.texts)
    number = int(np.count_nonzero(strip_column(texts).sizes != texts.sizes))
    if number:
        yield Finding(
            "outer_spaces",
            number,
            f"{count(number, 'row')} with white space at an end, which strip: true drops",
        )


def _find_invisible_characters(rows: RawRows) -> Iterator[Finding]:
    number, found = 0, Counter[str]()
    texts = StringColumn.of(rows.texts)
    may_be_odd = texts.count_bytes(lambda data: (data < ord(" ")) | (data > ord("~"))) > 0
    for text in texts.keep(may_be_odd):
        # Nearly every string is printable, and that is known at once.
        if not text.isprintable() and (odd := [one for one in text if is_invisible(one)]):
            number += 1
            found.update(odd)
    if number:
        listed = list_first(
            [f"{name_character(one)} ({n})" for one, n in found.items()], len(found)
        )
        yield Finding(
            "invisible_characters",
            number,
            f"{count(number, 'row')} with characters that cannot be seen: {', '.join(listed)}",
        )


def is_invisible(character: str) -> bool:
    """Return whether a character is a control, format, private-use or surrogate one."""
    return unicodedata.category(character) in _INVISIBLE and character not in "\t\n\r"


def name_character(character: str) -> str:
    """Name an invisible character by its code point: U+0085 control."""
    return f"U+{ord(character):04X} {_INVISIBLE[unicodedata.category(character)]}"


def _find_long_strings(rows: RawRows) -> Iterator[Finding]:
    lengths = StringColumn.of(rows.readings).lengths
    usual, longest = float(np.percentile(lengths, 99)), int(lengths.max())
    if longest >= LONG * max(usual, 1):
        yield Finding(
            "long_strings",
            int((lengths > usual).sum()),
            f"the longest string has {longest:,} characters, 99 % have {usual:,.0f} at most: "
            "text.max_length could cut it",
        )
