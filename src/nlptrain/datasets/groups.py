"""Strings that belong together, as one person's or one source's do, in one split together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.cleaning_report import CleaningReport, count

_GROUP_STREAM = 0x6B0B
"""Keeps these draws apart from the others that come from the same seed."""

Indices = NDArray[np.int64]


def join_groups(
    strings: Sequence[str], texts: Sequence[str], groups: Sequence[str], report: CleaningReport
) -> Indices:
    """Number the group of each distinct string; groups that share a string become one.

    Args:
        strings: The N distinct strings.
        texts: The string of each row.
        groups: The group of each row.
        report: Where groups are counted.
    """
    parents: dict[str, str] = {group: group for group in groups}
    first_group: dict[str, str] = {}
    for text, group in zip(texts, groups, strict=True):
        one, other = _root(parents, group), _root(parents, first_group.setdefault(text, group))
        parents[one] = other
    numbers: dict[str, int] = {}
    joined = [
        numbers.setdefault(_root(parents, first_group[text]), len(numbers)) for text in strings
    ]
    report.counts["groups"] = len(parents)
    merged = len(parents) - len(numbers)
    report.add(
        "groups_joined",
        merged,
        f"{count(len(parents), 'group')}, of which some share strings and stay together: "
        f"{count(len(numbers), 'group')} to draw from",
    )
    return np.array(joined, np.int64)


def share_groups(classes: Indices, groups: Indices, shares: Sequence[float], seed: int) -> Indices:
    """Share whole groups out, so that each part comes near its share of every class.

    The largest group first, each goes to the part that lacks most of what the group has, relative
    to what that part should get; the earlier part on a tie.

    Args:
        classes: Class index of each string: (N,).
        groups: Number of its group: (N,).
        shares: Share of the strings of each part.
        seed: Decides the order of groups of one size.

    Returns:
        The part of each string, from 0: (N,).
    """
    _, places = np.unique(groups, return_inverse=True)
    width = int(classes.max(initial=0)) + 1
    cells = np.bincount(places * width + classes, minlength=(places.max(initial=-1) + 1) * width)
    table = cells.reshape(-1, width)
    totals = np.maximum(table.sum(axis=0), 1)
    wanted = np.array(shares)[:, None] * totals
    lacking = wanted.copy()
    order = np.random.default_rng([seed, _GROUP_STREAM]).permutation(len(table))
    order = order[np.argsort(-table[order].sum(axis=1), kind="stable")]
    parts = np.empty(len(table), np.int64)
    for group in order:
        gain = (lacking / wanted) @ (table[group] / totals)
        parts[group] = gain.argmax()
        lacking[parts[group]] -= table[group]
    return parts[places]


def _root(parents: dict[str, str], group: str) -> str:
    """Find the group that stands for all that are joined, and shorten the way to it."""
    while parents[group] != group:
        parents[group] = parents[parents[group]]
        group = parents[group]
    return group
