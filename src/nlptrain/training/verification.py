"""Both engines side by side on any config: how far do they deviate from each other?

Each adds up the same terms in a different order, so they may differ, but only by rounding.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.run import RunConfig
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.packages import require
from nlptrain.tracking.stage import track
from nlptrain.training.assembly import build_learner
from nlptrain.training.learner import Batch, Learner
from nlptrain.training.loop import step_batches
from nlptrain.training.plan import Plan, build_plan
from nlptrain.training.preparation import Preparation, prepare

Precision = Literal["float64", "float32"]


@dataclass(frozen=True)
class Tolerance:
    """How far two correct engines may deviate from each other.

    Attributes:
        factor: Relative to the largest number compared.
        reason: Why this much.
    """

    factor: float
    reason: str


# Measured over the packaged configs, each also with a batch, layer or instance norm, with mse and
# with SGD: float64 7e-15 at the first step, 3e-11 after 20 updates; float32 3e-6 at the first step,
# 5e-6 after 5 updates, 1e-4 after 20. ROUNDING_ALONE explains what exceeds that in float32.
FIRST_STEP = {
    "float64": Tolerance(1e-12, "1e-12 × the largest: the same sums, rounded in a different order"),
    "float32": Tolerance(
        2**-15, "256 ulps (3.1e-05) of the largest: the same sums, rounded in a different order"
    ),
}
UPDATED = {
    "float64": Tolerance(
        1e-9, "1e-09 × the largest: rounding, magnified where Adam divides by a small gradient"
    ),
    "float32": Tolerance(
        2**-13,
        "1,024 ulps (1.2e-04) of the largest: rounding, magnified where Adam divides by a small "
        "gradient",
    ),
}
ROUNDING_ALONE = (
    "in float32, Adam takes a full-size step even if a gradient is nothing but rounding error, "
    "such as that of a bias before a normalization, and a max may choose between two numbers by "
    "rounding; --dtype float64 distinguishes this from a mistake"
)


@dataclass(frozen=True)
class Deviation:
    """How far the network by hand deviates from torch in one quantity.

    Attributes:
        quantity: What is compared.
        array: The parameter, or the one that deviates most; empty for logits and loss.
        absolute: max |a − b|, with a by hand and b from torch.
        relative: max |a − b| / max |b|, each over the whole array.
        allowed: The largest absolute deviation of two correct engines.
        reason: Where `allowed` comes from.
    """

    quantity: str
    array: str
    absolute: float
    relative: float
    allowed: float
    reason: str

    @property
    def passed(self) -> bool:
        """Whether the engines agree; NaN never does."""
        return self.absolute <= self.allowed


@dataclass(frozen=True)
class Verification:
    """The result of running both engines.

    Attributes:
        deviations: In the order of computation.
        notes: Sentences about data and text.
    """

    deviations: tuple[Deviation, ...]
    notes: tuple[str, ...]


def verify(config: RunConfig, *, steps: int = 5, dtype: Precision = "float64") -> Verification:
    """Compute the first updates of a config with both engines on the CPU, and compare them.

    This compares the logits of the first batch as for predictions, its loss and every gradient as
    in training, before any clipping; then all parameters and running statistics after each update.

    Args:
        config: What to run; its engine, device and precision are ignored.
        steps: Updates to compare.
        dtype: The precision of both.

    Raises:
        ConfigError, DataError: As `train` would.
        MissingPackageError: There is no torch.
    """
    require("torch", purpose="verify")
    config = put_on_cpu(config, dtype)
    preparation = prepare(config)
    plan = build_plan(config, preparation)
    by_hand, reference = (
        build_learner(config, preparation, engine=engine) for engine in ("numpy", "torch")
    )
    batches = list(first_batches(preparation, plan, steps))
    # Diverging numbers fail in the table, which says more than a warning.
    with np.errstate(all="ignore"):
        chance = set[str]()
        if config.optimizer.steps_by_sign:
            chance = _find_chance(reference, batches[0], FIRST_STEP[dtype])
        deviations = (
            *_compare_first_step(by_hand, reference, batches[0], FIRST_STEP[dtype]),
            *_compare_updates(by_hand, reference, batches, plan, UPDATED[dtype], chance),
        )
    return Verification(deviations, preparation.notes)


def put_on_cpu(config: RunConfig, dtype: Precision) -> RunConfig:
    """Move a config to the CPU and to a precision, so that engines can be compared."""
    training = config.training.model_copy(update={"dtype": dtype, "precision": "float32"})
    return config.model_copy(update={"training": training, "device": "cpu"})


def first_batches(preparation: Preparation, plan: Plan, steps: int) -> Iterator[Batch]:
    """Yield the first batches of training."""
    return islice(step_batches(preparation.train_split, plan, 0), steps)


def _compare_first_step(
    by_hand: Learner, reference: Learner, batch: Batch, tolerance: Tolerance
) -> Iterator[Deviation]:
    logits, expected = (each.logits(batch.ids, batch.lengths) for each in (by_hand, reference))
    yield _compare("logits", "", logits, expected, _largest([expected]), tolerance)
    found, right = (each.differentiate(batch, step=0) for each in (by_hand, reference))
    value, expected = np.array(found.loss), np.array(right.loss)
    yield _compare("loss", "", value, expected, _largest([expected]), tolerance)
    # Relative to the largest of all: if a gradient cancels out, only rounding error is left of it.
    scale = _largest(right.gradients.values())
    for name, grad in right.gradients.items():
        yield _compare("gradient", name, found.gradients[name], grad, scale, tolerance)


def _find_chance(reference: Learner, batch: Batch, tolerance: Tolerance) -> set[str]:
    """Find the arrays whose gradients are nothing but rounding error."""
    gradients = reference.differentiate(batch, step=0).gradients
    largest = tolerance.factor * _largest(gradients.values())
    chance = {name for name, grad in gradients.items() if 0 < _largest([grad]) <= largest}
    # The running mean of a batch normalization follows the bias before it.
    return chance | {"normalization.running_mean"} if chance else chance


def _compare_updates(
    by_hand: Learner,
    reference: Learner,
    batches: list[Batch],
    plan: Plan,
    tolerance: Tolerance,
    left_out: set[str],
) -> Iterator[Deviation]:
    for step, batch in enumerate(track(batches, "comparing the engines", len(batches))):
        learning_rate = plan.learning_rate(step)
        results = [
            learner.step(batch, step=step, learning_rate=learning_rate, measure_gradient=False)
            for learner in (by_hand, reference)
        ]
        arrays, expected = (_only_floats(each.arrays()) for each in (by_hand, reference))
        names = [name for name in expected if name not in left_out]
        # argmax treats NaN as the largest, as it should here.
        worst = names[np.argmax([np.abs(arrays[name] - expected[name]).max() for name in names])]
        quantity = f"parameters after {step + 1} update{'s' if step else ''}"
        scale = _largest(expected.values())
        found = _compare(quantity, worst, arrays[worst], expected[worst], scale, tolerance)
        if not all(result.finite for result in results):
            # There was no update, so equal parameters prove nothing.
            found = replace(found, absolute=math.nan, relative=math.nan)
        yield found


def _compare(
    quantity: str, array: str, a: Floats, b: Floats, scale: float, tolerance: Tolerance
) -> Deviation:
    absolute, size = _largest([a - b]), _largest([b])
    return Deviation(
        quantity,
        array,
        absolute=absolute,
        relative=0.0 if absolute == 0 else float(np.divide(absolute, size)),
        allowed=tolerance.factor * scale,
        reason=tolerance.reason,
    )


def _only_floats(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """Leave out the whole numbers, which never change."""
    return {name: array for name, array in arrays.items() if array.dtype.kind == "f"}


def _largest(arrays: Iterable[NDArray[Any]]) -> float:
    return float(np.max([np.abs(array).max() for array in arrays]))
