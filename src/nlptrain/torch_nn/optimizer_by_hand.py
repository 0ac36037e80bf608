"""What every optimizer by hand in torch does around its formula."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, overload

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

# The error texts are those of torch.optim, for callers that match them.

_NOT_NEGATIVE = (
    *("eps", "momentum", "weight_decay", "momentum_decay", "warmup_steps"),
    *("lr_decay", "initial_accumulator_value"),
)


class OptimizerByHand(torch.optim.Optimizer):
    """An optimizer whose update is plain tensor arithmetic, one parameter at a time.

    Groups, hooks, saving and loading are inherited from PyTorch.
    """

    def __init__(self, params: ParamsT, defaults: dict[str, Any]) -> None:
        """Check the options that several optimizers have.

        Raises:
            ValueError: One is out of range, or a tensor is in two groups.
            TypeError: `params` has anything but tensors, (name, tensor) pairs or groups.
        """
        check_learning_rate(defaults["lr"])
        check_not_negative(**{key: defaults[key] for key in _NOT_NEGATIVE if key in defaults})
        if "betas" in defaults:
            check_betas(defaults["betas"])
        super().__init__(params, defaults)

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Update every parameter that has a gradient.

        Returns:
            The closure's loss.

        Raises:
            RuntimeError: A gradient is sparse, which PyTorch's SGD and Adagrad would accept.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._step_with(weight, weight.grad, group)
        return loss

    def _step_with(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        if gradient.is_sparse:
            raise RuntimeError(f"{type(self).__name__} does not support sparse gradients")
        w, g = _as_real(weight), _as_real(gradient)
        if group.get("maximize"):
            g = -g
        g = self._decay(w, g, group)
        state = {name: _as_real(each) for name, each in self.state.get(weight, {}).items()}
        self._update(w, g, state, group)
        if state:
            self.state[weight] = {
                # A complex tensor viewed as real has one more dimension.
                name: torch.view_as_complex(each) if _has_more_axes(each, weight) else each
                for name, each in state.items()
            }

    def _decay(self, w: Tensor, g: Tensor, group: dict[str, Any]) -> Tensor:
        """Add the gradient of the L2 penalty, or shrink the parameter if the decay is decoupled."""
        decay = group.get("weight_decay")
        if not decay:
            return g
        if not group.get("decoupled_weight_decay"):
            return g.add(w, alpha=decay)
        w.mul_(1 - float(group["lr"]) * decay)
        return g

    @abstractmethod
    def _update(
        self, w: Tensor, g: Tensor, state: dict[str, Tensor], group: dict[str, Any]
    ) -> None:
        """Update one parameter in place.

        Args:
            w: The parameter.
            g: Its gradient to descend along, of the same shape; must not be changed.
            state: Its state between two steps; empty before the first.
            group: The options.
        """


def _has_more_axes(value: Any, weight: Tensor) -> bool:
    return torch.is_tensor(value) and value.dim() > weight.dim()


def _as_real(value: Any) -> Any:
    """View complex numbers as real pairs, so that each part has its own running means."""
    if torch.is_tensor(value) and value.is_complex():
        return torch.view_as_real(value)
    return value


def new_count() -> Tensor:
    """Create a step counter; half precision could not count beyond 2048."""
    return torch.zeros((), dtype=torch.promote_types(torch.get_default_dtype(), torch.float32))


def count_step(state: dict[str, Tensor]) -> float:
    """Increment a parameter's step count, and return it."""
    state["step"] += 1
    return state["step"].item()


def check_learning_rate(lr: float | Tensor) -> None:
    """Refuse a learning rate that is negative or not a single number.

    Raises:
        ValueError: It is.
    """
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not lr >= 0:
        raise ValueError(f"Invalid learning rate: {lr}")


def check_betas(betas: tuple[float | Tensor, float | Tensor]) -> None:
    """Refuse decay rates outside of [0, 1).

    Raises:
        ValueError: One is.
    """
    for index, beta in enumerate(betas):
        if not 0 <= beta < 1:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}")


def check_not_negative(**options: float) -> None:
    """Refuse options below 0 or NaN, named as in torch's messages.

    Raises:
        ValueError: One is.
    """
    for name, value in options.items():
        if not value >= 0:
            raise ValueError(f"Invalid {'epsilon' if name == 'eps' else name} value: {value}")
