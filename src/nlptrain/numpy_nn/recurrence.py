"""What the recurrent cells have in common."""

from collections.abc import Iterator

import numpy as np

from nlptrain.numpy_nn.arrays import Floats, Grads, Ids, flat_positions
from nlptrain.numpy_nn.embedding import number_rows

IN_CACHE = 1 << 17
"""Numbers of derivatives that backward computes at a time, before they are used: 512 KiB."""


def gates_first(x: Floats, gates: int) -> Floats:
    """View (…, B, G · H) as (…, G, B, H).

    In an array of its own in this order each gate is one piece of memory, with which NumPy computes
    in less than half the time that it takes for some columns of a wider array.
    """
    return x.reshape(*x.shape[:-1], gates, x.shape[-1] // gates).swapaxes(-2, -3)


def steps_of(ids: Ids, table: Floats, gates: int) -> tuple[Floats, Ids]:
    """Prepare to look up a step's arguments, so that those of all steps never exist.

    Args:
        ids: Row numbers (…, T, B).
        table: Rows (…, V, G · H).
        gates: G.

    Returns:
        One gate of one row after the other (N, H), and at which of them a step's are
        (T, …, G, B).
    """
    ids = np.broadcast_to(ids, (*table.shape[:-2], *ids.shape[-2:]))
    rows = np.moveaxis(number_rows(ids, table.shape[-2]), -2, 0)[..., None, :]
    parts: Floats = table.reshape(-1, table.shape[-1] // gates)
    return parts, rows * gates + np.arange(gates)[:, None]


def with_start(initial: Floats | None, steps: Floats) -> Floats:
    """Make room for a state (T + 1, …, B, H), the initial one before those of the steps.

    So the state before each step is a view.
    """
    states = np.empty((len(steps) + 1, *steps.shape[1:]), steps.dtype)
    states[0] = 0 if initial is None else initial
    return states


def spans_from_the_end(steps: int, numbers: int) -> Iterator[slice]:
    """Cut time steps of so many numbers into pieces that stay in a processor's cache."""
    step = max(1, IN_CACHE // numbers)
    for stop in range(steps, 0, -step):
        yield slice(max(0, stop - step), stop)


def recurrent_grads(grad: Floats, states: Floats, initial: Floats | None) -> Grads:
    """Compute the gradients of W_hh and b_hh from those of h_{t−1} W_hhᵀ + b_hh at all t."""
    late, early = grad[..., 1:, :, :], states[..., :-1, :, :]
    flat = flat_positions(grad)
    grad_weight = flat_positions(late).mT @ flat_positions(early)
    if initial is not None:
        grad_weight += grad[..., 0, :, :].mT @ initial
    return {
        "weight_hh": grad_weight,
        # A product with ones is faster than a sum over rows.
        "bias_hh": np.ones(flat.shape[-2], flat.dtype) @ flat,
    }
