"""Initial values, drawn once with NumPy and copied to either engine.

The distributions are torch's defaults. Each array has its own generator, so that changing one
layer does not change the initial values of the others.
"""

import zlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import assert_never

import numpy as np

from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.layer import Shape, Start
from nlptrain.numpy_nn.step import branch_of
from nlptrain.settings import kinds


def initial_parameters(
    architecture: Architecture,
    *,
    seed: int,
    recurrent: kinds.RecurrentStart | Sequence[kinds.RecurrentStart] = "torch",
    dtype: str = "float32",
) -> dict[str, Floats]:
    """Draw every parameter and set every running statistic.

    Args:
        architecture: The network.
        seed: The run's seed.
        recurrent: Scheme for the recurrent weights: torch, orthogonal, identity or normal; or one
            for each encoder.
        dtype: float32 or float64; the draws are float64, then rounded.

    Returns:
        Arrays by torch's names.
    """
    arrays: dict[str, Floats] = {}
    chosen = [recurrent] if isinstance(recurrent, str) else recurrent
    starts = [_choose_recurrent(each) for each in chosen]
    for name, parameter in (architecture.parameters() | architecture.buffers()).items():
        generator = np.random.default_rng((seed, zlib.crc32(name.encode())))
        own_start = starts[(branch_of(name) or 0) % len(starts)] if parameter.is_recurrent else None
        start = own_start or parameter.start
        arrays[name] = start(parameter.shape, generator).astype(dtype)
    return arrays


def _choose_recurrent(kind: kinds.RecurrentStart) -> Start | None:
    """Choose the scheme of recurrent weights; None: the same as other weights."""
    match kind:
        case "torch":
            return None
        case "orthogonal":
            return partial(_stack_gates, _orthogonal)
        case "identity":
            return partial(_stack_gates, lambda size, _: np.eye(size))
        case "normal":
            return partial(_stack_gates, _normal)
        case _:
            assert_never(kind)


def _stack_gates(
    scheme: Callable[[int, "np.random.Generator"], Floats],
    shape: Shape,
    generator: "np.random.Generator",
) -> Floats:
    rows, hidden = shape
    return np.concatenate([scheme(hidden, generator) for _ in range(rows // hidden)])


def _orthogonal(size: int, generator: "np.random.Generator") -> Floats:
    """Draw uniformly among orthogonal matrices (Mezzadri 2007, section 5): QR with signs fixed."""
    q, r = np.linalg.qr(generator.standard_normal((size, size)))
    result: Floats = q * np.sign(np.diag(r))
    return result


def _normal(size: int, generator: "np.random.Generator") -> Floats:
    result: Floats = generator.standard_normal((size, size)) / np.sqrt(size)
    return result
