"""What an encoder cannot learn by construction: both strings of a matched pair look alike to it.

An encoder whose features each see at most k consecutive letters, and whose readout forgets where
they stood, computes its vector from the string's k-grams and its first and last k − 1 letters
alone. Negatives that are matched in just these get the same logits as their positives, whatever
the weights: of each pair exactly one string is right, 50 %. Batch normalization with its running
statistics, layer and instance normalization change nothing of this, and dropout is off then.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.comparison import EncoderEntry
from nlptrain.config.data import DataFile, DataSection
from nlptrain.config.model import CnnEncoder, PoolingEncoder
from nlptrain.config.text import TextSection
from nlptrain.text.reading import Reading

CEILING = 0.5
"""The accuracy on matched pairs of whoever cannot tell the two strings apart."""


def matched_grams(data: DataSection) -> int | None:
    """Tell for which k the strings of a pair share their k-grams, and their ends of k − 1 letters.

    Returns:
        1 for the same letters; None where strings are not matched in that way.
    """
    task = data.source
    if isinstance(task, DataFile) or task.negatives not in ("bag", "kgram"):
        return None
    return 1 if task.negatives == "bag" else int(getattr(task, "kgram_size", 2))


def letters_in_view(entry: EncoderEntry) -> int | None:
    """Tell how many consecutive letters each feature sees; None where places matter too.

    Features of several kernel sizes stand side by side at each character, so the widest counts.
    A stride skips windows, and which ones depends on where they stand.
    """
    encoder = entry.encoder
    if entry.readout == "last":
        return None
    if isinstance(encoder, PoolingEncoder):
        return 1
    if isinstance(encoder, CnnEncoder) and encoder.stride == 1:
        return encoder.dilation * (max(encoder.kernel_sizes) - 1) + 1
    return None


def has_exact_ceiling(entry: EncoderEntry, data: DataSection, text: TextSection) -> bool:
    """Tell whether the encoder scores exactly 50 % on the task's strings by construction."""
    grams, view = matched_grams(data), letters_in_view(entry)
    if grams is None or view is None or isinstance(data.source, DataFile):
        return False
    longest = max(high for _, high in (data.source.lengths, *data.evaluate_lengths))
    return view <= grams and Reading.of(text).is_whole(data.source.letters, longest)


def count_unmatched(texts: Sequence[str], classes: NDArray[np.int64], grams: int) -> int:
    """Count the strings that lack a string of the other class with the same k-grams and ends.

    Args:
        texts: N strings.
        classes: 0 or 1 for each: (N,).
        grams: k.
    """
    surplus: Counter[tuple[object, ...]] = Counter()
    for text, class_index in zip(texts, classes.tolist(), strict=True):
        surplus[_view(text, grams)] += 1 if class_index else -1
    return sum(map(abs, surplus.values()))


def _view(text: str, grams: int) -> tuple[object, ...]:
    """Give all that an encoder sees which sees so many letters at a time."""
    end = grams - 1
    pieces = sorted(text[start : start + grams] for start in range(len(text) - end))
    return text[:end], text[len(text) - end :], *pieces
