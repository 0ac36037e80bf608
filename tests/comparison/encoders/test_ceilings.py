"""The rule says of no network that it cannot tell a pair apart which a real one can."""

from collections import defaultdict
from functools import cache

import numpy as np
import pytest

from nlptrain.comparison.encoders.ceilings import (
    count_unmatched,
    has_exact_ceiling,
    letters_in_view,
    matched_grams,
)
from nlptrain.config.comparison import EncoderEntry
from nlptrain.config.data import DataSection
from nlptrain.config.model import ModelSection
from nlptrain.config.text import TextSection
from nlptrain.datasets.build import build_dataset
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.text.vocabulary import Vocabulary
from nlptrain.training.encoded_split import compute_logits
from nlptrain.training.preparation import build_architecture

TASKS = {
    "bag": {"type": "same_ends", "lengths": (6, 9), "negatives": "bag"},
    "2-grams": {"type": "substring", "lengths": (9, 12), "negatives": "kgram"},
    "3-grams": {
        "type": "first_before",
        "alphabet": "abc",
        "lengths": (14, 15),
        "negatives": "kgram",
        "kgram_size": 3,
    },
    "near": {"type": "same_ends", "lengths": (6, 9), "negatives": "near"},
}
POOLING = {"type": "pooling"}
ENCODERS = {
    "mean pooling": {"encoder": POOLING, "readout": "mean"},
    "max pooling": {"encoder": POOLING, "readout": "max", "normalization": "layer"},
    "last letter": {"encoder": POOLING, "readout": "last"},
    "CNN 1": {"encoder": {"type": "cnn", "kernel_sizes": (1,)}, "readout": "mean"},
    "CNN 2": {"encoder": {"type": "cnn", "kernel_sizes": (2,)}, "readout": "mean"},
    "CNN 3": {
        "encoder": {"type": "cnn", "kernel_sizes": (3,)},
        "readout": "mean",
        "normalization": "instance",
        "activation": "tanh",
    },
    "CNN 2 and 3": {
        "encoder": {"type": "cnn", "kernel_sizes": (2, 3)},
        "readout": "mean",
        "normalization": "layer",
        "activation": "tanh",
    },
    "CNN 3 valid": {
        "encoder": {"type": "cnn", "kernel_sizes": (3,), "padding": "valid"},
        "readout": "max",
        "normalization": "batch",
    },
    "CNN 2 dilated": {
        "encoder": {"type": "cnn", "kernel_sizes": (2,), "dilation": 2},
        "readout": "mean",
        "activation": "tanh",
    },
    "CNN 3 dilated": {
        "encoder": {"type": "cnn", "kernel_sizes": (3,), "dilation": 2},
        "readout": "mean",
        "activation": "tanh",
    },
    "CNN 3 strided": {
        "encoder": {"type": "cnn", "kernel_sizes": (3,), "stride": 2},
        "readout": "mean",
        "activation": "tanh",
    },
    "RNN": {"encoder": {"type": "rnn", "hidden_size": 8}, "readout": "mean"},
}
CAPPED = {
    "bag": {"mean pooling", "max pooling", "CNN 1"},
    "2-grams": {"mean pooling", "max pooling", "CNN 1", "CNN 2"},
    "3-grams": set(ENCODERS) - {"last letter", "CNN 3 dilated", "CNN 3 strided", "RNN"},
    "near": set(),
}


def section(task):
    sizes = {"train": 60, "validation": 20, "test": 40}
    return DataSection(task=TASKS[task], sizes=sizes)


@cache
def draw(task):
    return build_dataset(section(task), TextSection(), seed=0)


def entry(name):
    return EncoderEntry(name=name, **ENCODERS[name])


def logits_of(name, texts):
    """Compute the logits of a network with random weights in float64: (N,)."""
    own = entry(name)
    parts = {
        key: getattr(own, key) for key in ("encoder", "normalization", "activation", "readout")
    }
    architecture = build_architecture(
        ModelSection(**parts), vocabulary_size=6, num_classes=2, output="sigmoid"
    )
    arrays = initial_parameters(architecture, seed=0, dtype="float64")
    for place, (key, array) in enumerate(arrays.items()):
        random = np.random.default_rng(place).standard_normal(array.shape) / 2
        arrays[key] = np.abs(random) if key.endswith("var") else random
    encoded = Vocabulary.from_characters("abcd").encode(texts)
    return compute_logits(Classifier(architecture, arrays).logits, encoded)[:, 0]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ENCODERS)
