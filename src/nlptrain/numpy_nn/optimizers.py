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
    """Build the optimizer of a type; `adam` and `adam_by_hand` are one, and so are the others.

    Args:
        kind: Which.
        parameters: What it updates, in place.
        settings: By torch's names; no learning rate.

    Raises:
        TypeError: A setting is none of its.
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


def list_kept(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """List what an optimizer keeps of each parameter between two steps, by torch's names.

    Args:
        settings: Its settings and its type, as a file says them.

    Raises:
        KeyError, ValueError, TypeError: There is no such optimizer.
    """
    kind: OptimizerType = settings["type"]
    if kind not in get_args(OptimizerType):
        known = ", ".join(get_args(OptimizerType))
        raise ValueError(f"its optimizer, {kind!a:.60}, is not one of {known}")
    others = {name: value for name, value in settings.items() if name != "type"}
    return build_optimizer(kind, ParameterVector({"": np.zeros(1)}), others).kept
