"""Initial values, drawn once with NumPy and copied to every engine that starts from them.

The distributions are torch's own defaults; the draws are ours, one generator an array, so that a
change of one layer leaves the start of the others alone.
"""

import zlib
from collections.abc import Callable

import numpy as np

from nlptrain.numpy_nn.architecture import Architecture, Recurrent, Shape
from nlptrain.numpy_nn.arrays import Floats


def initial_parameters(
    architecture: Architecture, *, seed: int, recurrent: str = "torch", dtype: str = "float32"
) -> dict[str, Floats]:
    """Draw every parameter and set every running statistic.

    Args:
        architecture: The network.
        seed: The run's seed.
        recurrent: Scheme of the recurrent weights: torch, orthogonal, identity or normal.
        dtype: float32 or float64; the draws are float64 and rounded.

    Returns:
        Arrays by torch's names.
    """
    arrays: dict[str, Floats] = {}
    for name, shape in architecture.parameter_shapes().items():
        generator = np.random.default_rng((seed, zlib.crc32(name.encode())))
        if ".weight_hh" in name and recurrent != "torch":
            values = _stack_gates(RECURRENT_SCHEMES[recurrent], shape, generator)
        else:
            values = _draw(name, shape, architecture, generator)
        arrays[name] = values.astype(dtype)
    for name, shape in architecture.buffer_shapes().items():
        arrays[name] = np.full(shape, name.endswith("var"), dtype)
    return arrays


def _draw(
    name: str, shape: Shape, architecture: Architecture, generator: np.random.Generator
) -> Floats:
    """Draw as torch does: embedding N(0, 1); norms 1 and 0; the rest U(±1/√fan_in)."""
    if name == "embedding.weight":
        table = generator.standard_normal(shape)
        table[0] = 0
        return table
    if name.startswith("normalization."):
        return np.full(shape, float(name.endswith("weight")))
    bound = 1 / np.sqrt(_fan_in(name, architecture))
    return generator.uniform(-bound, bound, shape)


def _fan_in(name: str, architecture: Architecture) -> int:
    """Count the inputs of a unit; in a recurrent layer torch uses the hidden size throughout."""
    if name.startswith("encoder.") and isinstance(architecture.encoder, Recurrent):
        return architecture.encoder.hidden_size
    weight = name.removesuffix("bias").removesuffix("weight") + "weight"
    return int(np.prod(architecture.parameter_shapes()[weight][1:]))


def _stack_gates(
    scheme: Callable[[int, np.random.Generator], Floats],
    shape: Shape,
    generator: np.random.Generator,
) -> Floats:
    rows, hidden = shape
    return np.concatenate([scheme(hidden, generator) for _ in range(rows // hidden)])


def _orthogonal(size: int, generator: np.random.Generator) -> Floats:
    """Draw uniformly among orthogonal matrices (Mezzadri 2007, section 5): QR with signs fixed."""
    q, r = np.linalg.qr(generator.standard_normal((size, size)))
    result: Floats = q * np.sign(np.diag(r))
    return result


RECURRENT_SCHEMES: dict[str, Callable[[int, np.random.Generator], Floats]] = {
    "orthogonal": _orthogonal,
    "identity": lambda size, _: np.eye(size),
    "normal": lambda size, generator: generator.standard_normal((size, size)) / np.sqrt(size),
}
