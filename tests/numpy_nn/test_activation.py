import numpy as np
import pytest
import torch

from nlptrain.numpy_nn.activation import ACTIVATIONS, log_softmax, sigmoid, softmax

TORCH = {
    "none": torch.nn.Identity(),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
}
X = np.array([[-1000.0, -3.0, -0.5, 0.0], [1e-9, 0.5, 40.0, 1000.0]])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_equals_torch_also_far_from_zero(name):
    expected = TORCH[name](torch.from_numpy(X)).numpy()
    np.testing.assert_allclose(ACTIVATIONS[name](X), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("by_hand", "reference"), [(softmax, torch.softmax), (log_softmax, torch.log_softmax)]
)
def test_softmaxes_equal_torch_also_for_large_logits(by_hand, reference):
    expected = reference(torch.from_numpy(X), dim=-1).numpy()
    np.testing.assert_allclose(by_hand(X), expected, rtol=1e-12, atol=1e-300)


def test_softmax_by_hand():
    np.testing.assert_allclose(softmax(np.log([[1.0, 3.0, 4.0]])), [[0.125, 0.375, 0.5]])


def test_sigmoid_by_hand():
    np.testing.assert_allclose(sigmoid(np.array([0.0, np.log(3), -np.log(3)])), [0.5, 0.75, 0.25])


def test_sigmoid_leaves_its_input_as_it_is():
    x = np.array([1.0, -1.0])
    sigmoid(x)
    np.testing.assert_array_equal(x, [1.0, -1.0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_keeps_the_precision(name):
    assert ACTIVATIONS[name](X.astype(np.float32)).dtype == np.float32
