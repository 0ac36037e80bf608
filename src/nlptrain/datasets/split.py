"""Distinct strings → train, validation, test, each with its share of every class."""

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.batches import draw_order

TRAIN, VALIDATION, TEST = range(3)

_SPLIT_STREAM = 0x5B117
"""Keeps these draws apart from the others that come from the same seed."""

_Counts = NDArray[np.int64]


def split_by_class(
    classes: NDArray[np.int64], validation: float, test: float, seed: int
) -> NDArray[np.int8]:
    """Split strings at random, each class by the same fractions.

    The sizes of the splits are the fractions of all strings, rounded. A class of three strings or
    more has at least one in each split; a smaller one has at least one to learn from.

    Args:
        classes: Class index of each distinct string: (N,).
        validation: Share for validation, from 0.
        test: Share for the test, from 0.
        seed: Decides the draw.

    Returns:
        TRAIN, VALIDATION or TEST for each string: (N,).
    """
    sizes = np.bincount(classes)
    is_large = sizes >= 3
    for_test = _share_out(
        sizes, test, least=is_large * 1, most=np.maximum(sizes - 1 - is_large * (validation > 0), 0)
    )
    for_validation = _share_out(
        sizes, validation, least=is_large * 1, most=np.maximum(sizes - for_test - 1, 0)
    )
    generator = np.random.default_rng([seed, _SPLIT_STREAM])
    order = draw_order(len(classes), generator)
    # Numbers of 16 bits are sorted in linear time.
    narrow = classes.astype(np.min_scalar_type(len(sizes)))
    order = order[np.argsort(narrow[order], kind="stable")]
    splits = np.full(len(classes), TRAIN, np.int8)
    starts = np.cumsum(sizes) - sizes
    middles = starts + for_test
    ends = middles + for_validation
    for start, middle, end in zip(starts.tolist(), middles.tolist(), ends.tolist(), strict=True):
        splits[order[start:middle]] = TEST
        splits[order[middle:end]] = VALIDATION
    return splits


def _share_out(sizes: _Counts, fraction: float, least: _Counts, most: _Counts) -> _Counts:
    """Share the fraction of all strings out among the classes, as evenly as whole numbers allow.

    Args:
        sizes: Strings of each class: (C,).
        fraction: Share wanted.
        least: Smallest share of each class: (C,).
        most: Largest share of each class: (C,).

    Returns:
        Strings of each class: (C,).
    """
    if fraction == 0:
        return np.zeros_like(sizes)
    wanted = max(1, round(float(sizes.sum() * fraction)))
    total = int(np.clip(wanted, least.sum(), most.sum()))
    quota = sizes * fraction
    shares: _Counts = np.clip(np.floor(quota).astype(np.int64), least, most)
    while left := total - int(shares.sum()):
        step = 1 if left > 0 else -1
        movable = np.flatnonzero(shares < most if left > 0 else shares > least)
        neediest = np.argsort(-step * (quota - shares)[movable], kind="stable")
        shares[movable[neediest[: abs(left)]]] += step
    return shares
