"""All optimizers by hand, by their names in configs."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nlptrain.numpy_nn.adadelta import Adadelta
from nlptrain.numpy_nn.adagrad import Adagrad
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.adamax import Adamax
from nlptrain.numpy_nn.adamw import AdamW
from nlptrain.numpy_nn.asgd import Asgd
from nlptrain.numpy_nn.layer import Shape
from nlptrain.numpy_nn.lion import Lion
from nlptrain.numpy_nn.muon import Muon
from nlptrain.numpy_nn.nadam import NAdam
from nlptrain.numpy_nn.optimizer import Optimizer
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.radam import RAdam
from nlptrain.numpy_nn.rmsprop import Rmsprop
from nlptrain.numpy_nn.rprop import Rprop
from nlptrain.numpy_nn.schedule_free import ScheduleFreeAdamW, ScheduleFreeSgd
from nlptrain.numpy_nn.sgd import Sgd

CLASSES: dict[str, Callable[..., Optimizer]] = {
    "sgd": Sgd,
    "adam": Adam,
    "adamw": AdamW,
    "rmsprop": Rmsprop,
    "adagrad": Adagrad,
    "nadam": NAdam,
    "radam": RAdam,
    "adamax": Adamax,
    "adadelta": Adadelta,
    "rprop": Rprop,
    "asgd": Asgd,
    "muon": Muon,
    "lion": Lion,
    "schedule_free_adamw": ScheduleFreeAdamW,
    "schedule_free_sgd": ScheduleFreeSgd,
}
"""By type; the types that are by hand in torch too have these names with `_by_hand`."""


def build_optimizer(
    kind: str,
    parameters: ParameterVector,
    settings: Mapping[str, Any],
    matrices: Mapping[str, int],
) -> Optimizer:
    """Build the optimizer of a type; here `adam` and `adam_by_hand` are the same, and so on.

    Args:
        kind: The type.
        parameters: What it updates.
        settings: With torch's names, without the learning rate.
        matrices: `Architecture.hidden_matrices`.

    Raises:
        ValueError: There is no such optimizer.
        TypeError: It does not have one of the settings.
    """
    name = kind.removesuffix("_by_hand")
    if name not in CLASSES:
        raise ValueError(f"its optimizer, {kind!a:.60}, is not one of {', '.join(CLASSES)}")
    if name == "muon":
        return Muon(parameters, matrices=matrices, **settings)
    return CLASSES[name](parameters, **settings)


def list_state_shapes(
    settings: Mapping[str, Any], shapes: Mapping[str, Shape], matrices: Mapping[str, int]
) -> dict[str, Shape]:
    """List the shapes of an optimizer's state after a step: `exp_avg.head.0.weight`, and so on.

    Args:
        settings: Its type and settings.
        shapes: Of the parameters that it trains.
        matrices: As in `build_optimizer`.

    Raises:
        KeyError, ValueError, TypeError: There is no such optimizer.
    """
    others = {name: value for name, value in settings.items() if name != "type"}
    # One number stands for each parameter, whatever its size.
    small = ParameterVector({name: np.zeros([1] * len(each)) for name, each in shapes.items()})
    optimizer = build_optimizer(str(settings["type"]), small, others, dict.fromkeys(matrices, 1))
    arrays = {key: shapes[key.partition(".")[2]] for key in optimizer.state_arrays}
    return arrays | dict.fromkeys(optimizer.state_numbers, ())
