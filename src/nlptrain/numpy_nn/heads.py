"""Several heads: what each reads of the joined branches, and how their logits become one."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads
from nlptrain.numpy_nn.layer import Context, Layer


@dataclass(frozen=True)
class Part(Layer):
    """The `size` numbers of a vector from `start` on: those of one branch."""

    start: int
    size: int

    def output_size(self, input_size: int) -> int:
        """Return the part's size."""
        return self.size

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Take the part (…, B, size) of (…, B, F); the other numbers get the gradient 0."""
        place = slice(self.start, self.start + self.size)

        def backward(grad_y: Floats) -> tuple[Floats, Grads]:
            grad_x = np.zeros_like(x)
            grad_x[..., place] = grad_y
            return grad_x, {}

        return x[..., place], backward


@dataclass(frozen=True)
class Average(Layer):
    """The mean of the logits of `count` heads; reads the last layer of each.

    It gives the probabilities whose logarithms are the mean of the heads' log-probabilities, made
    to add up to 1 again: the logarithmic opinion pool (Genest and Zidek 1986), with equal weights.
    A softmax forgets what is added to all its logits; a sigmoid's logit is log p − log (1 − p).
    """

    count: int

    def output_size(self, input_size: int) -> int:
        """Return the number of logits of one head."""
        return input_size // self.count

    def forward(
        self, x: tuple[Floats, ...], arrays: Arrays, context: Context
    ) -> tuple[Floats, Backward]:
        """Compute (z₁ + z₂ + …) / count of the heads' logits (…, B, 1 or C)."""

        def backward(grad_y: Floats) -> tuple[tuple[Floats, ...], Grads]:
            return (grad_y / self.count,) * self.count, {}

        return reduce(np.add, x) / self.count, backward
