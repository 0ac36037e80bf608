"""Which n-grams spoke for the predicted class, and which against it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nlptrain.inference.model import Model
from nlptrain.numpy_nn.arrays import Floats, Grads, Ids
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.ngram_ids import UNKNOWN
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.step import Step


@dataclass(frozen=True)
class NGramShare:
    """What one n-gram contributes to the predicted class's logit.

    Attributes:
        places: Its positions among the token ids; −1 and T are marks that only n-grams have.
        contribution: ∂logit/∂v · v, with v its vector.
    """

    places: range
    contribution: float


def contributions(model: Model, ids: Ids, class_index: int) -> tuple[NGramShare, ...]:
    """Compute the contribution of each n-gram that has a vector, the largest first.

    Where nothing but a linear layer follows, they and the bias add up to the logit.

    Args:
        model: The network.
        ids: The string's token ids (T,).
        class_index: The class.
    """
    networks = model.network.networks
    shares: list[NGramShare] = []
    for step in model.file.architecture.steps:
        if isinstance(step.layer, NGrams):
            each = [_share(network, step, step.layer, ids, class_index) for network in networks]
            # The members know the same n-grams.
            shares += map(_average, zip(*each, strict=True))
    return tuple(sorted(shares, key=lambda share: -share.contribution))


def _average(shares: Sequence[NGramShare]) -> NGramShare:
    """Average what an n-gram contributes over the members."""
    mean = sum(share.contribution for share in shares) / len(shares)
    return NGramShare(shares[0].places, mean)


def _share(
    network: Classifier, step: Step, layer: NGrams, ids: Ids, class_index: int
) -> Iterator[NGramShare]:
    gradient = gradients_of(network, ids, class_index)[f"{step.name}.weight"]
    vectors = network.arrays[f"{step.name}.weight"][gradient.rows]
    constants = {key: network.arrays[f"{step.name}.{key}"] for key in layer.constants()}
    found = layer.read(ids[:, None], np.array([len(ids)]), layer.bind(constants))
    known = np.flatnonzero(found.rows[0] != UNKNOWN)
    read = np.searchsorted(gradient.rows, found.rows[0][known])
    # An n-gram that occurs twice has the gradient of both.
    counts = np.bincount(read, minlength=len(vectors))
    products = (gradient.values * vectors).sum(axis=-1) / counts
    for place, product in zip(known.tolist(), products[read].tolist(), strict=True):
        start, size = found.places[place]
        begin = start - layer.boundaries
        yield NGramShare(range(begin, begin + size), product)


def sum_by_character(shares: Iterable[NGramShare], length: int) -> Floats:
    """Divide what each n-gram contributes evenly among its characters, without marks: (T,)."""
    sums = np.zeros(length)
    for share in shares:
        inside = [place for place in share.places if 0 <= place < length]
        for place in inside:
            sums[place] += share.contribution / len(inside)
    return sums


def gradients_of(network: Classifier, ids: Ids, class_index: int, rows: Ids | None = None) -> Grads:
    """Compute the gradients of one class's logit, by the backward pass by hand.

    Args:
        network: The network.
        ids: One string's token ids (T,).
        class_index: The class; with one logit z, class 1 has the logit z and class 0 has −z.
        rows: Of the embedding, in place of the ids (T,).
    """
    read = ids if len(ids) else np.zeros(1, ids.dtype)
    logits, to_grads = network.forward(
        read[None],
        np.array([len(ids)]),
        training=False,
        rows=None if rows is None else rows[None],
    )
    grad = np.zeros_like(logits)
    if grad.shape[1] > 1:
        grad[0, class_index] = 1
    else:
        grad[0, 0] = 1 if class_index == 1 else -1
    return to_grads(grad)
