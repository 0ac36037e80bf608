"""Which n-grams a network has vectors for: those of the training strings, or buckets."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.ngrams import NGramSettings, explain_refusal
from nlptrain.config.run import RunConfig
from nlptrain.datasets.batches import ordered_batches
from nlptrain.errors import ConfigError
from nlptrain.numpy_nn.ngram_ids import Keys, list_keys
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.text.encoding import EncodedTexts
from nlptrain.text.vocabulary import Vocabulary

STRINGS_AT_ONCE = 4096


def choose_all_ngrams(
    config: RunConfig, texts: EncodedTexts, vocabulary: Vocabulary
) -> tuple[dict[str, NGrams], dict[str, Keys]]:
    """Choose the n-grams of a config, if it has any.

    Args:
        config: The config.
        texts: The training strings.
        vocabulary: Of the token ids.

    Returns:
        The layers, by their path in the config, and the keys of known n-grams, by array.

    Raises:
        ConfigError: No n-gram occurs often enough, or the optimizer cannot train them. A
            comparison puts its optimizers into a config that was valid without them.
    """
    if config.model.tables and (reason := explain_refusal(config.optimizer)):
        raise ConfigError(f"optimizer.type: {reason}")
    layers, constants = {}, {}
    for place, settings in config.model.tables.items():
        layers[place], keys = choose_ngrams(settings, texts, vocabulary, place)
        if keys is not None:
            constants[f"{_step_of(place)}.keys"] = keys
    return layers, constants


def choose_ngrams(
    settings: NGramSettings, texts: EncodedTexts, vocabulary: Vocabulary, place: str
) -> tuple[NGrams, Keys | None]:
    """Choose the n-grams that get a vector.

    Args:
        settings: How many, and which.
        texts: The training strings.
        vocabulary: Behind whose token ids come those of the marks; where it has marks of its own,
            the n-grams need no others.
        place: The settings' path in a config, for an error.

    Returns:
        The layer, and the keys of the known n-grams, ascending (K,); None if they are hashed.

    Raises:
        ConfigError: No n-gram occurs often enough.
    """
    layer = settings.ngram_settings()
    layer["boundaries"] &= not vocabulary.boundaries
    begin = len(vocabulary) if layer["boundaries"] else None
    known = np.sort(
        np.concatenate([_count(texts, size, begin, settings.min_count) for size in layer["sizes"]])
    )
    if not len(known):
        raise ConfigError(
            f"{place}.min_count: no n-gram occurs {settings.min_count:,} times in the training "
            f"strings; take a smaller one: --set {place}.min_count=1"
        )
    is_hashed = len(known) > settings.buckets
    count = settings.buckets if is_hashed else len(known)
    chosen = NGrams(**layer, count=count, hashed=is_hashed, vocabulary_size=len(vocabulary))
    return chosen, None if is_hashed else known


def describe_ngrams(layers: Mapping[str, NGrams]) -> list[str]:
    """Describe how many n-grams have a vector, in sentences for the user."""
    return [
        f"{place}: more n-grams are known from training than vectors, so {layer.count:,} are shared"
        if layer.hashed
        else f"{place}: {layer.count:,} n-grams are known from training, each with its own vector"
        for place, layer in layers.items()
    ]


def _count(texts: EncodedTexts, size: int, begin: int | None, min_count: int) -> Keys:
    """Find the n-grams of one size that occur often enough, one size at a time for memory."""
    keys = np.concatenate([np.zeros(0, np.uint64), *_list(texts, size, begin)])
    unique, counts = np.unique(keys, return_counts=True)
    enough: NDArray[np.uint64] = unique[counts >= min_count]
    return enough


def _list(texts: EncodedTexts, size: int, begin: int | None) -> Iterator[Keys]:
    for indices in ordered_batches(texts.lengths, STRINGS_AT_ONCE):
        ids, lengths = texts.batch(indices)
        for _, keys, is_whole in list_keys(ids.T, lengths, (size,), begin):
            yield keys[is_whole]


def _step_of(place: str) -> str:
    """Name the step of the n-grams at a config's path: model.encoders.1 → branches.1.encoder."""
    name = place.removeprefix("model.")
    number = name.removeprefix("encoders.")
    return name if number == name else f"branches.{number}.encoder"
