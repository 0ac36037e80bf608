"""The parts of a k-fold cross-validation, each with its share of every class."""

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.groups import share_groups

_FOLD_STREAM = 0xF01D
"""Keeps these draws apart from the others that come from the same seed."""


def draw_folds(
    classes: NDArray[np.int64], groups: NDArray[np.int64] | None, number: int, seed: int
) -> NDArray[np.int64]:
    """Draw the fold of each string; a function of the seed, so every run of a set agrees.

    Without groups, sizes and the classes' shares in them differ by one string at most.

    Args:
        classes: Class index of each string: (N,).
        groups: Number of its group, which stays in one fold: (N,); None without groups.
        number: Folds.
        seed: Decides the draw.

    Returns:
        The fold of each string, from 0: (N,).
    """
    if groups is not None:
        return share_groups(classes, groups, [1 / number] * number, seed)
    order = np.random.default_rng([seed, _FOLD_STREAM]).permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    folds = np.empty(len(classes), np.int64)
    # Class after class, dealt like cards: the next class goes on where the last one ended.
    folds[order] = np.arange(len(order)) % number
    return folds
