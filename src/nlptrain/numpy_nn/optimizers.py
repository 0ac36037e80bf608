"""All optimizers by hand, by their names in configs."""

from collections.abc import Mapping
from typing import Any, Literal, assert_never, get_args

import numpy as np

from nlptrain.numpy_nn.adagrad import Adagrad
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.adamw import AdamW
from nlptrain.numpy_nn.optimizer import Optimizer
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.rmsprop import Rmsprop
from nlptrain.numpy_nn.sgd import Sgd

OptimizerType = Literal[
    "sgd",
    "sgd_by_hand",
    "adam",
    "adam_by_hand",
    "adamw",
    "adamw_by_hand",
    "rmsprop",
    "rmsprop_by_hand",
    "adagrad",
    "adagrad_by_hand",
]


def build_optimizer(
    kind: OptimizerType, parameters: ParameterVector, settings: Mapping[str, Any]
) -> Optimizer:
    """Build the optimizer of a type; here `adam` and `adam_by_hand` are the same, and so on.

    The settings have torch's names, without the learning rate.

    Raises:
        TypeError: It does not have one of the settings.
    """
    match kind:
        case "sgd" | "sgd_by_hand":
            return Sgd(parameters, **settings)
        case "adam" | "adam_by_hand":
            return Adam(parameters, **settings)
        case "adamw" | "adamw_by_hand":
            return AdamW(parameters, **settings)
        case "rmsprop" | "rmsprop_by_hand":
            return Rmsprop(parameters, **settings)
        case "adagrad" | "adagrad_by_hand":
            return Adagrad(parameters, **settings)
        case _:
            assert_never(kind)


def list_state_names(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """List the names of an optimizer's state for each parameter, given its type and settings.

    Raises:
        KeyError, ValueError, TypeError: There is no such optimizer.
    """
    kind: OptimizerType = settings["type"]
    if kind not in get_args(OptimizerType):
        known = ", ".join(get_args(OptimizerType))
        raise ValueError(f"its optimizer, {kind!a:.60}, is not one of {known}")
    others = {name: value for name, value in settings.items() if name != "type"}
    return build_optimizer(kind, ParameterVector({"": np.zeros(1)}), others).state_names
