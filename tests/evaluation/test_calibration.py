import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from nlptrain.evaluation.calibration import (
    fit_head_weights,
    fit_temperature,
    measure_reliability,
)
from nlptrain.evaluation.decision import compute_probabilities

GENERATOR = np.random.default_rng(7)


def overconfident(num_logits, factor, strings=4000):
    """Draw logits, and classes as likely as these logits / factor say."""
    logits = GENERATOR.normal(0, 2, (strings, num_logits))
    probabilities = compute_probabilities(logits)
    draws = GENERATOR.random((strings, 1))
    classes = (probabilities.cumsum(axis=1) < draws).sum(axis=1)
    return factor * logits, classes


@pytest.mark.parametrize("num_logits", [1, 5])
@pytest.mark.parametrize("factor", [0.3, 1.0, 4.0])
def test_temperature_undoes_the_overconfidence_and_is_scipys_optimum(num_logits, factor):
    logits, classes = overconfident(num_logits, factor)
    temperature = fit_temperature(logits, classes)
    assert temperature == pytest.approx(factor, rel=0.1)

    def loss(log_temperature):
        return log_loss(classes, compute_probabilities(logits / np.exp(log_temperature)))

    best = minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    assert temperature == pytest.approx(np.exp(best.x), rel=1e-4)


def test_without_a_mistake_the_temperature_stays_one():
    assert fit_temperature(np.array([[3.0], [-2.0]]), np.array([1, 0])) == 1
    assert fit_temperature(np.array([[3.0, 1.0], [-2.0, 1.0]]), np.array([0, 1])) == 1


def test_logits_that_are_mostly_wrong_get_the_highest_temperature():
    assert fit_temperature(np.array([[3.0], [-2.0]], np.float32), np.array([0, 1])) == 100


def test_reliability_is_scikit_learns_calibration_curve():
    logits, classes = overconfident(1, 2.0)
    probabilities = compute_probabilities(logits)
    found = measure_reliability(logits, classes)
    observed, stated = calibration_curve(classes, probabilities[:, 1], n_bins=15)
    np.testing.assert_allclose(found.observed, observed)
    np.testing.assert_allclose(found.stated, stated)
    assert found.examples.sum() == len(classes)


def test_error_of_several_classes_is_that_of_the_likeliest_one():
    probabilities = np.array([[0.82, 0.1, 0.08], [0.81, 0.1, 0.09], [0.3, 0.4, 0.3], [0, 0, 1]])
    found = measure_reliability(np.log(np.maximum(probabilities, 1e-300)), np.array([0, 1, 1, 2]))
    # Two at .815 of which one is right, one at .4 and one at 1 that are.
    assert found.error == pytest.approx((2 * 0.315 + 0.6 + 0) / 4)


def test_probabilities_that_come_true_have_no_error():
    logits = np.full((4, 1), np.log(0.25 / 0.75))
    found = measure_reliability(logits, np.array([1, 0, 0, 0]))
    assert found.error == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("columns", [1, 3])
def test_blocks_of_strings_change_nothing(monkeypatch, columns):
    logits = GENERATOR.normal(size=(100, columns))
    classes = GENERATOR.integers(0, max(columns, 2), 100)
    whole = measure_reliability(logits, classes), fit_temperature(logits, classes)
    monkeypatch.setattr("nlptrain.evaluation.decision._BLOCK", 7)
    found = measure_reliability(logits, classes), fit_temperature(logits, classes)
    np.testing.assert_array_equal(found[0].stated, whole[0].stated)
    np.testing.assert_array_equal(found[0].observed, whole[0].observed)
    assert found[1] == pytest.approx(whole[1], rel=1e-12)


def draw_parts(num_logits, strings=300):
    """Draw what three heads add to the logits: of the truth, of noise, and of its opposite."""
    generator = np.random.default_rng(num_logits)
    logits, classes = overconfident(num_logits, 1.0, strings)
    return [logits / 2, generator.normal(0, 1, logits.shape), -logits], classes


def assert_optimal(weights, parts, classes):
    """Compare with the optimum that SciPy finds."""

    def loss(trial):
        combined = sum(weight * part for weight, part in zip(trial, parts, strict=True))
        likely = compute_probabilities(combined)
        summed = log_loss(classes, likely, normalize=False, labels=range(likely.shape[1]))
        return summed + ((trial - 1) ** 2).sum() / 2

    bounds = [(0, None)] * len(parts)
    best = minimize(loss, np.ones(len(parts)), bounds=bounds, options={"ftol": 1e-13})
    assert loss(weights) <= best.fun + 1e-4


@pytest.mark.parametrize("num_logits", [1, 5])
def test_weights_of_heads_are_scipys_optimum(num_logits):
    parts, classes = draw_parts(num_logits)
    weights = fit_head_weights(parts, classes)
    assert_optimal(weights, parts, classes)
    assert weights[0] > 1
    assert weights[2] == 0


@pytest.mark.parametrize("seed", [*range(10), 28, 71])
def test_weights_of_heads_that_resemble_each_other_are_scipys_optimum(seed):
    """At the last two, the first step ends at w = 0 where it goes up."""
    generator = np.random.default_rng(seed)
    heads, num_logits = generator.integers(2, 6), generator.integers(2, 8)
    classes = generator.integers(0, num_logits, 60)
    shape = 60, num_logits
    shared = generator.normal(0, 1, shape) + np.eye(num_logits)[classes]
    parts = [
        scale * (shared + noise * generator.normal(0, 1, shape))
        for scale, noise in zip(
            generator.choice([0.3, 1, 3], heads), generator.random(heads), strict=True
        )
    ]
    assert_optimal(fit_head_weights(parts, classes), parts, classes)


def test_heads_that_make_no_mistake_keep_weights_near_one():
    right = np.array([[30.0, 0.0], [0.0, 30.0]] * 50)
    weights = fit_head_weights([right, right / 2], np.array([0, 1] * 50))
    np.testing.assert_allclose(weights, 1, atol=0.01)


def test_weights_of_many_strings_are_those_of_blocks_of_them(monkeypatch):
    parts, classes = draw_parts(5)
    whole = fit_head_weights(parts, classes)
    monkeypatch.setattr("nlptrain.evaluation.decision._BLOCK", 70)
    np.testing.assert_allclose(fit_head_weights(parts, classes), whole, atol=1e-9)


def test_weights_far_from_the_first_guess_are_found():
    logits, classes = overconfident(1, 50.0, 2000)
    [weight] = fit_head_weights([logits], classes)
    assert weight == pytest.approx(1 / 50, rel=0.2)
