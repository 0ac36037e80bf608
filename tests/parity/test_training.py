"""Both learners, from one start and on the same batches, go the same way."""

import numpy as np
import pytest
import torch

from every_kind import OPTIMIZERS as EVERY_OPTIMIZER
from nlptrain.config.optimizer import (
    AdagradSection,
    AdamSection,
    AdamWSection,
    RmspropSection,
    SgdSection,
)
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.training.learner import Batch, Objective
from nlptrain.training.numpy_learner import NumpyLearner
from nlptrain.training.torch_learner import TorchLearner

ENCODERS = {
    "pooling": Pooling(),
    "rnn_tanh": Recurrent(hidden_size=8),
    "lstm": Recurrent(cell="lstm", hidden_size=8),
    "gru": Recurrent(cell="gru", hidden_size=8, bidirectional=True),
    "cnn": Convolutional(channels=6, kernel_sizes=(2, 3)),
}
OPTIMIZERS = {
    "sgd": SgdSection(learning_rate=0.1),
    "momentum": SgdSection(learning_rate=0.1, momentum=0.9, weight_decay=0.01),
    "nesterov": SgdSection(learning_rate=0.1, momentum=0.9, nesterov=True),
    "adam": AdamSection(learning_rate=0.01),
    "amsgrad": AdamSection(learning_rate=0.01, amsgrad=True, weight_decay=0.01),
    "adamw": AdamWSection(learning_rate=0.01, weight_decay=0.5),
    "rmsprop": RmspropSection(learning_rate=0.01, eps=1e-4),
    "centered": RmspropSection(centered=True, momentum=0.5, weight_decay=0.01, eps=1e-2),
    "adagrad": AdagradSection(learning_rate=0.01, eps=1e-4),
    "slower adagrad": AdagradSection(
        lr_decay=0.1, weight_decay=0.01, initial_accumulator_value=0.1
    ),
    **{
        name: section
        for name, section in EVERY_OPTIMIZER.items()
        if section.type
        in (
            *("nadam", "radam", "adamax", "adadelta", "rprop", "asgd"),
            *("muon", "lion", "schedule_free_adamw", "schedule_free_sgd"),
        )
    },
}
# They step by a gradient's sign, which is chance where it is rounding error: of the bias before the
# CNN's batch normalization, and of gates once the loss is zero but for rounding.
CASES = [
    (encoder, optimizer)
    for encoder in ENCODERS
    for optimizer in OPTIMIZERS
    if encoder not in ("cnn", "gru", "lstm") or not optimizer.startswith(("lion", "rprop"))
]


def build(learner, encoder, optimizer, *, frozen=False, dtype="float64"):
    architecture = Architecture(
        vocabulary_size=9,
        num_classes=3,
        embedding_dim=4,
        encoder=ENCODERS[encoder],
        normalization="batch" if encoder == "cnn" else "none",
        readout="max" if encoder == "cnn" else "mean",
        dropout=0.3,
    )
    objective = Objective("cross_entropy", np.array([0.5, 2.0, 1.0]), 0.3, 7, True)
    arrays = initial_parameters(architecture, seed=2, dtype=dtype)
    device = {"device": torch.device("cpu")} if learner is TorchLearner else {}
    return learner(
        architecture,
        arrays,
        objective,
        embedding_frozen=frozen,
        optimizer=OPTIMIZERS[optimizer],
        **device,
    )


def train(learner, steps):
    """Learn whether characters 1 or 2 come first, and tell the losses, hits and norms."""
    results = []
    for step in steps:
        generator = np.random.default_rng(step)
        lengths = generator.integers(0, 8, 16)
        ids = generator.integers(1, 9, (16, 7)).astype(np.int32)
        ids[np.arange(7) >= lengths[:, None]] = 0
        batch = Batch(ids, lengths, np.minimum(ids[:, 0], 2).astype(np.int64))
        results.append(learner.step(batch, step=step, learning_rate=0.01, measure_gradient=True))
    return np.array([(each.loss, each.correct, each.grad_norm) for each in results])


@pytest.mark.long
@pytest.mark.parametrize(("encoder", "optimizer"), CASES)
def test_fifty_steps_by_hand_equal_torch(encoder, optimizer):
    by_hand, reference = (build(each, encoder, optimizer) for each in (NumpyLearner, TorchLearner))
    np.testing.assert_allclose(train(by_hand, range(50)), train(reference, range(50)), rtol=1e-9)
    expected = reference.arrays()
    for name, array in by_hand.arrays().items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-7, atol=1e-10, err_msg=name)


@pytest.mark.crossed
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("encoder", ENCODERS)
def test_state_taken_midway_continues_bit_for_bit(encoder, optimizer):
    whole, first, second = (build(NumpyLearner, encoder, optimizer) for _ in range(3))
    expected = train(whole, range(12))
    train(first, range(7))
    second.load_state(first.state())
    np.testing.assert_array_equal(train(second, range(7, 12)), expected[7:])
    for name, array in second.state().items():
        np.testing.assert_array_equal(array, whole.state()[name], err_msg=name)


@pytest.mark.parametrize(
    "optimizer",
    [name for name in OPTIMIZERS if name not in ("sgd", "momentum", "adam", "rmsprop", "adagrad")],
)
def test_torch_continues_what_was_begun_by_hand(optimizer):
    by_hand, reference = (build(each, "gru", optimizer) for each in (NumpyLearner, TorchLearner))
    train(by_hand, range(5))
    reference.load_state(by_hand.state())
    np.testing.assert_allclose(
        train(reference, range(5, 9)), train(by_hand, range(5, 9)), rtol=1e-9
    )


@pytest.mark.parametrize("encoder", ENCODERS)
def test_frozen_embedding_stays_and_the_rest_learns(encoder):
    learner = build(NumpyLearner, encoder, "adam", frozen=True)
    before = learner.arrays()
    train(learner, range(2))
    changed = {name for name, array in learner.arrays().items() if (array != before[name]).any()}
    assert changed == set(before) - {"embedding.weight"}


@pytest.mark.crossed
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("encoder", ENCODERS)
def test_float32_training_computes_in_float32_throughout(encoder, optimizer):
    learner = build(NumpyLearner, encoder, optimizer, dtype="float32")
    train(learner, range(2))
    arrays = [array for array in learner.state().values() if array.ndim]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
