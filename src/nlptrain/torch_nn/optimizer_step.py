"""What every optimizer by hand does around its formula: closures, gradients, options, counts."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

# The texts of the errors are torch.optim's, for callers who match on them.


def call_closure(closure: Callable[[], float] | None) -> float | None:
    """Compute the loss and the gradients anew, where a closure does that."""
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()


def weights_with_gradient(group: dict[str, Any], refusal: str) -> list[Tensor]:
    """List the parameters of a group that this step updates.

    Args:
        group: One of an optimizer's `param_groups`.
        refusal: What to say of a sparse gradient.

    Raises:
        RuntimeError: A gradient is sparse.
    """
    weights: list[Tensor] = [each for each in group["params"] if each.grad is not None]
    if any(each.grad is not None and each.grad.is_sparse for each in weights):
        raise RuntimeError(refusal)
    return weights


def gradients_of(weights: list[Tensor], *, maximize: bool) -> list[Tensor]:
    """Take the gradients to descend along, as real numbers."""
    gradients = as_real([each.grad for each in weights if each.grad is not None])
    return list(torch._foreach_neg(gradients)) if maximize else gradients


def add_decay(g: list[Tensor], w: list[Tensor], weight_decay: float) -> list[Tensor]:
    """Add the gradients of the L2 penalty, λ w."""
    return g if weight_decay == 0 else list(torch._foreach_add(g, w, alpha=weight_decay))


def as_real(tensors: list[Tensor]) -> list[Tensor]:
    """View complex numbers as pairs of real ones, so that each part has its own running means."""
    return [torch.view_as_real(each) if each.is_complex() else each for each in tensors]


def new_count() -> Tensor:
    """Make a counter of steps; half precision could not count beyond 2048."""
    return torch.zeros((), dtype=torch.promote_types(torch.get_default_dtype(), torch.float32))


def count_step(states: list[dict[str, Tensor]]) -> list[float]:
    """Add one to every parameter's own count, and tell the counts."""
    counts = [state["step"] for state in states]
    torch._foreach_add_(counts, 1)
    return [count.item() for count in counts]


def check_learning_rate(lr: float | Tensor) -> None:
    """Refuse a learning rate that is negative or several numbers.

    Raises:
        ValueError: It is.
    """
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not lr >= 0:
        raise ValueError(f"Invalid learning rate: {lr}")


def check_not_negative(**options: float) -> None:
    """Refuse options below 0 or NaN, by their name in torch's text ("epsilon" for eps).

    Raises:
        ValueError: One is.
    """
    for name, value in options.items():
        if not value >= 0:
            raise ValueError(f"Invalid {name} value: {value}")
