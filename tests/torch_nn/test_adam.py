"""Adam and AdamW on paper; test_optimizers_by_hand.py holds them against torch's."""

import math

import pytest
import torch

from nlptrain.torch_nn.adam import Adam
from nlptrain.torch_nn.adamw import AdamW


def one_step(weight, gradient, kind=Adam, **options):
    weight = torch.tensor([weight], dtype=torch.float64, requires_grad=True)
    weight.grad = torch.tensor([gradient], dtype=torch.float64)
    kind([weight], **options).step()
    return weight.item()


def test_first_step_by_hand():
    # m̂ = g and √v̂ = |g|, so w − α g / (|g| + ε) = 1 − 0.1 · 0.5 / (0.5 + 0.5).
    assert one_step(1.0, 0.5, lr=0.1, eps=0.5) == pytest.approx(0.95, abs=1e-15)


def test_second_step_by_hand():
    weight = torch.tensor([0.0], dtype=torch.float64, requires_grad=True)
    optimizer = Adam([weight], lr=1.0, betas=(0.5, 0.5), eps=0.0)
    for gradient in (1.0, 3.0):
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
    # m = 1.75 and v = 4.75, each over 0.75.
    assert weight.item() == pytest.approx(-1 - (1.75 / 0.75) / math.sqrt(4.75 / 0.75), abs=1e-12)


def test_decay_joins_the_gradient_before_the_means():
    # g = −1 + 0.25 · 2 < 0: decoupled decay would shrink the weight instead.
    assert one_step(2.0, -1.0, lr=0.1, eps=0.0, weight_decay=0.25) == pytest.approx(2.1)


def test_decay_keeps_its_sign_when_maximizing():
    # g = −(−1) + 0.75 · 2 = 2.5, against −(−1 + 1.5) = −0.5 for a flip after the decay.
    step = one_step(2.0, -1.0, lr=0.1, eps=0.0, weight_decay=0.75, maximize=True) - 2.0
    assert step == pytest.approx(-0.1)


def test_decoupled_decay_shrinks_the_weight_beside_the_step():
    # 2 (1 − 0.1 · 0.25) = 1.95, and from there a full step against g = −1.
    step = one_step(2.0, -1.0, AdamW, lr=0.1, eps=0.0, weight_decay=0.25)
    assert step == pytest.approx(2.05)


@pytest.mark.parametrize("maximize", [False, True])
def test_decoupled_decay_shrinks_when_maximizing_too(maximize):
    step = one_step(2.0, 0.0, AdamW, lr=0.1, weight_decay=0.25, maximize=maximize)
    assert step == pytest.approx(1.95)


def test_state_appears_with_the_first_gradient():
    weights = [torch.zeros(2, requires_grad=True) for _ in range(2)]
    optimizer = Adam(weights, amsgrad=True)
    weights[0].grad = torch.ones_like(weights[0])
    optimizer.step()
    assert list(optimizer.state) == [weights[0]]
    state = optimizer.state[weights[0]]
    assert list(state) == ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
