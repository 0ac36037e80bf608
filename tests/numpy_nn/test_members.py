"""Several networks as one: the joint probability, by hand and from log-probabilities."""

import numpy as np
import pytest
from scipy.special import expit, log_expit, log_softmax, softmax

from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.members import Members, join_logits, stack_shapes
from nlptrain.numpy_nn.recurrent import Recurrent


def test_joint_probability_of_two_classes_by_hand():
    # Members that say 0.8 and 0.5: √(0.8 · 0.5) = 2 √0.1 and √(0.2 · 0.5) = √0.1, so 2 to 1.
    logits = np.array([[[np.log(4)]], [[0.0]]])
    assert expit(join_logits(logits)[0, 0]) == pytest.approx(2 / 3, rel=1e-15)


def test_joint_probability_of_three_classes_by_hand():
    # (0.25, 0.25, 0.5) and (0.25, 0.5, 0.25): the roots of 1/16, 1/8, 1/8 are as 1 to √2 to √2.
    logits = np.log([[[0.25, 0.25, 0.5]], [[0.25, 0.5, 0.25]]])
    expected = np.array([1, np.sqrt(2), np.sqrt(2)]) / (1 + 2 * np.sqrt(2))
    np.testing.assert_allclose(softmax(join_logits(logits)[0]), expected, rtol=1e-14)


@pytest.mark.parametrize("members", [1, 2, 5])
def test_joint_probabilities_are_the_renormalized_mean_of_log_probabilities(members):
    logits = np.random.default_rng(0).normal(0, 8, (members, 40, 4))
    mean = np.exp(log_softmax(logits, axis=-1).mean(axis=0))
    expected = mean / mean.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(softmax(join_logits(logits), axis=-1), expected, rtol=1e-12)
    binary = logits[..., :1]
    positive, negative = (np.exp(log_expit(sign * binary).mean(axis=0)) for sign in (1, -1))
    expected = positive / (positive + negative)
    np.testing.assert_allclose(expit(join_logits(binary)), expected, rtol=1e-12)


def test_members_that_overflow_in_opposite_directions_have_no_mean():
    assert np.isnan(join_logits(np.array([[[np.inf]], [[-np.inf]]]))).all()


def test_members_compute_what_their_networks_compute():
    architecture = Architecture(9, 3, 4, Recurrent("gru", 3), normalization="batch")
    draws = [initial_parameters(architecture, seed=seed, dtype="float64") for seed in range(3)]
    stacked = {name: np.stack([each[name] for each in draws]) for name in draws[0]}
    batch = np.array([[1, 2, 3], [4, 5, 0], [0, 0, 0]]), np.array([3, 2, 0])
    expected = [Classifier(architecture, each).logits(*batch) for each in draws]
    together = Members.of(architecture, stacked, 3)
    np.testing.assert_array_equal(together.logits_of_each(*batch), expected)
    np.testing.assert_allclose(together.logits(*batch), sum(expected) / 3, rtol=1e-14)
    alone = Members.of(architecture, draws[1], 1)
    np.testing.assert_array_equal(alone.logits(*batch), expected[1])


def test_axis_of_the_members_stands_before_each_shape_but_that_of_a_number():
    shapes = {"weight": (2, 3), "step": ()}
    assert stack_shapes(shapes, 5) == {"weight": (5, 2, 3), "step": ()}
    assert stack_shapes(shapes, 1) == shapes
