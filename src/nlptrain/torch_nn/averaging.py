"""The parameters that predict, where an optimizer trains others than these."""

import torch
from torch import Tensor

from nlptrain.torch_nn import asgd
from nlptrain.torch_nn.schedule_free import ScheduleFree


class AveragedParameters:
    """Puts an optimizer's averaged parameters in place for an evaluation, and the others back."""

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer
        self._in_training: list[tuple[Tensor, Tensor]] = []

    @torch.no_grad()
    def begin(self) -> None:
        """Put the averages in the place of the parameters that are trained, if there are any."""
        if self._in_training:
            return
        for parameter, state in self._optimizer.state.items():
            average = _average(self._optimizer, parameter, state)
            if average is not None:
                self._in_training.append((parameter, parameter.clone()))
                parameter.copy_(average)

    @torch.no_grad()
    def end(self) -> None:
        """Put the parameters that are trained back in their place, bit for bit."""
        for parameter, value in self._in_training:
            parameter.copy_(value)
        self._in_training.clear()


def _average(
    optimizer: torch.optim.Optimizer, parameter: Tensor, state: dict[str, Tensor]
) -> Tensor | None:
    match optimizer:
        case asgd.ASGD() | torch.optim.ASGD():
            return state.get("ax")
        case ScheduleFree():
            return optimizer.average(parameter)
        case _:
            return None
