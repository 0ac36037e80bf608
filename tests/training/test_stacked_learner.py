import numpy as np
import pytest

from nlptrain.config.load import load_config
from nlptrain.config.optimizer import AdamSection, SgdSection
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.training.assembly import build_learner, build_stack
from nlptrain.training.loop import step_batches
from nlptrain.training.plan import build_plan
from nlptrain.training.preparation import prepare
from nlptrain.training.stacked_learner import FITTING_BYTES, networks_at_once

SETTINGS = (
    "engine=numpy",
    "data.sizes.train=40",
    "data.sizes.validation=12",
    "data.sizes.test=12",
    "model.encoder.hidden_size=5",
    "training.batch_size=8",
)
# The first and the last kind are alike, with another between them.
OPTIMIZERS = (
    SgdSection(learning_rate=0.1, momentum=0.9),
    SgdSection(learning_rate=0.2, momentum=0.9),
    AdamSection(learning_rate=0.01),
    SgdSection(learning_rate=0.3, momentum=0.9),
)


@pytest.fixture
def learners():
    """Build a stack, the same networks alone, and some batches."""
    config = load_config("rnn", SETTINGS).config
    preparation = prepare(config)
    alone = [
        build_learner(config.model_copy(update={"optimizer": optimizer}), preparation)
        for optimizer in OPTIMIZERS
    ]
    batches = step_batches(preparation.train_split, build_plan(config, preparation), 0)
    return build_stack(config, preparation, OPTIMIZERS), alone, batches


def step(stack, alone, batches, networks, steps):
    rates = [OPTIMIZERS[network].learning_rate for network in networks]
    for number in steps:
        batch = next(batches)
        results = stack.step(
            batch, step=number, learning_rates=np.array(rates), measure_gradient=True
        )
        for place, network in enumerate(networks):
            expected = alone[network].step(
                batch, step=number, learning_rate=rates[place], measure_gradient=True
            )
            assert (results[place].loss, results[place].correct) == (
                expected.loss,
                expected.correct,
            )
            assert results[place].grad_norm == pytest.approx(expected.grad_norm)


def check(stack, alone):
    for place, learner in enumerate(alone):
        arrays = stack.arrays(place)
        assert sorted(arrays) == sorted(learner.arrays())
        for name, expected in learner.arrays().items():
            np.testing.assert_array_equal(arrays[name], expected, err_msg=name)


def test_each_network_is_updated_as_alone(learners):
    stack, alone, batches = learners
    step(stack, alone, batches, range(4), range(6))
    check(stack, alone)
    for learner in (stack, *alone):
        learner.begin_evaluation()
    check(stack, alone)


@pytest.mark.parametrize("networks", [[0, 1, 3], [1, 2], [3], [0, 2, 3]], ids=str)
@pytest.mark.parametrize("before", [0, 4])
def test_kept_networks_go_on_as_if_nothing_had_happened(learners, networks, before):
    stack, alone, batches = learners
    step(stack, alone, batches, range(4), range(before))
    stack.keep(networks)
    step(stack, alone, batches, networks, range(before, before + 4))
    check(stack, [alone[network] for network in networks])


@pytest.mark.parametrize("fitting", [1, 3000, 10**9])
def test_logits_are_the_same_however_many_networks_are_computed_at_once(
    learners, monkeypatch, fitting
):
    stack, alone, batches = learners
    step(stack, alone, batches, range(4), range(3))
    batch = next(batches)
    monkeypatch.setattr("nlptrain.training.stacked_learner.FITTING_BYTES", fitting)
    logits = stack.logits(batch.ids, batch.lengths)
    for place, learner in enumerate(alone):
        np.testing.assert_array_equal(logits[place], learner.logits(batch.ids, batch.lengths))


@pytest.mark.parametrize(
    ("encoder", "width"),
    [
        (Pooling(), 16),
        (Recurrent(hidden_size=32), 32),
        (Recurrent(hidden_size=32, bidirectional=True), 64),
        (Recurrent(cell="gru", hidden_size=32), 96),
        (Recurrent(cell="lstm", hidden_size=32, bidirectional=True), 128),
        (Convolutional(channels=8, kernel_sizes=(2, 3)), 16),
    ],
)
def test_widest_array_of_a_stack_fits(encoder, width):
    architecture = Architecture(12, 2, 16, encoder)
    size = networks_at_once(architecture, 600, 4)
    assert size * 600 * width * 4 <= FITTING_BYTES < (size + 1) * 600 * width * 4
    assert networks_at_once(architecture, 10**9, 8) == 1