def test_rule_names_the_encoders_that_must_score_half(task, name):
    assert has_exact_ceiling(entry(name), section(task), TextSection()) == (name in CAPPED[task])


@pytest.mark.parametrize(("task", "name"), [(t, n) for t in CAPPED for n in sorted(CAPPED[t])])
def test_capped_network_gives_the_strings_of_a_pair_the_same_logit(task, name):
    test, grams = draw(task).test, matched_grams(section(task))
    logits, pairs = logits_of(name, test.texts), defaultdict(lambda: ([], []))
    for text, class_index, logit in zip(test.texts, test.classes, logits, strict=True):
        ends = text[: grams - 1], text[len(text) - grams + 1 :]
        pieces = sorted(text[place : place + grams] for place in range(len(text) - grams + 1))
        pairs[(*ends, *pieces)][class_index].append(logit)
    for negatives, positives in pairs.values():
        assert len(negatives) == len(positives)
        np.testing.assert_allclose(negatives, positives[:1] * len(negatives), rtol=1e-9)


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("bag", "last letter"),
        ("bag", "CNN 2"),
        ("bag", "RNN"),
        ("2-grams", "CNN 3"),
        ("3-grams", "CNN 3 dilated"),
        ("3-grams", "CNN 3 strided"),
        ("3-grams", "RNN"),
        ("near", "mean pooling"),
    ],
)
def test_uncapped_network_tells_more_strings_apart(task, name):
    # With every pair alike, the logits of one class would be those of the other.
    test = draw(task).test
    logits = logits_of(name, test.texts)
    negatives, positives = (np.sort(logits[test.classes == index]) for index in (0, 1))
    assert np.abs(negatives - positives).max() > 1e-6


def test_view_is_the_widest_kernel_with_its_gaps():
    assert letters_in_view(entry("CNN 2 and 3")) == 3
    assert letters_in_view(entry("CNN 3 dilated")) == 5
    assert letters_in_view(entry("CNN 3 strided")) is None


def test_cut_strings_have_no_ceiling():
    own, data = entry("mean pooling"), section("bag")
    assert not has_exact_ceiling(own, data, TextSection(max_length=8))
    assert has_exact_ceiling(own, data, TextSection(max_length=9))
    longer = data.model_copy(update={"evaluate_lengths": ((20, 30),)})
    assert not has_exact_ceiling(own, longer, TextSection(max_length=29))


def test_strings_of_letters_that_the_vocabulary_lacks_have_no_ceiling():
    own, data = entry("mean pooling"), section("bag")
    letters = data.source.letters
    assert has_exact_ceiling(own, data, TextSection(vocabulary=letters))
    assert not has_exact_ceiling(own, data, TextSection(vocabulary=letters[1:]))


def test_file_has_no_ceiling():
    data = DataSection(file={"path": "x.csv"})
    assert matched_grams(data) is None
    assert not has_exact_ceiling(entry("mean pooling"), data, TextSection())


@pytest.mark.parametrize("task", ["bag", "2-grams", "3-grams"])
def test_every_string_of_a_matched_task_has_its_match(task):
    grams = matched_grams(section(task))
    for split in draw(task).splits.values():
        assert count_unmatched(split.texts, split.classes, grams) == 0


def test_strings_without_a_match_are_counted():
    texts, classes = ["abc", "cab", "bca", "aab"], np.array([1, 0, 1, 0])
    assert count_unmatched(texts, classes, 1) == 2
    # The same bigrams ab and ba, but other ends; then the same ends too.
    assert count_unmatched(["abab", "baba"], np.array([1, 0]), 2) == 2
    assert count_unmatched(["abacab", "acabab"], np.array([1, 0]), 2) == 0
