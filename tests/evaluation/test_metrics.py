import json

import numpy as np
import pytest
from sklearn import metrics as reference

from nlptrain.evaluation.decision import compute_probabilities
from nlptrain.evaluation.metrics import compute_loss, score


def make_case(num_classes, seed, missing=()):
    """Draw logits and true classes; the missing classes neither occur nor are predicted."""
    generator = np.random.default_rng(seed)
    present = [index for index in range(num_classes) if index not in missing]
    logits = generator.normal(0, 2, (60, num_classes))
    logits[:, list(missing)] = -100
    return logits, generator.choice(present, 60)


CASES = [
    (2, ()),
    (5, ()),
    (5, (1, 4)),
    (3, (0, 1)),
]


@pytest.mark.parametrize(("num_classes", "missing"), CASES)
def test_scores_of_several_logits_equal_scikit_learn(num_classes, missing):
    logits, classes = make_case(num_classes, 1, missing)
    scores = score(logits, classes, "cross_entropy")
    expected = reference.precision_recall_fscore_support(
        classes, logits.argmax(axis=1), labels=range(num_classes), zero_division=0
    )
    for found, values in zip(
        (scores.precision, scores.recall, scores.f1, scores.support), expected, strict=True
    ):
        np.testing.assert_allclose(found, values)
    assert scores.macro_f1 == pytest.approx(expected[2].mean())
    assert scores.accuracy == pytest.approx((logits.argmax(axis=1) == classes).mean())


@pytest.mark.parametrize("threshold", [0.5, 0.1, 0.99999999])
def test_scores_of_one_logit_equal_scikit_learn(threshold):
    generator = np.random.default_rng(2)
    logits, classes = generator.normal(0, 2, (60, 1)), generator.integers(0, 2, 60)
    scores = score(logits, classes, "bce", threshold)
    predicted = (1 / (1 + np.exp(-logits[:, 0])) >= threshold).astype(int)
    assert scores.macro_f1 == pytest.approx(
        reference.f1_score(classes, predicted, average="macro", labels=[0, 1], zero_division=0)
    )
    np.testing.assert_array_equal(
        scores.confusion.dense(), reference.confusion_matrix(classes, predicted, labels=[0, 1])
    )


def test_losses_of_one_logit_equal_scikit_learn():
    generator = np.random.default_rng(4)
    logits, classes = generator.normal(0, 3, (60, 1)), generator.integers(0, 2, 60)
    probabilities = compute_probabilities(logits)
    assert compute_loss(logits, classes, "bce") == pytest.approx(
        reference.log_loss(classes, probabilities)
    )
    assert compute_loss(logits, classes, "mse") == pytest.approx(
        reference.brier_score_loss(classes, probabilities[:, 1])
    )


def test_cross_entropy_equals_scikit_learn():
    logits, classes = make_case(4, 5)
    expected = reference.log_loss(classes, compute_probabilities(logits), labels=range(4))
    assert compute_loss(logits, classes, "cross_entropy") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("loss", "logits", "expected"),
    [
        ("bce", [[-800.0], [800.0]], 800),
        ("cross_entropy", [[800.0, 0.0], [0.0, 800.0]], 800),
        ("mse", [[-800.0], [800.0]], 1),
    ],
)
def test_losses_of_confident_mistakes_are_exact(loss, logits, expected):
    classes = np.array([1, 0])
    assert compute_loss(np.array(logits, np.float32), classes, loss) == pytest.approx(expected)


def test_losses_are_computed_in_double_precision():
    logits = np.random.default_rng(7).normal(0, 3, (60, 1)).astype(np.float32)
    classes = np.arange(60) % 2
    for loss in ("mse", "bce"):
        expected = compute_loss(logits.astype(np.float64), classes, loss)
        assert compute_loss(logits, classes, loss) == expected


def test_majority_rate_is_the_share_of_the_largest_class():
    scores = score(np.zeros((4, 3)), np.array([2, 1, 2, 2]), "cross_entropy")
    assert (scores.majority_rate, scores.examples) == (0.75, 4)


def test_scores_become_plain_json():
    logits, classes = make_case(3, 6)
    scores = score(logits, classes, "cross_entropy")
    found = json.loads(json.dumps(scores.to_json(["a", "b", "no"])))
    assert list(found) == [
        *("accuracy", "macro_f1", "loss", "majority_rate", "examples"),
        *("classes", "confusion"),
    ]
    assert found["classes"][2] == {
        "label": "no",
        "precision": scores.precision[2],
        "recall": scores.recall[2],
        "f1": scores.f1[2],
        "support": scores.support[2],
    }
    assert sum(pair["strings"] for pair in found["confusion"]) == found["examples"] == 60


@pytest.mark.parametrize(("columns", "loss"), [(1, "bce"), (1, "mse"), (4, "cross_entropy")])
def test_blocks_of_strings_change_nothing(monkeypatch, columns, loss):
    logits, classes = make_case(max(columns, 2), 8)
    logits = logits[:, :columns]
    whole = score(logits, classes, loss)
    monkeypatch.setattr("nlptrain.evaluation.decision._BLOCK", 7)
    found = score(logits, classes, loss)
    assert (found.loss, found.accuracy) == (whole.loss, whole.accuracy)
