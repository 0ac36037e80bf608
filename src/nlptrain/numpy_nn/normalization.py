"""Batch, layer and instance normalization: (x − mean) / √(var + ε) · γ + β, ignoring pads.

They differ in what the mean and the (biased) variance are taken over: batch, for each feature all
real positions of all strings; layer, for each position its features; instance, for each string and
feature its real positions.

With x̂ the normalized values, n their number, and g = γ · dL/dy, all three have the gradient
dL/dx = (g − Σg/n − x̂ · Σ(g x̂)/n) / √(var + ε).
"""

from dataclasses import dataclass
from typing import NamedTuple, assert_never

import numpy as np
from numpy.typing import NDArray

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads, Lengths, flat_positions
from nlptrain.numpy_nn.layer import Context, Layer, Parameter, Words, constant
from nlptrain.numpy_nn.readout import real_positions
from nlptrain.settings import kinds

EPSILON = 1e-5
MOMENTUM = 0.1
"""Weight of a batch in the running statistics; torch's default."""


@dataclass(frozen=True)
class Normalization(Layer):
    """Scales features to mean 0 and variance 1, then by learnt γ and β."""

    kind: kinds.Normalization

    @property
    def label(self) -> str:
        """The kind."""
        return self.kind

    @property
    def words(self) -> Words:
        """The layer in plain words."""
        each, over, at = _over(self.kind)
        fraction = rf"\frac{{x - \mu{at}}}{{\sqrt{{\sigma{at}^2 + 10^{{-5}}}}}}"
        return Words(
            f"{self.kind} normalization",
            f"Each {each}, {over}.",
            "(x - mean) / √(var + 1e-5) · γ + β",
            formula=rf"y = {fraction}\, \gamma + \beta",
        )

    def parameters(self, input_size: int) -> dict[str, Parameter]:
        """List γ and β."""
        return _vectors(input_size, weight=1.0, bias=0.0)

    def buffers(self, input_size: int) -> dict[str, Parameter]:
        """List the running statistics, which only batch normalization has."""
        if self.kind != "batch":
            return {}
        return _vectors(input_size, running_mean=0.0, running_var=1.0)

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Normalize; in training, batch normalization updates its running statistics."""
        lengths = context.lengths
        match self.kind:
            case "layer":
                return layer_norm(x, **arrays)
            case "instance":
                return instance_norm(x, **arrays, lengths=lengths)
            case "batch":
                if context.training:
                    return _learn_batch(x, lengths, **arrays)
                return batch_norm_evaluation(x, **arrays)
            case _:
                assert_never(self.kind)


def _over(kind: kinds.Normalization) -> tuple[str, str, str]:
    """Describe what is normalized, over what, and the index of mean and variance in a formula."""
    match kind:
        case "batch":
            return "feature", "with mean and variance as training measured them", ""
        case "layer":
            return "position", "over its features", "_t"
        case "instance":
            return "feature", "over the string's positions", "_j"
        case _:
            assert_never(kind)


def _vectors(size: int, **values: float) -> dict[str, Parameter]:
    return {name: Parameter((size,), constant(value)) for name, value in values.items()}


def _learn_batch(
    x: Floats,
    lengths: Lengths,
    *,
    weight: Floats,
    bias: Floats,
    running_mean: Floats,
    running_var: Floats,
) -> tuple[Floats, Backward]:
    y, backward, statistics = batch_norm(x, weight, bias, lengths)
    # A batch of fewer than two positions has no unbiased variance.
    enough = lengths.sum(axis=-1)[..., None] > 1
    for running, statistic in zip((running_mean, running_var), statistics, strict=True):
        update_running(running, np.where(enough, statistic, running))
    return y, backward


def layer_norm(x: Floats, weight: Floats, bias: Floats) -> tuple[Floats, Backward]:
    """Normalize each position over its features: (…, T, B, F), with γ and β (…, F)."""
    over = _Over(-1, None, np.array(x.shape[-1]))
    _, centered, variance = _moments(x, over)
    return _scale(centered, variance, weight, bias, over)


def instance_norm(
    x: Floats, weight: Floats, bias: Floats, lengths: Lengths
) -> tuple[Floats, Backward]:
    """Normalize each string's feature over its real positions: (…, T, B, F), γ and β (…, F)."""
    count = np.maximum(lengths, 1)[..., None, :, None]
    over = _Over(-3, real_positions(lengths, x.shape[-3]), count)
    _, centered, variance = _moments(x, over)
    return _scale(centered, variance, weight, bias, over)


