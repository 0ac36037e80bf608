"""Which n-grams get a vector, and what configs are refused."""

from collections import Counter
from typing import get_args

import pytest

from nlptrain.config.load import load_config
from nlptrain.config.ngrams import NGramSettings, TableOptimizer
from nlptrain.errors import ConfigError
from nlptrain.text.vocabulary import Vocabulary
from nlptrain.training.ngrams import choose_ngrams, describe_ngrams

TEXTS = ["abab", "ab", "", "ba", "abc"]
TWO = "model={encoders: [{type: cnn}, {type: ngrams}]}"


def choose(*, marked=False, **settings):
    vocabulary = Vocabulary("abc", boundaries=marked)
    texts = vocabulary.encode(TEXTS)
    return choose_ngrams(NGramSettings(**settings), texts, vocabulary, "model.ngrams")


@pytest.mark.parametrize("min_count", [1, 2, 3])
def test_known_are_those_that_occur_often_enough(min_count):
    marked = [f"<{text}>" for text in TEXTS]
    grams = [
        text[i : i + n] for text in marked for n in (1, 2, 3) for i in range(len(text) - n + 1)
    ]
    counts = Counter(gram for gram in grams if gram not in ("<", ">"))
    layer, keys = choose(sizes=(3, 1, 2, 2), min_count=min_count)
    assert layer.count == len(keys) == sum(each >= min_count for each in counts.values())
    assert (layer.sizes, layer.hashed) == ((1, 2, 3), False)
    assert (keys[1:] > keys[:-1]).all()


def test_too_many_are_hashed():
    layer, keys = choose(buckets=4, min_count=1)
    assert (layer.count, layer.hashed, keys) == (4, True, None)


def test_user_is_told_which():
    known, _ = choose(sizes=(2,), boundaries=False, min_count=1)
    hashed, _ = choose(buckets=4, min_count=1)
    (own,), (shared,) = (describe_ngrams({"model.ngrams": each}) for each in (known, hashed))
    # ab, ba and bc.
    assert own.startswith("model.ngrams: 3 n-grams")
    assert "own vector" in own
    assert "4 are shared" in shared


def test_no_ngram_often_enough_is_refused():
    with pytest.raises(ConfigError, match=r"model\.ngrams\.min_count: no n-gram occurs 99 times"):
        choose(min_count=99)


@pytest.mark.parametrize("optimizer", get_args(TableOptimizer))
def test_another_optimizer_needs_a_learning_rate_of_its_own(optimizer):
    message = rf"model\.ngrams\.optimizer: '{optimizer}' needs a learning_rate"
    with pytest.raises(ConfigError, match=message):
        load_config("rnn", [f"model.ngrams={{optimizer: {optimizer}}}"])


def test_marks_are_put_once():
    # With the vocabulary's marks, each is a token, so one alone is an n-gram too.
    own, _ = choose(sizes=(1, 2, 3), min_count=1)
    marked, _ = choose(marked=True, sizes=(1, 2, 3), min_count=1)
    assert (own.boundaries, marked.boundaries) == (True, False)
    assert marked.count == own.count + len("<>")
    # The marks of n-grams have the two ids behind all others.
    assert (own.vocabulary_size, marked.vocabulary_size) == (5, 7)


@pytest.mark.parametrize(
    ("overrides", "place"),
    [
        (("model.ngrams={}", "optimizer.type=muon"), "optimizer.type"),
        (("model.encoder.type=ngrams", "optimizer.type=rprop_by_hand"), "optimizer.type"),
        (("model.encoder.type=ngrams", "model.ngrams={}"), "model.ngrams"),
        ((TWO, "model.ngrams={}"), "model.ngrams"),
        ((TWO.replace("cnn", "ngrams"),), "model.encoders.1"),
        (("model.encoder.type=ngrams", "model.embedding.frozen=true"), "model.embedding.frozen"),
        (("model.ngrams.sizes=[]",), "model.ngrams.sizes"),
    ],
)
def test_config_that_makes_no_sense_is_refused(overrides, place):
    with pytest.raises(ConfigError) as refused:
        load_config("rnn", overrides)
    assert place in str(refused.value).splitlines()[0]
