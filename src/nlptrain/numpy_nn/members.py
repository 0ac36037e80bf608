"""Several networks of one architecture that predict as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats, Ids, Lengths
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.layer import Shape


@dataclass(frozen=True)
class Members:
    """One or more networks that predict together.

    Attributes:
        networks: The members; all have the same architecture.
    """

    networks: tuple[Classifier, ...]

    @classmethod
    def of(cls, architecture: Architecture, arrays: Mapping[str, Floats], count: int) -> "Members":
        """View a model's arrays as its members, each with its own part of the leading axis M."""
        each = [arrays] if count == 1 else [take(arrays, member) for member in range(count)]
        return cls(tuple(Classifier(architecture, own) for own in each))

    def logits(self, ids: Ids, lengths: Lengths) -> Floats:
        """Compute the logits of all members together, as in evaluation: (B, 1 or C)."""
        return join_logits(self.logits_of_each(ids, lengths))

    def logits_of_each(self, ids: Ids, lengths: Lengths) -> Floats:
        """Compute the logits of each member, as in evaluation: (M, B, 1 or C)."""
        return np.stack([network.logits(ids, lengths) for network in self.networks])


def join_logits(logits: Floats) -> Floats:
    """Average the members' logits: (M, B, 1 or C) → (B, 1 or C).

    The joint probability of class c is p_c = exp(Σ_m log p_mc / M) / Z, the geometric mean of the
    members' probabilities, with Z such that all classes add up to 1: a logarithmic opinion pool
    (Genest and Zidek 1986). With log p_mc = z_mc − log Σ_k exp z_mk, the last term is the same
    for all classes, so it goes into Z, and p is the softmax of the mean logits z̄. With one logit,
    log p_m1 = log σ(z_m) and log p_m0 = log σ(−z_m) differ by z_m: so p_1 = σ(z̄).
    """
    joint: Floats = logits[0]
    if len(logits) > 1:
        # Of members that overflow in opposite directions, the mean is NaN.
        with np.errstate(over="ignore", invalid="ignore"):
            joint = logits.mean(axis=0)
    return joint


def stack(members: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    """Stack the members' arrays: (M, …).

    A single number of an optimizer's state, such as its count of steps, is the same for all.
    """
    return {
        name: np.stack([each[name] for each in members]) if array.ndim else array
        for name, array in members[0].items()
    }


def take(arrays: Mapping[str, Floats], which: int | slice) -> dict[str, Floats]:
    """View the arrays of one member, or of some of them, in what `stack` returned."""
    return {name: array[which] if array.ndim else array for name, array in arrays.items()}


def stack_shapes(shapes: Mapping[str, Shape], count: int) -> dict[str, Shape]:
    """Put the members' axis M before each shape; none for one member, or for a single number."""
    if count == 1:
        return dict(shapes)
    return {name: (count, *shape) if shape else () for name, shape in shapes.items()}
