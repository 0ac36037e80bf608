"""Heads that do not count alike: their weights are fitted on validation, and become part of them.

A head's last layer is linear, so its logits are multiplied by multiplying that layer. Whatever
computes the network, here or in another format, needs not know of it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nlptrain.evaluation.calibration import fit_head_weights
from nlptrain.files.array_file import Arrays
from nlptrain.files.model_file import ModelFile
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.training.encoded_split import compute_logits
from nlptrain.training.learner import Learner
from nlptrain.training.preparation import Preparation


def weigh_heads(learner: Learner, preparation: Preparation, model: ModelFile) -> ModelFile:
    """Fit the weights of a network's heads, and multiply their last layers by them.

    Args:
        learner: Has the network's arrays, and gets those of the result.
        preparation: Has the validation strings.
        model: The network; if it has weights already, it stays as it is.
    """
    if model.head_weights:
        return model
    split, architecture, parts = preparation.splits["validation"], model.architecture, []
    for alone in np.eye(len(architecture.head_ends)):
        learner.load_arrays(scale_heads(model.arrays, architecture, alone.tolist()))
        parts.append(compute_logits(learner.logits, split.texts))
    weights = tuple(fit_head_weights(parts, split.classes).tolist())
    arrays = scale_heads(model.arrays, architecture, weights)
    learner.load_arrays(arrays)
    return replace(model, arrays=arrays, head_weights=weights)


def scale_heads(arrays: Arrays, architecture: Architecture, weights: Sequence[float]) -> Arrays:
    """Multiply the last layer of each head by its weight; without weights nothing changes."""
    scaled = dict(arrays)
    for name, weight in zip(architecture.head_ends, weights, strict=False):
        for part in ("weight", "bias"):
            array = arrays[f"{name}.{part}"]
            scaled[f"{name}.{part}"] = array * array.dtype.type(weight)
    return scaled


def describe_weights(model: ModelFile) -> str:
    """Describe the weights for the user."""
    over_all, *own = (f"{weight:.2f}" for weight in model.head_weights)
    of_branches = f" over all branches; {', '.join(own)} over one each" if own else ""
    return f"head weights, fitted on validation: {over_all}{of_branches}"
