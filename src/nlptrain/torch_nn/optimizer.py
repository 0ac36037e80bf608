"""The optimizers that a config can name, as PyTorch objects."""

from collections.abc import Iterable
from typing import Any

import torch
from torch.nn import Parameter

from nlptrain.config.optimizer import AdamSection, AdamSettings, Optimizer, SgdSection
from nlptrain.torch_nn.adam import Adam


def build_optimizer(
    section: Optimizer, parameters: Iterable[tuple[str, Parameter]]
) -> torch.optim.Optimizer:
    """Build the optimizer of a config.

    Args:
        section: Which optimizer, and its settings.
        parameters: (name, parameter) pairs, as `named_parameters()` gives them; those that
            need no gradient, as a frozen embedding, are left out.
    """
    trained = [(name, each) for name, each in parameters if each.requires_grad]
    # On a CPU fused is torch's fastest for networks of our size (Adam 3 times faster than its
    # loop), yet never its default; elsewhere torch's own choice is the fast one.
    fused = True if all(each.device.type == "cpu" for _, each in trained) else None
    if isinstance(section, SgdSection):
        return torch.optim.SGD(
            trained,
            lr=section.learning_rate,
            momentum=section.momentum,
            nesterov=section.nesterov,
            weight_decay=section.weight_decay,
            fused=fused,
        )
    if isinstance(section, AdamSection):
        return torch.optim.Adam(trained, **_adam_options(section), fused=fused)
    return Adam(trained, **_adam_options(section))


def _adam_options(section: AdamSettings) -> dict[str, Any]:
    return {
        "lr": section.learning_rate,
        "betas": section.betas,
        "eps": section.eps,
        "weight_decay": section.weight_decay,
        "amsgrad": section.amsgrad,
    }
