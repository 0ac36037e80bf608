"""Optimizers that train other weights than those that predict, in both engines."""

import numpy as np
import pytest

from every_kind import OPTIMIZERS
from nlptrain.config.load import load_config
from nlptrain.config.optimizer import AdamSection, AsgdSection
from nlptrain.config.optimizer_by_hand import ScheduleFreeAdamWSection, ScheduleFreeSgdSection
from nlptrain.inference.model import load
from nlptrain.training.assembly import build_learner, build_stack
from nlptrain.training.loop import step_batches
from nlptrain.training.plan import build_plan
from nlptrain.training.preparation import prepare
from nlptrain.training.run import start

SETTINGS = (
    "data.sizes.train=40",
    "data.sizes.validation=12",
    "data.sizes.test=12",
    "model.encoder.hidden_size=5",
    "training.batch_size=8",
    "logging.tensorboard=false",
)
AVERAGING = {
    "asgd": AsgdSection(learning_rate=0.1, t0=3.0),
    "asgd_by_hand": AsgdSection(type="asgd_by_hand", learning_rate=0.1, t0=3.0),
    "schedule_free_adamw": ScheduleFreeAdamWSection(learning_rate=0.02),
    "schedule_free_sgd": ScheduleFreeSgdSection(learning_rate=0.5),
}


@pytest.fixture
def build(engine):
    """Build a learner with an optimizer, and the batches of its training."""

    def run(optimizer, *overrides):
        config = load_config("rnn", (*SETTINGS, f"engine={engine}", *overrides)).config
        config = config.model_copy(update={"optimizer": optimizer})
        preparation = prepare(config)
        batches = step_batches(preparation.train_split, build_plan(config, preparation), 0)
        return build_learner(config, preparation), batches

    return run


def train(learner, batches, steps, *, start=0, rate=0.05):
    for step in range(start, start + steps):
        learner.step(next(batches), step=step, learning_rate=rate, measure_gradient=False)


def assert_equal(found, expected):
    assert sorted(found) == sorted(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def pick(state, key):
    start = f"optimizer.{key}."
    return {name.removeprefix(start): a for name, a in state.items() if name.startswith(start)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", AVERAGING.values(), ids=AVERAGING)
def test_an_evaluation_uses_the_average_and_changes_no_later_step(build, optimizer, dtype):
    learner, batches = build(optimizer, f"training.dtype={dtype}")
    other, other_batches = build(optimizer, f"training.dtype={dtype}")
    train(learner, batches, 6)
    trained = learner.arrays()
    learner.begin_evaluation()
    learner.begin_evaluation()
    averaged = learner.arrays()
    assert np.abs(averaged["head.0.weight"] - trained["head.0.weight"]).max() > 1e-6
    train(learner, batches, 4, start=6)
    train(other, other_batches, 10)
    assert_equal(learner.state(), other.state())


@pytest.mark.parametrize("optimizer", AVERAGING.values(), ids=AVERAGING)
def test_the_average_is_that_of_the_formula(build, optimizer):
    learner, batches = build(optimizer, "training.dtype=float64")
    train(learner, batches, 7)
    state = learner.state()
    learner.begin_evaluation()
    for name, found in learner.arrays().items():
        if optimizer.type.startswith("asgd"):
            expected = pick(state, "ax")[name]
        else:  # y = (1 − β) z + β x
            expected = (state[name] - 0.1 * pick(state, "z")[name]) / 0.9
        # No gradient reaches the last row of the embedding; it is the mean of the others.
        known = slice(None, -1) if name == "embedding.weight" else slice(None)
        np.testing.assert_allclose(found[known], expected[known], rtol=1e-12, atol=1e-14)
    table = learner.arrays()["embedding.weight"]
    np.testing.assert_allclose(table[-1], table[1:-1].mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("optimizer", AVERAGING.values(), ids=AVERAGING)
def test_a_state_taken_in_an_evaluation_is_that_of_training(build, optimizer):
    learner, batches = build(optimizer)
    train(learner, batches, 5)
    state = learner.state()
    learner.begin_evaluation()
    assert_equal(learner.state(), state)
    learner.begin_evaluation()
    learner.load_arrays(arrays := {n: a for n, a in state.items() if not n.startswith("opt")})
    assert_equal(learner.arrays(), arrays)
    batch = next(batches)
    before = learner.differentiate(batch, step=5).loss
    learner.begin_evaluation()
    assert learner.differentiate(batch, step=5).loss == before


def test_an_evaluation_before_the_first_step_uses_the_initial_values(build):
    for optimizer in AVERAGING.values():
        learner, _ = build(optimizer)
        before = learner.arrays()
        learner.begin_evaluation()
        np.testing.assert_array_equal(learner.arrays()["head.0.weight"], before["head.0.weight"])


@pytest.mark.parametrize(
    "optimizer",
    [
        pytest.param(each, id=name, marks=() if each.type in AVERAGING else pytest.mark.long)
        for name, each in OPTIMIZERS.items()
    ],
)
def test_what_predicts_is_what_was_evaluated(engine, tmp_path, optimizer):
    few = ("training.steps=9", "training.evaluate_every_steps=3", f"engine={engine}")
    config = load_config("rnn", (*SETTINGS, *few)).config
    outcome = start(
        config.model_copy(update={"optimizer": optimizer}), runs_dir=tmp_path, command=""
    )
    model, test = load(outcome.folder.path), prepare(config).dataset.test
    predicted = [model.file.labels.index(each.label) for each in model.predict(test.texts)]
    assert outcome.scores.accuracy == np.mean(predicted == test.classes)


def test_networks_side_by_side_are_evaluated_as_alone():
    optimizers = [
        ScheduleFreeSgdSection(learning_rate=0.5),
        ScheduleFreeSgdSection(learning_rate=0.1),
        AdamSection(),
        AsgdSection(learning_rate=0.1, t0=2.0),
        AsgdSection(learning_rate=0.3, t0=2.0),
        ScheduleFreeAdamWSection(learning_rate=0.02, warmup_steps=3),
    ]
    config = load_config("rnn", (*SETTINGS, "engine=numpy")).config
    preparation = prepare(config)
    alone = [
        build_learner(config.model_copy(update={"optimizer": each}), preparation)
        for each in optimizers
    ]
    stack = build_stack(config, preparation, optimizers)
    batches = step_batches(preparation.train_split, build_plan(config, preparation), 0)
    kept = list(range(len(optimizers)))
    for step in range(12):
        batch = next(batches)
        rates = np.array([optimizers[each].learning_rate for each in kept])
        stack.step(batch, step=step, learning_rates=rates, measure_gradient=False)
        for each in kept:
            rate = optimizers[each].learning_rate
            alone[each].step(batch, step=step, learning_rate=rate, measure_gradient=False)
        if step % 3 == 0:
            for each in (stack, *alone):
                each.begin_evaluation()
            for place, each in enumerate(kept):
                assert_equal(stack.arrays(place), alone[each].arrays())
        if step == 6:
            kept = [1, 2, 4, 5]
            stack.keep(kept)
