"""Weights reach the loss: what they must do whatever the network learns."""

import numpy as np
import pytest

from nlptrain import StringClassifier


@pytest.fixture(params=["numpy", "torch"])
def classifier(request, config):
    return StringClassifier(config, engine=request.param, device="cpu")


def probabilities(classifier, texts, labels, weights=None):
    return classifier.fit(texts, labels, sample_weight=weights).predict_proba(texts)


def test_equal_weights_are_none(classifier, strings):
    without = probabilities(classifier, *strings)
    for weight in (1.0, 7.5):
        with_weights = probabilities(classifier, *strings, np.full(120, weight))
        np.testing.assert_allclose(with_weights, without, rtol=1e-4)


def test_string_of_weight_zero_is_as_if_it_were_not_there(classifier, strings):
    texts, labels = strings
    keep = np.arange(120) % 5 > 0
    weights = np.where(keep, 2.0, 0.0)
    classifier.fit(texts, labels, sample_weight=weights)
    found = classifier.predict_proba(texts)
    kept = [text for text, is_kept in zip(texts, keep, strict=True) if is_kept]
    alone = classifier.fit(kept, labels[keep], sample_weight=np.full(len(kept), 2.0))
    assert np.array_equal(alone.predict_proba(texts), found)


def test_weight_decides_between_labels_of_one_string(classifier):
    """Of p the string's label with weight w, the cross-entropy is least at p = w / (w + 1)."""
    texts, labels = ["a", "a", "b", "b"] * 30, ["yes", "no", "yes", "no"] * 30
    weights = np.where(np.array(labels) == "yes", np.where(np.array(texts) == "a", 3.0, 1 / 3), 1.0)
    many = classifier.set_params(
        validation=None, training__epochs=60, training__batch_size=120, model__dropout=0.0
    )
    found = many.fit(texts, labels, sample_weight=weights).predict_proba(["a", "b"])
    np.testing.assert_allclose(found[:, 1], [0.75, 0.25], atol=0.02)


def test_both_engines_learn_the_same_from_weights(config, strings):
    weights = np.random.default_rng(1).uniform(0.1, 3, 120)
    settings = {"training__dtype": "float64", "device": "cpu"}
    by_hand, in_torch = (
        probabilities(StringClassifier(config, engine=name, **settings), *strings, weights)
        for name in ("numpy", "torch")
    )
    np.testing.assert_allclose(by_hand, in_torch, rtol=1e-7)
    without = probabilities(StringClassifier(config, engine="numpy", **settings), *strings)
    assert np.abs(by_hand - without).max() > 1e-3


def test_weights_that_are_none_are_refused(classifier, strings):
    for weights, says in ((-np.ones(120), "egative"), (np.full(120, np.nan), "NaN")):
        with pytest.raises(ValueError, match=says):
            classifier.fit(*strings, sample_weight=weights)
    with pytest.raises(ValueError, match="120"):
        classifier.fit(*strings, sample_weight=np.ones(3))
