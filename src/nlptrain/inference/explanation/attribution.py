"""Which characters a prediction depends on, measured in three ways.

All three have the same sign: above zero the character supports the predicted class, below zero it
opposes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlptrain.inference.explanation.ngrams import NGramShare, gradients_of, sum_by_character
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.arrays import Floats, Ids
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.members import join_logits
from nlptrain.text.encoding import EncodedTexts

TOKENS_AT_ONCE = 1 << 20
"""Token ids of changed strings in memory at a time: T changed strings have T² of them."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """The contribution of each character to the predicted class's logit.

    Attributes:
        as_unknown: How far the logit falls when the character is read as [unk] (T,).
        removed: How far it falls when the string is read without it (T,).
        gradient_times_input: ∂logit/∂e_t · e_t, with e_t the character's embedding, and its part
            of the n-grams that it is in (T,).
    """

    as_unknown: Floats
    removed: Floats
    gradient_times_input: Floats


def attribute(
    model: Model, ids: Ids, class_index: int, ngrams: Sequence[NGramShare]
) -> Attribution:
    """Measure the contribution of each character of one string to a class's logit.

    The first two measures read 2 T changed strings, so their time grows with the square of T.

    Args:
        model: The network.
        ids: The string's token ids (T,), of which those of marks are left out of the result.
        class_index: The class; with one logit z, class 1 has the logit z and class 0 has −z.
        ngrams: What each n-gram contributes to that logit.
    """
    unknown, inside = model.file.text.vocabulary.unk_id, model.file.text.inside
    logit = class_logits(model.logits(_stack(ids[None])), class_index)
    replaced = _logits_of(model, _with_unknown(ids, unknown), class_index)
    shortened = _logits_of(model, _with_gap(ids), class_index)
    return Attribution(
        as_unknown=(logit - replaced)[inside],
        removed=(logit - shortened)[inside],
        gradient_times_input=gradient_times_input(model, ids, class_index, ngrams)[inside],
    )


def class_logits(logits: Floats, class_index: int) -> Floats:
    """Select the logit of one class: (N, 1 or C) → (N,)."""
    if logits.shape[1] > 1:
        return logits[:, class_index]
    return logits[:, 0] if class_index == 1 else -logits[:, 0]


def gradient_times_input(
    model: Model, ids: Ids, class_index: int, ngrams: Sequence[NGramShare]
) -> Floats:
    """Compute ∂logit/∂e_t · e_t at every position, with the backward pass by hand: (T,) → (T,).

    What an n-gram contributes in this way is divided evenly among its characters. The logit of
    several members is the mean of theirs, and so is this.
    """
    architecture = model.file.architecture
    shares = sum_by_character(ngrams, len(ids))
    if not architecture.has_embedding:
        return shares
    each = [_of_embedding(network, ids, class_index) for network in model.network.networks]
    products = join_logits(np.stack(each))
    return products + shares if architecture.tables else products


def _of_embedding(network: Classifier, ids: Ids, class_index: int) -> Floats:
    """Compute it for the embedding of one network.

    Each position has its own row in a table built for this string, so that the table's gradient is
    the gradient of the positions, without any support from the layers.
    """
    weight = network.arrays["embedding.weight"]
    embedded = weight[ids]
    # Row 0 is for padding, which never gets a gradient.
    table = np.concatenate([np.zeros_like(embedded[:1], shape=(1, embedded.shape[1])), embedded])
    network = replace(network, arrays={**network.arrays, "embedding.weight": table})
    rows = np.arange(1, len(ids) + 1) if len(ids) else np.zeros(1, np.int64)
    grads = gradients_of(network, ids, class_index, rows)
    products: Floats = (grads["embedding.weight"][1:] * embedded).sum(axis=-1)
    return products


def _logits_of(model: Model, blocks: Iterator[Ids], class_index: int) -> Floats:
    parts = [class_logits(model.logits(_stack(block)), class_index) for block in blocks]
    dtype = model.file.arrays[model.file.architecture.last_weight].dtype
    return np.concatenate(parts) if parts else np.zeros(0, dtype)


def _with_unknown(ids: Ids, unknown: int) -> Iterator[Ids]:
    """Build the strings with each character in turn replaced by [unk], in blocks: (n, T)."""
    for places in _blocks(len(ids)):
        strings = np.tile(ids, (len(places), 1))
        strings[np.arange(len(places)), places] = unknown
        yield strings


def _with_gap(ids: Ids) -> Iterator[Ids]:
    """Build the strings with each character in turn removed, in blocks: (n, T − 1)."""
    for places in _blocks(len(ids)):
        kept = np.arange(len(ids) - 1)
        yield ids[kept + (kept >= places[:, None])]


def _blocks(count: int) -> Iterator[Ids]:
    size = max(TOKENS_AT_ONCE // max(count, 1), 1)
    for begin in range(0, count, size):
        yield np.arange(begin, min(begin + size, count))


def _stack(strings: Ids) -> EncodedTexts:
    count, length = strings.shape
    lengths = np.full(count, length, np.int64)
    flat = strings.astype(np.int32).reshape(-1)
    return EncodedTexts(flat, lengths.cumsum() - lengths, lengths, cut=0, unknown=0)
