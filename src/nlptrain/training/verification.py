"""Both engines side by side, on a config of the user's own: how far apart do they come?

Each adds up the same terms in another order, so they may differ by rounding, and by no more.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.run import RunConfig
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.tracking.stage import track
from nlptrain.training.assembly import build_learner
from nlptrain.training.learner import Batch, Learner
from nlptrain.training.loop import step_batches
from nlptrain.training.plan import Plan, build_plan
from nlptrain.training.preparation import Preparation, prepare

Precision = Literal["float64", "float32"]


@dataclass(frozen=True)
class Tolerance:
    """How far two correct engines may be apart.

    Attributes:
        factor: Allowed difference as a part of the largest number that is compared.
        reason: Why so far.
    """

    factor: float
    reason: str


# Measured over the packaged configs, each also with a batch, layer or instance norm, with mse and
# with SGD: float64 7e-15 at the first step, 3e-11 after 20 updates; float32 3e-6 at the first step,
# 5e-6 after 5 updates, 1e-4 after 20. ROUNDING_ALONE names what goes beyond that in float32.
FIRST_STEP = {
    "float64": Tolerance(1e-12, "1e-12 × the largest: the same sums, rounded in another order"),
    "float32": Tolerance(
        2**-15, "256 ulps (3.1e-05) of the largest: the same sums, rounded in another order"
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
    "in float32, Adam makes a step of full size from a gradient that is rounding alone, as that "
    "of a bias before a normalization is, and a max may choose between two numbers by rounding; "
    "--dtype float64 tells this from a mistake"
)


@dataclass(frozen=True)
class Difference:
    """How far the network by hand is from torch in one quantity.

    Attributes:
        quantity: What is compared.
        array: The parameter, or of several the one that differs most; empty where there is none.
        absolute: max |a − b|, with a by hand and b torch's.
        relative: max |a − b| / max |b|, each over the whole array.
        allowed: The absolute difference that two correct engines stay below.
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
        """Whether the engines agree; NaN agrees with nothing."""
        return self.absolute <= self.allowed


@dataclass(frozen=True)
class Verification:
    """What came of running both engines.

    Attributes:
        differences: In the order in which the quantities are computed.
        notes: Sentences about data and text.
    """

    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def verify(config: RunConfig, *, steps: int = 5, dtype: Precision = "float64") -> Verification:
    """Compute the first updates of a config with both engines on the CPU, and compare them.

    Compared are the logits of the first batch as in predicting, its loss and every gradient as in
    training, before any clipping; then all parameters and running statistics after each update.

    Args:
        config: What to run; its engine, device and precision do not count.
        steps: Updates to compare.
        dtype: The precision of both.

    Raises:
        ConfigError, DataError: What `train` would raise.
    """
    config = put_on_cpu(config, dtype)
    preparation = prepare(config)
    plan = build_plan(config, preparation)
    by_hand, reference = (
        build_learner(config, preparation, engine=engine) for engine in ("numpy", "torch")
    )
    batches = list(first_batches(preparation, plan, steps))
    # Numbers that run away are a failure in the table, which says more than a warning.
    with np.errstate(all="ignore"):
        differences = (
            *_compare_first_step(by_hand, reference, batches[0], FIRST_STEP[dtype]),
            *_compare_updates(by_hand, reference, batches, plan, UPDATED[dtype]),
        )
    return Verification(differences, preparation.notes)


def put_on_cpu(config: RunConfig, dtype: Precision) -> RunConfig:
    """Take a config's training to the CPU and to a precision, where engines can be compared."""
    training = config.training.model_copy(update={"dtype": dtype})
    return config.model_copy(update={"training": training, "device": "cpu"})


def first_batches(preparation: Preparation, plan: Plan, steps: int) -> Iterator[Batch]:
    """Gather the batches that a training sees first."""
    return islice(step_batches(preparation.train_split, plan, 0), steps)


def _compare_first_step(
    by_hand: Learner, reference: Learner, batch: Batch, tolerance: Tolerance
) -> Iterator[Difference]:
    logits, expected = (each.logits(batch.ids, batch.lengths) for each in (by_hand, reference))
    yield _compare("logits", "", logits, expected, _largest([expected]), tolerance)
    found, right = (each.differentiate(batch, step=0) for each in (by_hand, reference))
    value, expected = np.array(found.loss), np.array(right.loss)
    yield _compare("loss", "", value, expected, _largest([expected]), tolerance)
    # Against the largest of all: where a gradient cancels to nothing, only its rounding is left.
    scale = _largest(right.gradients.values())
    for name, grad in right.gradients.items():
        yield _compare("gradient", name, found.gradients[name], grad, scale, tolerance)


def _compare_updates(
    by_hand: Learner,
    reference: Learner,
    batches: list[Batch],
    plan: Plan,
    tolerance: Tolerance,
) -> Iterator[Difference]:
    for step, batch in enumerate(track(batches, "comparing the engines", len(batches))):
        learning_rate = plan.learning_rate(step)
        results = [
            learner.step(batch, step=step, learning_rate=learning_rate, measure_gradient=False)
            for learner in (by_hand, reference)
        ]
        arrays, expected = by_hand.arrays(), reference.arrays()
        names = list(expected)
        # argmax takes a NaN for the largest, as is wanted here.
        worst = names[np.argmax([np.abs(arrays[name] - expected[name]).max() for name in names])]
        quantity = f"parameters after {step + 1} update{'s' if step else ''}"
        scale = _largest(expected.values())
        found = _compare(quantity, worst, arrays[worst], expected[worst], scale, tolerance)
        if not all(result.finite for result in results):
            # The update was not made, so the parameters are equal and say nothing.
            found = replace(found, absolute=math.nan, relative=math.nan)
        yield found


def _compare(
    quantity: str, array: str, a: Floats, b: Floats, scale: float, tolerance: Tolerance
) -> Difference:
    absolute, size = _largest([a - b]), _largest([b])
    return Difference(
        quantity,
        array,
        absolute=absolute,
        relative=0.0 if absolute == 0 else float(np.divide(absolute, size)),
        allowed=tolerance.factor * scale,
        reason=tolerance.reason,
    )


def _largest(arrays: Iterable[NDArray[Any]]) -> float:
    return float(np.max([np.abs(array).max() for array in arrays]))
