"""The learning rate as a pure function of the step: a resumed run has nothing to restore."""

import math
from collections.abc import Callable
from typing import assert_never, cast

from nlptrain.config.fields import kinds_of
from nlptrain.config.training import (
    ConstantSchedule,
    CosineSchedule,
    LinearSchedule,
    Schedule,
    StepSchedule,
    TrainingSection,
    WarmupSchedule,
)


def build_schedule(
    section: Schedule, *, total_steps: int, steps_per_epoch: int
) -> Callable[[int], float]:
    """Build the function from a step to the factor of the learning rate.

    The function takes the index of an update, from 0. A warmup of W steps has the factor 1/W at
    step 0 and 1 at step W − 1. A decay has the factor 1 at its first step, and would reach the
    final factor at step `total_steps`, right after the last update, so that no update has rate 0.
    """
    match section:
        case ConstantSchedule():
            return lambda _: 1.0
        case WarmupSchedule(warmup_steps=warmup_steps):
            return lambda step: _warm_up(step, warmup_steps)
        case StepSchedule(every_epochs=epochs, factor=drop):
            return lambda step: float(drop ** (step // (epochs * steps_per_epoch)))
        case LinearSchedule():
            return _warm_up_and_decay(section, total_steps, lambda progress: 1 - progress)
        case CosineSchedule():
            return _warm_up_and_decay(
                section, total_steps, lambda progress: (1 + math.cos(math.pi * progress)) / 2
            )
        case _:
            assert_never(section)


def list_independent_of_length() -> list[str]:
    """List the types of schedules with which longer training starts with the same steps."""
    kinds = kinds_of(TrainingSection.model_fields["schedule"])
    found = []
    for name, section in kinds.sections.items() if kinds else ():
        short, long = (
            build_schedule(cast("Schedule", section()), total_steps=total, steps_per_epoch=1)
            for total in (100, 200)
        )
        if all(short(step) == long(step) for step in range(100)):
            found.append(name)
    return found


def _warm_up_and_decay(
    section: LinearSchedule | CosineSchedule, total_steps: int, height: Callable[[float], float]
) -> Callable[[int], float]:
    """Decay along a function that falls from 1 to 0 while the progress goes from 0 to 1."""
    warmup_steps, final = section.warmup_steps, section.final_factor
    decay_steps = max(1, total_steps - warmup_steps)

    def factor(step: int) -> float:
        progress = min(max(step - warmup_steps, 0) / decay_steps, 1.0)
        return _warm_up(step, warmup_steps) * (final + (1 - final) * height(progress))

    return factor


def _warm_up(step: int, warmup_steps: int) -> float:
    return min(1.0, (step + 1) / max(1, warmup_steps))
