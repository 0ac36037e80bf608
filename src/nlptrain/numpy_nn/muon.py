"""Muon by hand, with AdamW for what is no hidden weight matrix."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from nlptrain.numpy_nn.adamw import AdamW
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.optimizer import Optimizer, in_precision_of
from nlptrain.numpy_nn.parameters import ParameterVector

COEFFICIENTS = 3.4445, -4.7750, 2.0315
"""Of the odd polynomial a x + b x³ + c x⁵, which moves singular values towards 1 (Jordan 2024)."""


class Muon(Optimizer):
    """Muon (Jordan 2024) for the hidden weight matrices, AdamW for the other parameters.

    B ← μ B + (1 − μ) G; D = (1 − μ) G + μ B, or B without Nesterov; W ← W − α λ W − s α O, where O
    is D with all singular values near 1, and s = 0.2 √max(rows, columns) (Liu et al. 2025), or
    `original` √max(1, rows / columns). AdamW's learning rate is `adamw_factor` α.
    """

    def __init__(
        self,
        parameters: ParameterVector,
        *,
        matrices: Mapping[str, int],
        momentum: float = 0.95,
        nesterov: bool = True,
        weight_decay: float = 0.1,
        ns_steps: int = 5,
        eps: float = 1e-7,
        adjust_lr_fn: Literal["match_rms_adamw", "original"] = "match_rms_adamw",
        adamw_factor: float = 1.0,
        adamw_betas: tuple[float, float] = (0.9, 0.999),
        adamw_eps: float = 1e-8,
        adamw_weight_decay: float = 1e-2,
    ) -> None:
        """Begin with a state of zeros.

        `matrices` says of the parameters that are hidden weight matrices how many lie one above
        the other in each: `Architecture.hidden_matrices`.
        """
        super().__init__(parameters)
        self._momentum, self._nesterov, self._weight_decay = momentum, nesterov, weight_decay
        self._ns_steps, self._eps, self._adjust_lr_fn = ns_steps, eps, adjust_lr_fn
        self._matrices = {name: n for name, n in matrices.items() if name in parameters.views}
        self._buffers = {name: np.zeros_like(parameters.views[name]) for name in self._matrices}
        leading = parameters.vector.ndim - 1
        others = {n: view for n, view in parameters.views.items() if n not in self._matrices}
        self._others = ParameterVector(others, leading)
        self._other_gradients = self._others.like()
        self._adamw = AdamW(
            self._others, betas=adamw_betas, eps=adamw_eps, weight_decay=adamw_weight_decay
        )
        self._adamw_factor = adamw_factor

    @property
    def state_arrays(self) -> tuple[str, ...]:
        """The keys of the state that have a parameter's shape."""
        return (*(f"momentum_buffer.{n}" for n in self._buffers), *self._adamw.state_arrays)

    @property
    def state_numbers(self) -> tuple[str, ...]:
        """The keys of the state that are one number."""
        return self._adamw.state_numbers

    def step(self, gradient: Floats, learning_rate: float | Floats) -> None:
        """Update once, as in `Optimizer.step`."""
        gradients = self._parameters.name_parts(gradient)
        for name, buffer in self._buffers.items():
            self._step_matrix(name, buffer, gradients[name], learning_rate)
        # They may have been loaded since the last step.
        self._others.fill(self._parameters.views)
        self._other_gradients.fill(gradients)
        self._adamw.step(self._other_gradients.vector, learning_rate * self._adamw_factor)
        for name, view in self._others.views.items():
            self._parameters.views[name][...] = view

    def state(self) -> dict[str, Floats]:
        """Copy the state, as in `Optimizer.state`."""
        state = self._adamw.state()
        buffers = self._buffers if state else {}
        return {**{f"momentum_buffer.{n}": b.copy() for n, b in buffers.items()}, **state}

    def load_state(self, state: Mapping[str, Floats]) -> None:
        """Restore what `state` returned."""
        if not state:
            return
        self._adamw.load_state(state)
        for name, buffer in self._buffers.items():
            buffer[...] = state[f"momentum_buffer.{name}"]

    def _step_matrix(
        self, name: str, buffer: Floats, gradient: Floats, learning_rate: float | Floats
    ) -> None:
        weight, momentum = self._parameters.views[name], self._momentum
        buffer += (1 - momentum) * (gradient - buffer)
        direction = gradient + momentum * (buffer - gradient) if self._nesterov else buffer
        *networks, rows = weight.shape[: self._parameters.vector.ndim]
        count = self._matrices[name]
        stacked = direction.reshape(*networks, count, rows // count, -1)
        update = orthogonalize(stacked, self._ns_steps, self._eps)
        scale = scale_of(update.shape[-2], update.shape[-1], self._adjust_lr_fn)
        rate = learning_rate
        if isinstance(rate, np.ndarray):
            rate = rate.reshape(-1, *[1] * (weight.ndim - 1))
        weight *= in_precision_of(weight, 1 - rate * self._weight_decay)
        weight -= in_precision_of(weight, scale * rate) * update.reshape(weight.shape)


def orthogonalize(matrices: Floats, steps: int, eps: float) -> Floats:
    """Move the singular values of matrices (…, rows, columns) towards 1, by Newton and Schulz.

    They end between about 0.7 and 1.2 where they are not tiny at first.
    """
    a, b, c = COEFFICIENTS
    is_tall = matrices.shape[-2] > matrices.shape[-1]
    x: Floats = matrices.mT if is_tall else matrices
    flat = np.ascontiguousarray(x).reshape(*x.shape[:-2], -1)
    norms = np.sqrt((flat * flat).sum(axis=-1))
    x = x / np.maximum(norms, eps)[..., None, None]
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if is_tall else x


def scale_of(rows: int, columns: int, adjust_lr_fn: str) -> float:
    """Compute by what the learning rate is multiplied for a matrix of this size."""
    if adjust_lr_fn == "original":
        return float(max(1, rows / columns) ** 0.5)
    return float(0.2 * max(rows, columns) ** 0.5)
