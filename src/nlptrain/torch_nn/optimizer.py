"""The optimizers that a config can name, as PyTorch objects."""

import inspect
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
        return _build(
            torch.optim.SGD,
            trained,
            lr=section.learning_rate,
            momentum=section.momentum,
            nesterov=section.nesterov,
            weight_decay=section.weight_decay,
            fused=fused,
        )
    if isinstance(section, AdamSection):
        return _build(torch.optim.Adam, trained, **_adam_options(section), fused=fused)
    return _build(Adam, trained, **_adam_options(section))


def _build(
    kind: type[torch.optim.Optimizer], parameters: list[tuple[str, Parameter]], **options: Any
) -> torch.optim.Optimizer:
    """Make an optimizer without what torch wraps around its methods for its compiler and profiler.

    Their first call imports torch._dynamo, which takes as long as torch itself, and the wrappers
    of `step` take longer than the arithmetic for a small network. The numbers are the same.
    """
    methods: dict[str, Any] = {
        name: inspect.unwrap(getattr(kind, name))
        for name in ("add_param_group", "state_dict", "load_state_dict")
    }
    methods["step"] = torch.no_grad()(inspect.unwrap(kind.step))
    methods["step"].hooked = True  # or the constructor wraps it again
    bare: type[torch.optim.Optimizer] = type(kind.__name__, (kind,), methods)
    return bare(parameters, **options)


def _adam_options(section: AdamSettings) -> dict[str, Any]:
    return {
        "lr": section.learning_rate,
        "betas": section.betas,
        "eps": section.eps,
        "weight_decay": section.weight_decay,
        "amsgrad": section.amsgrad,
    }
