import numpy as np
import torch

from nlptrain.numpy_nn.linear import linear


def test_outputs_equal_torchs_layer():
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 4, dtype=torch.float64)
    x = np.random.default_rng(0).normal(size=(2, 5, 3))
    weight, bias = (each.detach().numpy() for each in (layer.weight, layer.bias))
    expected = layer(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(linear(x, weight, bias), expected, rtol=0, atol=1e-14)


def test_each_output_is_its_weighted_sum_and_bias():
    weight, bias = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]]), np.array([10.0, 20.0, 30.0])
    np.testing.assert_array_equal(linear(np.array([4.0, 6.0]), weight, bias), [26.0, 14.0, 45.0])
