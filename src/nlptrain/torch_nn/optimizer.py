"""The optimizers that a config can name, as PyTorch objects."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch.nn import Parameter

from nlptrain.config.optimizer import Optimizer
from nlptrain.torch_nn import (
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    asgd,
    lion,
    muon,
    nadam,
    radam,
    rmsprop,
    rprop,
    schedule_free,
    sgd,
)

Kind = type[torch.optim.Optimizer]

_CLASSES: dict[str, tuple[Kind, Kind, str | None]] = {
    "sgd": (sgd.SGD, torch.optim.SGD, "fused"),
    "adam": (adam.Adam, torch.optim.Adam, "fused"),
    "adamw": (adamw.AdamW, torch.optim.AdamW, "fused"),
    "rmsprop": (rmsprop.RMSprop, torch.optim.RMSprop, "foreach"),
    "adagrad": (adagrad.Adagrad, torch.optim.Adagrad, "fused"),
    "nadam": (nadam.NAdam, torch.optim.NAdam, "foreach"),
    "radam": (radam.RAdam, torch.optim.RAdam, "foreach"),
    "adamax": (adamax.Adamax, torch.optim.Adamax, "foreach"),
    "adadelta": (adadelta.Adadelta, torch.optim.Adadelta, "foreach"),
    "rprop": (rprop.Rprop, torch.optim.Rprop, "foreach"),
    "asgd": (asgd.ASGD, torch.optim.ASGD, None),
}
"""By type: the class by hand, PyTorch's, and PyTorch's option that is fastest on a CPU.

For networks of our size that is fused (Adam 3 times faster than its loop), or else foreach; neither
is the default there. ASGD's loop is taken, since its foreach computes the step size in float32. On
CUDA, PyTorch by itself takes foreach where it is there.
"""

_FUSED_ON_CUDA = ("sgd", "adam", "adamw")
"""Types that PyTorch updates on CUDA in one call for all parameters, if asked to."""

_BY_HAND_ALONE: dict[str, Kind] = {
    "muon": muon.Muon,
    "lion": lion.Lion,
    "schedule_free_adamw": schedule_free.AdamWScheduleFree,
    "schedule_free_sgd": schedule_free.SGDScheduleFree,
}


def build_optimizer(
    section: Optimizer,
    parameters: Iterable[tuple[str, Parameter]],
    matrices: Mapping[str, int],
) -> torch.optim.Optimizer:
    """Build the optimizer of a config.

    Args:
        section: The optimizer's type and settings.
        parameters: (name, parameter) pairs, as from `named_parameters()`; those that need no
            gradient, such as a frozen embedding, are ignored.
        matrices: `Architecture.hidden_matrices`.
    """
    trained = [(name, each) for name, each in parameters if each.requires_grad]
    options = section.model_dump(exclude={"type", "learning_rate"})
    if section.type == "muon":
        options["matrices"] = matrices
    name = section.type.removesuffix("_by_hand")
    kind = _BY_HAND_ALONE.get(name)
    if kind is None:
        by_hand, kind, fastest_on_cpu = _CLASSES[name]
        if name != section.type:
            kind = by_hand
        elif fastest_on_cpu and all(each.device.type == "cpu" for _, each in trained):
            options[fastest_on_cpu] = True
        elif name in _FUSED_ON_CUDA and all(each.is_cuda for _, each in trained):
            options["fused"] = True
    return _build(kind, trained, lr=section.learning_rate, **options)


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
