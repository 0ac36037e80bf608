import numpy as np
import pytest
import torch
from torch.nn import functional

from every_kind import LOSSES
from nlptrain.evaluation.metrics import compute_loss
from nlptrain.torch_nn.loss import loss

CLASSES = torch.tensor([0, 1, 1, 0, 1])
LOGIT = torch.tensor([[0.3], [-1.2], [40.0], [-0.5], [0.0]], dtype=torch.float64)
LOGITS = torch.tensor([[0.1, 2.0, -1.0], [3.0, 0.0, 0.5]], dtype=torch.float64)
WEIGHTS = torch.tensor([0.5, 3.0], dtype=torch.float64)


def test_mse_is_torchs_on_the_sigmoid():
    expected = functional.mse_loss(torch.sigmoid(LOGIT).squeeze(1), CLASSES.double())
    torch.testing.assert_close(loss("mse", LOGIT, CLASSES, None), expected)


def test_bce_is_torchs_on_the_sigmoid():
    expected = functional.binary_cross_entropy(torch.sigmoid(LOGIT).squeeze(1), CLASSES.double())
    torch.testing.assert_close(loss("bce", LOGIT, CLASSES, None), expected)


def test_cross_entropy_is_log_softmax_and_nll():
    classes = torch.tensor([1, 2])
    expected = functional.nll_loss(functional.log_softmax(LOGITS, dim=1), classes)
    torch.testing.assert_close(loss("cross_entropy", LOGITS, classes, None), expected)


def test_weighted_bce_is_weighted_cross_entropy_of_two_logits():
    # σ(z) is the softmax of (0, z), and cross-entropy's weighted mean is torch's own.
    two = torch.cat([torch.zeros_like(LOGIT), LOGIT], dim=1)
    expected = functional.cross_entropy(two, CLASSES, weight=WEIGHTS)
    torch.testing.assert_close(loss("bce", LOGIT, CLASSES, WEIGHTS), expected)
    torch.testing.assert_close(loss("cross_entropy", two, CLASSES, WEIGHTS), expected)


def test_weighted_mse_is_the_weighted_mean():
    each = (torch.sigmoid(LOGIT).squeeze(1) - CLASSES).square()
    expected = np.average(each.numpy(), weights=WEIGHTS[CLASSES].numpy())
    assert loss("mse", LOGIT, CLASSES, WEIGHTS).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", ["mse", "bce"])
def test_equal_weights_change_nothing(kind):
    same = torch.full((2,), 7.0, dtype=torch.float64)
    weighted, plain = (loss(kind, LOGIT, CLASSES, each) for each in (same, None))
    torch.testing.assert_close(weighted, plain)


def test_losses_of_one_string_by_hand():
    # σ(ln 3) = ¾
    logit, one = torch.tensor([[np.log(3)]]), torch.tensor([1])
    assert loss("mse", logit, one, None).item() == pytest.approx(1 / 16)
    assert loss("bce", logit, one, None).item() == pytest.approx(np.log(4 / 3))
    assert loss("bce", logit, 0 * one, None).item() == pytest.approx(np.log(4))


@pytest.mark.parametrize("kind", LOSSES)
def test_evaluation_by_hand_sees_the_same_loss(kind):
    logits = torch.cat([-LOGIT, LOGIT], dim=1) if kind == "cross_entropy" else LOGIT
    expected = loss(kind, logits, CLASSES, None).item()
    found = compute_loss(logits.numpy(), CLASSES.numpy(), kind)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", ["mse", "bce"])
def test_huge_logits_give_finite_loss_and_gradient(kind):
    logit = torch.tensor([[1e4], [-1e4]], requires_grad=True)
    value = loss(kind, logit, torch.tensor([0, 1]), None)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(logit.grad).all()
