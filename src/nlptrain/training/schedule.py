"""The learning rate over the steps, as a pure function: a resumed run has nothing to restore."""

import math
from collections.abc import Callable

from nlptrain.config.training import (
    ConstantSchedule,
    CosineSchedule,
    LinearSchedule,
    Schedule,
    StepSchedule,
    WarmupSchedule,
)


def build_schedule(
    section: Schedule, *, total_steps: int, steps_per_epoch: int
) -> Callable[[int], float]:
    """Build the function from a step to the factor of the learning rate.

    The function takes the index of an update, from 0. A rise of W steps has the factor 1/W at
    step 0 and 1 at step W − 1. A fall has the factor 1 at its first step, and would have the
    final factor at step `total_steps`, just after the last update, so none is spent on a zero.

    Args:
        section: Which schedule, and its settings.
        total_steps: Updates in the whole training.
        steps_per_epoch: Updates in one pass over the training strings.
    """
    if isinstance(section, ConstantSchedule):
        return lambda _: 1.0
    if isinstance(section, WarmupSchedule):
        warmup_steps = section.warmup_steps
        return lambda step: _rise(step, warmup_steps)
    if isinstance(section, StepSchedule):
        drop, steps_between = section.factor, section.every_epochs * steps_per_epoch
        return lambda step: float(drop ** (step // steps_between))
    return _rise_and_fall(section, total_steps)


def _rise_and_fall(
    section: LinearSchedule | CosineSchedule, total_steps: int
) -> Callable[[int], float]:
    warmup_steps, final = section.warmup_steps, section.final_factor
    fall_steps = max(1, total_steps - warmup_steps)
    is_cosine = isinstance(section, CosineSchedule)

    def factor(step: int) -> float:
        progress = min(max(step - warmup_steps, 0) / fall_steps, 1.0)
        height = (1 + math.cos(math.pi * progress)) / 2 if is_cosine else 1 - progress
        return _rise(step, warmup_steps) * (final + (1 - final) * height)

    return factor


def _rise(step: int, warmup_steps: int) -> float:
    return min(1.0, (step + 1) / max(1, warmup_steps))
