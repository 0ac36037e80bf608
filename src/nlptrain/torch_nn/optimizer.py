"""The optimizers that a config can name, as PyTorch objects."""

import inspect
from collections.abc import Iterable
from typing import Any, assert_never

import torch
from torch.nn import Parameter

from nlptrain.config.optimizer import (
    AdagradSection,
    AdamByHandSection,
    AdamSection,
    AdamWSection,
    Optimizer,
    RmspropSection,
    SgdSection,
)
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
    kind, fastest_on_cpu = _choose_kind(section)
    options = section.model_dump(exclude={"type", "learning_rate"})
    if all(each.device.type == "cpu" for _, each in trained):
        options |= fastest_on_cpu
    return _build(kind, trained, lr=section.learning_rate, **options)


def _choose_kind(section: Optimizer) -> tuple[type[torch.optim.Optimizer], dict[str, bool]]:
    """Find the class of a section, whose settings have torch's names, and how it runs on a CPU.

    There fused is torch's fastest for networks of our size (Adam 3 times faster than its loop),
    and foreach where it is not to be had; yet neither is its default. Elsewhere torch's own choice
    is the fast one.
    """
    match section:
        case SgdSection():
            return torch.optim.SGD, {"fused": True}
        case AdamSection():
            return torch.optim.Adam, {"fused": True}
        case AdamByHandSection():
            return Adam, {}
        case AdamWSection():
            return torch.optim.AdamW, {"fused": True}
        case RmspropSection():
            return torch.optim.RMSprop, {"foreach": True}
        case AdagradSection():
            return torch.optim.Adagrad, {"fused": True}
        case _:
            assert_never(section)


def _build(
    kind: type[torch.optim.Optimizer], parameters: list[tuple[str, Parameter]], **options: Any
) -> torch.optim.Optimizer:
    """Make an optimizer without what torch wraps around its methods for its compiler and profiler.

    Their first call imports that compiler, which takes as long as torch itself, and the wrappers
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
