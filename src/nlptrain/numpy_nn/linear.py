"""The linear layer."""

from nlptrain.numpy_nn.arrays import Backward, Floats, Grads


def linear(x: Floats, weight: Floats, bias: Floats) -> tuple[Floats, Backward]:
    """Apply y = x Wᵀ + b.

    dL/dx = dL/dy W; dL/dW = (dL/dy)ᵀ x; dL/db = Σ dL/dy over the rows.

    Args:
        x: Inputs (…, N, I).
        weight: W (…, O, I).
        bias: b (…, O).

    Returns:
        Outputs (…, N, O).
    """
    y = x @ weight.mT
    y += bias[..., None, :]

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        return grad_y @ weight, {"weight": grad_y.mT @ x, "bias": grad_y.sum(axis=-2)}

    return y, backward
