"""The optimizers that a config can name, as PyTorch objects."""

import inspect
from collections.abc import Iterable
from typing import Any, assert_never

import torch
from torch.nn import Parameter

from nlptrain.config.optimizer import (
    AdagradSection,
    AdamSection,
    AdamWSection,
    Optimizer,
    RmspropSection,
    SgdSection,
)
from nlptrain.torch_nn import adagrad, adam, adamw, rmsprop, sgd

Kind = type[torch.optim.Optimizer]


def build_optimizer(
    section: Optimizer, parameters: Iterable[tuple[str, Parameter]]
) -> torch.optim.Optimizer:
    """Build the optimizer of a config.

    Args:
        section: The optimizer's type and settings.
        parameters: (name, parameter) pairs, as from `named_parameters()`; those that need no
            gradient, such as a frozen embedding, are ignored.
    """
    trained = [(name, each) for name, each in parameters if each.requires_grad]
    by_hand, kind, fastest_on_cpu = _list_kinds(section)
    options = section.model_dump(exclude={"type", "learning_rate"})
    if section.type.endswith("_by_hand"):
        kind = by_hand
    elif all(each.device.type == "cpu" for _, each in trained):
        options |= fastest_on_cpu
    return _build(kind, trained, lr=section.learning_rate, **options)


def _list_kinds(section: Optimizer) -> tuple[Kind, Kind, dict[str, bool]]:
    """List the class by hand, PyTorch's, and PyTorch's fastest options on a CPU.

    There, for networks of our size, fused is fastest (Adam 3 times faster than its loop), or else
    foreach; neither is the default. On other devices PyTorch chooses the fastest itself.
    """
    match section:
        case SgdSection():
            return sgd.SGD, torch.optim.SGD, {"fused": True}
        case AdamWSection():
            return adamw.AdamW, torch.optim.AdamW, {"fused": True}
        case AdamSection():
            return adam.Adam, torch.optim.Adam, {"fused": True}
        case RmspropSection():
            return rmsprop.RMSprop, torch.optim.RMSprop, {"foreach": True}
        case AdagradSection():
            return adagrad.Adagrad, torch.optim.Adagrad, {"fused": True}
        case _:
            assert_never(section)


def _build(
    kind: Kind, parameters: list[tuple[str, Parameter]], **options: Any
) -> torch.optim.Optimizer:
    """Build an optimizer without torch's wrappers for its compiler and profiler.

    Their first call imports the compiler, which takes as long as importing torch itself; the
    wrappers of `step` take longer than a small network's arithmetic. The numbers are the same.
    """
    methods: dict[str, Any] = {
        name: inspect.unwrap(getattr(kind, name))
        for name in ("add_param_group", "state_dict", "load_state_dict")
    }
    methods["step"] = torch.no_grad()(inspect.unwrap(kind.step))
    methods["step"].hooked = True  # otherwise the constructor wraps it again
    bare: Kind = type(kind.__name__, (kind,), methods)
    return bare(parameters, **options)
