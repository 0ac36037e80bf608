"""Attention: a readout that learns which positions count."""

from dataclasses import dataclass

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads, Lengths, flat_positions
from nlptrain.numpy_nn.layer import Context, Parameter, Words, uniform
from nlptrain.numpy_nn.readout import Readout, real_positions


def attention_weights(features: Floats, query: Floats, lengths: Lengths) -> Floats:
    """Compute each position's share αₜ = softmax over the real positions of q · hₜ.

    Args:
        features: h (…, T, B, F).
        query: q (…, F).
        lengths: Real positions of each string (…, B).

    Returns:
        Shares (…, T, B, 1); zeros at pads, and so all zeros for an empty string.
    """
    scores = features @ query[..., None, :, None]
    real = real_positions(lengths, features.shape[-3])
    if real is not None:
        scores = np.where(real, scores, -np.inf)
    # The largest is subtracted, so that no exponential overflows; of no position, 0.
    largest = scores.max(axis=-3, keepdims=True, initial=-np.inf)
    exponentials = np.exp(scores - np.where(np.isneginf(largest), 0, largest))
    total = exponentials.sum(axis=-3, keepdims=True)
    shares: Floats = exponentials / np.where(total == 0, 1, total)
    return shares


def attention(features: Floats, query: Floats, lengths: Lengths) -> tuple[Floats, Backward]:
    """Average over the real positions, weighted by attention: y = Σₜ αₜ hₜ.

    As Yang et al. 2016 (equations 5 to 7) with the features themselves in place of a projection of
    them. With g = dL/dy: dL/dsₜ = αₜ (g · hₜ − Σᵤ αᵤ g · hᵤ) for the scores s, dL/dhₜ =
    αₜ g + dL/dsₜ q, and dL/dq = Σₜ dL/dsₜ hₜ.

    Args:
        features: h (…, T, B, F).
        query: q (…, F).
        lengths: Real positions of each string (…, B).

    Returns:
        One vector per string (…, B, F); zeros for an empty string.
    """
    real = real_positions(lengths, features.shape[-3])
    # Values at pads may be infinite, and 0 · ∞ is NaN.
    x = features if real is None else np.where(real, features, 0)
    shares = attention_weights(x, query, lengths)

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad = grad_y[..., None, :, :]
        along = (x * grad).sum(axis=-1, keepdims=True)
        grad_scores = shares * (along - (shares * along).sum(axis=-3, keepdims=True))
        grad_x = shares * grad + grad_scores * query[..., None, None, :]
        grad_query = (flat_positions(x).mT @ flat_positions(grad_scores))[..., 0]
        return grad_x, {"query": grad_query}

    return (shares * x).sum(axis=-3), backward


@dataclass(frozen=True)
class Attention(Readout):
    """The mean over the positions, weighted by a softmax of q · h."""

    forgets_order = True
    label = "attention"
    words = Words(
        "attention",
        "The mean of the {rows}, each with its share of attention; pads have none.",
        formula=r"y = \sum_t \alpha_t h_t, \quad "
        r"\alpha_t = \frac{e^{q \cdot h_t}}{\sum_u e^{q \cdot h_u}}",
    )

    def parameters(self, input_size: int) -> dict[str, Parameter]:
        """List the query."""
        return {"query": Parameter((input_size,), uniform(input_size))}

    def shares(self, features: Floats, arrays: Arrays) -> Floats:
        """Compute the attention to each position of one string: (P, F) → (P,)."""
        count = np.array([len(features)])
        return attention_weights(features[:, None], arrays["query"], count)[:, 0, 0]

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Apply `attention`."""
        return attention(x, arrays["query"], context.lengths)
