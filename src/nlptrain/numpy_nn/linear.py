"""The linear layer."""

from dataclasses import dataclass

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads
from nlptrain.numpy_nn.layer import Context, Layer, Parameter, uniform


@dataclass(frozen=True)
class Linear(Layer):
    """A vector → `size` numbers."""

    size: int

    def output_size(self, input_size: int) -> int:
        """Return the output size."""
        return self.size

    def parameters(self, input_size: int) -> dict[str, Parameter]:
        """List W and b."""
        start = uniform(input_size)
        return {
            "weight": Parameter((self.size, input_size), start),
            "bias": Parameter((self.size,), start),
        }

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Apply `linear`."""
        return linear(x, arrays["weight"], arrays["bias"])


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
