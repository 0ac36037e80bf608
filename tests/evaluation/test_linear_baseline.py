import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from nlptrain.datasets.examples import Examples
from nlptrain.evaluation import linear_baseline
from nlptrain.evaluation.linear_baseline import predict_by_linear_model
from nlptrain.evaluation.support_vectors import Fitting, fit_and_score, fit_machines
from nlptrain.evaluation.tfidf import count_ngrams, weigh_ngrams


def draw_strings(strings, num_classes=4, seed=0):
    generator = np.random.default_rng(seed)
    classes = generator.integers(num_classes, size=strings)
    texts = []
    for class_index in classes:
        weights = np.ones(8)
        weights[class_index] += 2
        length = int(generator.integers(0, 9))
        letters = list("abcdefé😀")
        texts.append("".join(generator.choice(letters, length, p=weights / weights.sum())))
    return texts, classes


def marked(texts):
    return [f"\x02{text}\x03" for text in texts]


@pytest.mark.parametrize("min_count", [1, 2])
def test_vectors_are_scikit_learns(min_count):
    train, others = draw_strings(60)[0], draw_strings(30, seed=1)[0]
    counts = count_ngrams([*train, *others], 5)
    ours = weigh_ngrams(counts[:60], counts[60:], min_count)
    reference = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 5), sublinear_tf=True, min_df=min_count, lowercase=False
    )
    theirs = [reference.fit_transform(marked(train)), reference.transform(marked(others))]
    assert ours[0].shape == theirs[0].shape
    # Columns stand in another order, which inner products do not see.
    for a, b in ((0, 0), (1, 0)):
        np.testing.assert_allclose(
            (ours[a] @ ours[b].T).toarray(), (theirs[a] @ theirs[b].T).toarray(), atol=1e-5
        )


@pytest.mark.parametrize("cost", [0.3, 4.0])
def test_machines_are_scikit_learns(cost):
    texts, classes = draw_strings(200)
    counts = count_ngrams(texts, 3)
    matrix, _ = weigh_ngrams(counts, counts, 1)
    signs = np.where(classes[:, None] == np.arange(4), 1, -1).astype(np.float32)
    weight, bias = fit_machines(matrix, signs, Fitting(cost, tolerance=1e-5, most_steps=2000))
    reference = LinearSVC(C=cost, tol=1e-8, max_iter=100_000).fit(matrix, classes)
    np.testing.assert_allclose(weight.T, reference.coef_, atol=2e-3)
    np.testing.assert_allclose(bias, reference.intercept_, atol=2e-3)


def test_classes_in_turns_are_those_at_once(monkeypatch):
    texts, classes = draw_strings(200)
    counts = count_ngrams(texts, 3)
    matrix, _ = weigh_ngrams(counts, counts, 1)
    fitting = Fitting(tolerance=1e-5, most_steps=2000)
    at_once = fit_and_score(matrix, classes, matrix, 4, fitting)
    monkeypatch.setattr("nlptrain.evaluation.support_vectors._MOST_WEIGHTS", 1)
    in_turns = fit_and_score(matrix, classes, matrix, 4, fitting)
    np.testing.assert_allclose(at_once, in_turns, atol=2e-3)


def test_of_many_strings_some_are_drawn(monkeypatch):
    texts, classes = draw_strings(300)
    train = Examples(texts, classes)
    monkeypatch.setattr(linear_baseline, "MOST_STRINGS", 50)
    found = predict_by_linear_model(train, train, train, 4, seed=0)
    assert found.trained_on == 50
    assert len(found.predictions) == 300


def test_after_choosing_it_learns_from_validation_too():
    texts = [f"{number}{letter}{number}" for letter in "ab" for number in range(50)]
    classes = np.repeat([0, 1], 50)
    known = Examples(texts, classes)
    # Only the validation strings show what c and d are.
    shifted = [text.translate(str.maketrans("ab", "dc")) for text in texts]
    validation = Examples(shifted[::2], classes[::2])
    test = Examples(shifted[1::2], classes[1::2])
    alone = predict_by_linear_model(known, validation, test, 2, seed=0)
    both = predict_by_linear_model(known, validation, test, 2, seed=0, refit=True)
    assert (both.predictions == test.classes).all()
    assert (alone.predictions != test.classes).any()
    assert both.trained_on == len(known) + len(validation)
    assert (alone.setting, alone.validation_accuracy) == (both.setting, both.validation_accuracy)
