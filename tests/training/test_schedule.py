import math

import pytest
import torch
from torch.optim import lr_scheduler

from every_kind import SCHEDULES
from nlptrain.config.training import (
    ConstantSchedule,
    CosineSchedule,
    LinearSchedule,
    StepSchedule,
    WarmupSchedule,
)
from nlptrain.training.schedule import build_schedule, list_independent_of_length


def factors(section, total_steps, steps_per_epoch=1):
    schedule = build_schedule(section, total_steps=total_steps, steps_per_epoch=steps_per_epoch)
    return [schedule(step) for step in range(total_steps)]


def torch_factors(build, steps):
    """List the learning rates of a scheduler over an optimizer whose learning rate is 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = build(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def rise_then(fall, warmup_steps):
    """Build torch's linear rise from 1/W to 1 in W steps, followed by a fall."""

    def build(optimizer):
        rise = lr_scheduler.LinearLR(optimizer, 1 / warmup_steps, 1.0, warmup_steps - 1)
        return lr_scheduler.SequentialLR(optimizer, [rise, fall(optimizer)], [warmup_steps])

    return build


def test_constant_warmup_and_step_do_not_depend_on_the_length():
    found = list_independent_of_length()
    assert {"constant", "warmup", "step"} <= set(found)
    assert not {"linear", "cosine"} & set(found)


def test_constant_is_one():
    assert factors(ConstantSchedule(), 5) == [1.0] * 5


def test_warmup_by_hand():
    assert factors(WarmupSchedule(warmup_steps=4), 6) == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


def test_linear_by_hand():
    section = LinearSchedule(warmup_steps=2, final_factor=0.2)
    assert factors(section, 6) == pytest.approx([0.5, 1.0, 1.0, 0.8, 0.6, 0.4])


def test_cosine_by_hand():
    expected = [1.0, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2]
    assert factors(CosineSchedule(), 4) == pytest.approx(expected)


def test_step_by_hand():
    section = StepSchedule(every_epochs=2, factor=0.1)
    expected = [1.0] * 6 + [0.1] * 6 + [0.01] * 2
    assert factors(section, 14, steps_per_epoch=3) == pytest.approx(expected)


def test_warmup_equals_torch():
    expected = torch_factors(lambda o: lr_scheduler.LinearLR(o, 1 / 8, 1.0, 7), 20)
    assert factors(WarmupSchedule(warmup_steps=8), 20) == pytest.approx(expected)


@pytest.mark.parametrize("final", [0.0, 0.1, 1.0])
def test_linear_equals_torch(final):
    expected = torch_factors(lambda o: lr_scheduler.LinearLR(o, 1.0, final, 50), 50)
    assert factors(LinearSchedule(final_factor=final), 50) == pytest.approx(expected)


@pytest.mark.parametrize("final", [0.0, 0.1, 1.0])
def test_cosine_equals_torch(final):
    expected = torch_factors(lambda o: lr_scheduler.CosineAnnealingLR(o, 50, eta_min=final), 50)
    assert factors(CosineSchedule(final_factor=final), 50) == pytest.approx(expected)


def test_linear_after_a_rise_equals_torch():
    build = rise_then(lambda o: lr_scheduler.LinearLR(o, 1.0, 0.1, 42), warmup_steps=8)
    section = LinearSchedule(warmup_steps=8, final_factor=0.1)
    assert factors(section, 50) == pytest.approx(torch_factors(build, 50))


def test_cosine_after_a_rise_equals_torch():
    build = rise_then(lambda o: lr_scheduler.CosineAnnealingLR(o, 42, eta_min=0.1), warmup_steps=8)
    section = CosineSchedule(warmup_steps=8, final_factor=0.1)
    assert factors(section, 50) == pytest.approx(torch_factors(build, 50))


def test_step_equals_torch():
    expected = torch_factors(lambda o: lr_scheduler.StepLR(o, step_size=20, gamma=0.5), 70)
    section = StepSchedule(every_epochs=4, factor=0.5)
    assert factors(section, 70, steps_per_epoch=5) == pytest.approx(expected)


@pytest.mark.parametrize("section", [LinearSchedule(), CosineSchedule()])
def test_last_update_is_not_spent_on_a_zero(section):
    assert factors(section, 10)[-1] > 0


@pytest.mark.parametrize("section", [LinearSchedule, CosineSchedule, WarmupSchedule])
def test_rise_longer_than_the_training_never_falls(section):
    assert factors(section(warmup_steps=10), 4) == pytest.approx([0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("section", [LinearSchedule, CosineSchedule, WarmupSchedule])
def test_rise_as_long_as_the_training_ends_at_one(section):
    assert factors(section(warmup_steps=4), 4) == pytest.approx([0.25, 0.5, 0.75, 1.0])


@pytest.mark.parametrize("section", [ConstantSchedule(), LinearSchedule(), CosineSchedule()])
def test_training_of_one_step_has_the_whole_rate(section):
    assert factors(section, 1) == [1.0]


@pytest.mark.parametrize("section", SCHEDULES.values(), ids=SCHEDULES)
def test_factor_is_above_zero_and_at_most_one_even_past_the_end(section):
    schedule = build_schedule(section, total_steps=20, steps_per_epoch=5)
    assert all(0 < schedule(step) <= 1 for step in range(40))


@pytest.mark.parametrize("section", [LinearSchedule(), CosineSchedule()])
def test_factor_stays_final_past_the_end(section):
    schedule = build_schedule(section, total_steps=20, steps_per_epoch=5)
    assert schedule(20) == schedule(35) == pytest.approx(0.0)
