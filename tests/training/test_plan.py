import numpy as np
import pytest

from nlptrain.training.plan import build_plan
from nlptrain.training.preparation import prepare


@pytest.mark.parametrize(
    ("overrides", "steps", "epochs"),
    [
        ((), 10, 2),
        (("training.batch_size=7",), 12, 2),
        (("training.steps=7",), 7, 2),
        (("training.steps=1", "training.epochs=50"), 1, 1),
        (("training.batch_size=1000",), 2, 2),
    ],
)
def test_plan_counts_steps_with_a_last_batch_in_part(make_config, overrides, steps, epochs):
    config = make_config(*overrides)
    plan = build_plan(config, prepare(config))
    assert (plan.total_steps, plan.epochs) == (steps, epochs)


def test_plan_applies_the_schedule_to_the_learning_rate(make_config):
    config = make_config("training.schedule.type=linear", "optimizer.learning_rate=0.5")
    plan = build_plan(config, prepare(config))
    np.testing.assert_allclose([plan.learning_rate(step) for step in (0, 5, 9)], [0.5, 0.25, 0.05])
