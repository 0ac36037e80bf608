"""PyTorch's Adam and the two by hand, side by side: how far apart do they come, how fast are they?

Rounding differs, and a training magnifies it: after many steps no two implementations agree to the
last digit, PyTorch's own among each other neither. What counts is how small it starts.
"""

import math
import time
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Literal

import numpy as np

from nlptrain.comparison.trials.adams import AdamParity
from nlptrain.config.optimizer import AdamSection
from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError
from nlptrain.training.assembly import build_learner
from nlptrain.training.learner import Batch, Learner
from nlptrain.training.plan import Plan, build_plan
from nlptrain.training.preparation import Preparation, prepare

PRECISIONS: tuple[Literal["float64", "float32"], ...] = ("float64", "float32")


def compare_adams(config: RunConfig, *, steps: int = 50) -> tuple[AdamParity, ...]:
    """Train PyTorch's Adam, fused, and both by hand from one start over the same batches.

    They take turns at each batch, so that a busy machine slows all of them.

    Args:
        config: What to train, with an `adam` or `adam_by_hand`; its engine, device and precision
            do not count.
        steps: Updates of each, in each precision.

    Raises:
        ConfigError: The optimizer is another one, or what `train` would raise.
        DataError: What `train` would raise.
    """
    if not isinstance(config.optimizer, AdamSection):
        raise ConfigError(
            f"optimizer.type: {config.optimizer.type!r} has no second implementation to compare "
            "with; use adam or adam_by_hand"
        )
    preparation = prepare(config)
    return tuple(
        row for dtype in PRECISIONS for row in _compare_in(dtype, config, preparation, steps)
    )


def _compare_in(
    dtype: Literal["float64", "float32"], config: RunConfig, preparation: Preparation, steps: int
) -> Iterable[AdamParity]:
    from nlptrain.training.verification import first_batches, put_on_cpu

    config = put_on_cpu(config, dtype)
    settings = config.optimizer.model_dump(exclude={"type"})
    kinds = {
        "reference": ("torch", AdamSection(**settings)),
        "numpy": ("numpy", AdamSection(**settings)),
        "torch": ("torch", AdamSection(type="adam_by_hand", **settings)),
    }
    learners = {
        name: build_learner(
            config.model_copy(update={"optimizer": section}), preparation, engine=engine
        )
        for name, (engine, section) in kinds.items()
    }
    plan = build_plan(config, preparation)
    batches = first_batches(preparation, plan, steps)
    names = list(preparation.architecture.parameter_shapes())
    differences, seconds = _train_side_by_side(learners, batches, plan, names)
    for name in ("numpy", "torch"):
        yield AdamParity(
            by_hand=name,
            dtype=dtype,
            differences=tuple(differences[name]),
            seconds_per_step=median(seconds[name]),
            reference_seconds_per_step=median(seconds["reference"]),
        )


def _train_side_by_side(
    learners: Mapping[str, Learner], batches: Iterable[Batch], plan: Plan, names: list[str]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Train all learners on each batch; list how far they are from the reference, and seconds."""
    differences: dict[str, list[float]] = {name: [] for name in learners}
    seconds: dict[str, list[float]] = {name: [] for name in learners}
    # Numbers that run away show in the differences, which say more than a warning.
    with np.errstate(all="ignore"):
        for step, batch in enumerate(batches):
            updated = True
            for name, learner in learners.items():
                began = time.perf_counter()
                result = learner.step(
                    batch,
                    step=step,
                    learning_rate=plan.learning_rate(step),
                    measure_gradient=False,
                )
                seconds[name].append(time.perf_counter() - began)
                updated = updated and result.finite
            expected = learners["reference"].arrays()
            for name, learner in learners.items():
                arrays = learner.arrays()
                largest = [np.abs(arrays[each] - expected[each]).max() for each in names]
                # Where a gradient was not finite nothing was updated, so nothing is compared.
                differences[name].append(float(np.max(largest)) if updated else math.nan)
    return differences, seconds
