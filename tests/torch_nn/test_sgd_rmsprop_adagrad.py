"""Their updates on paper; test_optimizers_by_hand.py holds them against torch's."""

import math

import pytest
import torch

from nlptrain.torch_nn.adagrad import Adagrad
from nlptrain.torch_nn.rmsprop import RMSprop
from nlptrain.torch_nn.sgd import SGD


def train(kind, gradients, start=1.0, **options):
    """Take a step with each gradient, and tell the weight after it."""
    weight = torch.tensor([start], dtype=torch.float64, requires_grad=True)
    optimizer, weights = kind([weight], lr=0.1, **options), []
    for gradient in gradients:
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        weights.append(weight.item())
    return weights


def test_sgd_keeps_part_of_the_last_update():
    # b = 2, and then 0.5 · 2 + 4.
    assert train(SGD, [2.0, 4.0], momentum=0.5) == pytest.approx([0.8, 0.3])


def test_first_momentum_is_not_dampened():
    # b = 2, and then 0.5 · 2 + 0.25 · 4.
    weights = train(SGD, [2.0, 4.0], momentum=0.5, dampening=0.75)
    assert weights == pytest.approx([0.8, 0.6])


def test_nesterov_looks_ahead():
    # d = 2 + 0.5 · 2, and then 4 + 0.5 · (0.5 · 2 + 4).
    weights = train(SGD, [2.0, 4.0], momentum=0.5, nesterov=True)
    assert weights == pytest.approx([0.7, 0.05])


def test_decay_enters_the_momentum():
    # g = 0 + 0.5 · 1, and then 0 + 0.5 · 0.95: decoupled, the first would leave nothing in b.
    weights = train(SGD, [0.0, 0.0], momentum=0.5, weight_decay=0.5)
    assert weights == pytest.approx([0.95, 0.95 - 0.1 * (0.25 + 0.475)])


def test_rmsprop_adds_eps_to_the_root():
    # v = 0.25 · 2², and then 0.75 · 1 + 0.25 · 3².
    weights = train(RMSprop, [2.0, 3.0], alpha=0.75, eps=1.0)
    assert weights == pytest.approx([0.9, 0.9 - 0.3 / (math.sqrt(3) + 1)])


def test_centred_rmsprop_divides_by_the_deviation():
    # v − ḡ² = 1 − 0.5².
    weights = train(RMSprop, [2.0], alpha=0.75, eps=1.0, centered=True)
    assert weights == pytest.approx([1 - 0.2 / (math.sqrt(0.75) + 1)])


def test_rmsprop_keeps_part_of_the_last_update():
    # d = 2 / (1 + 1), and b = 0.5 · 1 + d.
    weights = train(RMSprop, [2.0, 3.0], alpha=0.75, eps=1.0, momentum=0.5)
    assert weights == pytest.approx([0.9, 0.9 - 0.1 * (0.5 + 3 / (math.sqrt(3) + 1))])


def test_adagrad_divides_by_the_root_of_the_sum_and_eps():
    # s = 7 + 3², and then 16 + 3²; the second step is 1.5 times shorter for the decay.
    options = {"initial_accumulator_value": 7.0, "eps": 1.0, "lr_decay": 0.5}
    weights = train(Adagrad, [3.0, 3.0], **options)
    assert weights == pytest.approx([1 - 0.3 / 5, 1 - 0.3 / 5 - 0.3 / 1.5 / 6])


@pytest.mark.parametrize("kind", [SGD, RMSprop, Adagrad])
def test_decay_keeps_its_sign_when_maximizing(kind):
    # −(−1) + 0.75 · 2 > 0, against −(−1 + 1.5) < 0 for a flip after the decay.
    assert train(kind, [-1.0], start=2.0, weight_decay=0.75, maximize=True)[0] < 2
