"""The linear layer."""

from nlptrain.numpy_nn.activation import Floats


def linear(x: Floats, weight: Floats, bias: Floats) -> Floats:
    """Compute y = x Wᵀ + b.

    Args:
        x: Inputs (…, I).
        weight: W (O, I).
        bias: b (O,).

    Returns:
        Outputs (…, O).
    """
    return x @ weight.T + bias