def batch_norm(
    x: Floats, weight: Floats, bias: Floats, lengths: Lengths
) -> tuple[Floats, Backward, tuple[Floats, Floats]]:
    """Normalize each feature over the real positions of the batch (training mode).

    Args:
        x: Features (…, T, B, F).
        weight: γ (…, F).
        bias: β (…, F).
        lengths: Real positions of each string (…, B).

    Returns:
        The normalized features, backward, and the batch's mean and unbiased variance (…, F).
    """
    flat = flat_positions(x)[..., None, :]
    real = real_positions(lengths, x.shape[-3])
    if real is not None:
        real = real.reshape(*real.shape[:-3], -1, 1, 1)
    total = lengths.sum(axis=-1)[..., None, None, None]
    count = np.maximum(total, 1)
    over = _Over(-3, real, count)
    mean, centered, variance = _moments(flat, over)
    y, backward = _scale(centered, variance, weight, bias, over)
    unbiased = variance * (count / np.maximum(count - 1, 1)).astype(x.dtype)

    def backward_positions(grad_y: Floats) -> tuple[Floats, Grads]:
        grad_x, grads = backward(flat_positions(grad_y)[..., None, :])
        return grad_x.reshape(x.shape), grads

    statistics = mean[..., 0, 0, :], unbiased[..., 0, 0, :]
    return y.reshape(x.shape), backward_positions, statistics


def batch_norm_evaluation(
    x: Floats, weight: Floats, bias: Floats, running_mean: Floats, running_var: Floats
) -> tuple[Floats, Backward]:
    """Normalize each feature with the running statistics: (…, T, B, F), the others (…, F)."""
    inverse = (1 / np.sqrt(running_var + EPSILON))[..., None, None, :]
    normalized = (x - running_mean[..., None, None, :]) * inverse
    gamma = weight[..., None, None, :]

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grads = {
            "weight": (grad_y * normalized).sum(axis=(-3, -2)),
            "bias": grad_y.sum(axis=(-3, -2)),
        }
        return grad_y * gamma * inverse, grads

    return normalized * gamma + bias[..., None, None, :], backward


def update_running(running: Floats, statistic: Floats) -> None:
    """Move a running statistic towards a batch's, in place."""
    running += MOMENTUM * (statistic - running)


class _Over(NamedTuple):
    """What is averaged over: an axis, the real positions if there are pads, and their number."""

    axis: int
    real: NDArray[np.bool_] | None
    number: NDArray[np.integer]


def _moments(x: Floats, over: _Over) -> tuple[Floats, Floats, Floats]:
    """Compute the mean along an axis, x − mean (0 at pads), and the biased variance."""
    axis, real, count = over
    share = (1 / count).astype(x.dtype)
    mean = _masked(x, real).sum(axis=axis, keepdims=True) * share
    centered = _masked(x - mean, real)
    return mean, centered, (centered * centered).sum(axis=axis, keepdims=True) * share


def _scale(
    centered: Floats, variance: Floats, weight: Floats, bias: Floats, over: _Over
) -> tuple[Floats, Backward]:
    """Divide by √(var + ε), with γ and β along the last axis."""
    axis, real, count = over
    inverse = 1 / np.sqrt(variance + EPSILON)
    normalized = centered
    normalized *= inverse
    gamma = weight[..., None, None, :]
    share = (1 / count).astype(centered.dtype)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad_y = _masked(grad_y, real)
        grads = {
            "weight": (grad_y * normalized).sum(axis=(-3, -2)),
            "bias": grad_y.sum(axis=(-3, -2)),
        }
        grad = grad_y * gamma
        projection = (grad * normalized).sum(axis=axis, keepdims=True) * share
        grad -= grad.sum(axis=axis, keepdims=True) * share
        grad -= normalized * projection
        grad *= inverse
        return _masked(grad, real), grads

    y = normalized * gamma
    y += bias[..., None, None, :]
    return y, backward


def _masked(x: Floats, real: NDArray[np.bool_] | None) -> Floats:
    """Put zeros at pads. Not a product, as values at pads may be infinite."""
    return x if real is None else np.where(real, x, np.zeros((), x.dtype))
