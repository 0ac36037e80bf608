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
from nlptrain.config.text import TextSection
from nlptrain.numpy_nn.encoders import build_encoder
from nlptrain.numpy_nn.readouts import build_readout
from nlptrain.text.reading import Reading

CEILING = 0.5
"""The accuracy on matched pairs of whoever cannot tell the two strings apart."""


def matched_grams(data: DataSection) -> int | None:
    """Return for which k both strings of a pair share their k-grams, and ends of k − 1 letters.

    Returns:
        1 for the same letters; None where strings are not matched in that way.
    """
    task = data.source
    if isinstance(task, DataFile) or task.negatives not in ("bag", "kgram"):
        return None
    return 1 if task.negatives == "bag" else int(getattr(task, "kgram_size", 2))


def letters_in_view(entry: EncoderEntry) -> int | None:
    """Return how many consecutive letters each feature sees; None where places matter too.

    Every normalization and activation leaves that as it is.
    """
    encoder = build_encoder(entry.encoder.type, entry.encoder.layer_settings())
    return encoder.letters_in_view if build_readout(entry.readout).forgets_order else None


def has_exact_ceiling(entry: EncoderEntry, data: DataSection, text: TextSection) -> bool:
    """Return whether the encoder scores exactly 50 % on the task's strings by construction."""
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
    """Return all that an encoder sees which sees so many letters at a time."""
    end = grams - 1
    pieces = sorted(text[start : start + grams] for start in range(len(text) - end))
    return text[:end], text[len(text) - end :], *pieces
