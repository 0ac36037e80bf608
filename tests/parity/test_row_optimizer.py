"""Training some rows of a table: against torch's SparseAdam, in both engines, and on paper."""

import numpy as np
import pytest
import torch
from torch import nn

from every_kind import OPTIMIZERS
from nlptrain.config.optimizer import AdamSection, SgdSection
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.row_gradient import RowGradient
from nlptrain.numpy_nn.row_optimizer import RowOptimizer
from nlptrain.numpy_nn.sgd import Sgd
from nlptrain.training.learner import Batch, Objective
from nlptrain.training.numpy_learner import NumpyLearner
from nlptrain.training.torch_learner import TorchLearner

BY_ROWS = {name: section for name, section in OPTIMIZERS.items() if not section.needs_whole_table}
NGRAMS = NGrams(sizes=(1, 2), dim=3, count=60, hashed=True, vocabulary_size=9)
OBJECTIVE = Objective("cross_entropy", None, 0.3, 7, True)


def build(learner, optimizer, *, alone=True, objective=OBJECTIVE):
    architecture = Architecture(
        vocabulary_size=9,
        num_classes=3,
        embedding_dim=4,
        encoder=NGRAMS if alone else Pooling(),
        readout="mean",
        ngrams=None if alone else NGRAMS,
        dropout=0.3,
    )
    arrays = initial_parameters(architecture, seed=2, dtype="float64")
    device = {"device": torch.device("cpu")} if learner is TorchLearner else {}
    return learner(
        architecture, arrays, objective, embedding_frozen=False, optimizer=optimizer, **device
    )


def draw_batch(step):
    generator = np.random.default_rng(step)
    lengths = generator.integers(0, 5, 6)
    ids = generator.integers(1, 9, (6, 4)).astype(np.int32)
    ids[np.arange(4) >= lengths[:, None]] = 0
    return Batch(ids, lengths, np.minimum(ids[:, 0], 2).astype(np.int64))


def train(learner, steps):
    results = []
    for step in steps:
        batch = draw_batch(step)
        results.append(learner.step(batch, step=step, learning_rate=0.01, measure_gradient=True))
    return np.array([(each.loss, each.correct, each.grad_norm) for each in results])


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("optimizer", BY_ROWS)
def test_both_engines_update_the_same_rows(optimizer, alone):
    section = BY_ROWS[optimizer]
    by_hand, reference = (
        build(each, section, alone=alone) for each in (NumpyLearner, TorchLearner)
    )
    np.testing.assert_allclose(train(by_hand, range(8)), train(reference, range(8)), rtol=1e-9)
    expected = reference.state()
    for name, array in by_hand.state().items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-7, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("learner", [NumpyLearner, TorchLearner])
@pytest.mark.parametrize("optimizer", BY_ROWS)
def test_state_taken_midway_continues_bit_for_bit(optimizer, learner):
    whole, first, second = (build(learner, BY_ROWS[optimizer]) for _ in range(3))
    expected = train(whole, range(6))
    train(first, range(3))
    second.load_state(first.state())
    np.testing.assert_array_equal(train(second, range(3, 6)), expected[3:])
    for name, array in second.state().items():
        np.testing.assert_array_equal(array, whole.state()[name], err_msg=name)


def test_adam_of_rows_equals_torchs_sparse_adam(draw):
    # Its ε is not corrected for the bias, so it must not count.
    start, eps = draw(9, 3), 1e-30
    reference = nn.Embedding(9, 3, sparse=True, _weight=torch.from_numpy(start.copy()))
    sparse = torch.optim.SparseAdam(reference.parameters(), lr=0.02, betas=(0.8, 0.9), eps=eps)
    table = start.copy()
    by_hand = RowOptimizer("t", table, lambda part: Adam(part, betas=(0.8, 0.9), eps=eps))
    for step in range(20):
        generator = np.random.default_rng(step)
        rows = np.sort(generator.permutation(9)[: 1 + step % 4])
        values = generator.standard_normal((len(rows), 3))
        sparse.zero_grad()
        (reference(torch.from_numpy(rows)) * torch.from_numpy(values)).sum().backward()
        sparse.step()
        by_hand.step(RowGradient(rows, values.copy()), 0.02)
        expected = reference.weight.detach().numpy()
        np.testing.assert_allclose(table, expected, rtol=1e-10, atol=1e-12)


def test_row_that_is_not_read_neither_moves_nor_decays_on_paper():
    table = np.array([[1.0], [1.0]])
    optimizer = RowOptimizer("t", table, lambda part: Sgd(part, momentum=0.5, weight_decay=0.1))
    optimizer.step(RowGradient(np.array([0, 1]), np.array([[0.9], [1.9]])), 0.1)
    # d = g + 0.1 · 1: 1 and 2.
    np.testing.assert_allclose(table, [[0.9], [0.8]])
    optimizer.step(RowGradient(np.array([1]), np.array([[0.92]])), 0.1)
    # b = 0.5 · 2 + 0.92 + 0.08 = 2.
    np.testing.assert_allclose(table, [[0.9], [0.6]])
    optimizer.step(RowGradient(np.array([0]), np.array([[0.41]])), 0.1)
    # b = 0.5 · 1 + 0.41 + 0.09 = 1, though a step lies between.
    np.testing.assert_allclose(table, [[0.8], [0.6]])


@pytest.mark.parametrize("learner", [NumpyLearner, TorchLearner])
def test_table_has_a_learning_rate_of_its_own(learner):
    section = SgdSection(learning_rate=0.01)
    plain, faster = (
        build(learner, section, objective=Objective("cross_entropy", None, None, 7, True, rate))
        for rate in (None, 0.03)
    )
    before = plain.arrays()
    for each in (plain, faster):
        train(each, range(1))
    for name, array in plain.arrays().items():
        factor = 3 if name == "encoder.weight" else 1
        np.testing.assert_allclose(
            faster.arrays()[name] - before[name], factor * (array - before[name]), atol=1e-15
        )


@pytest.mark.parametrize("learner", [NumpyLearner, TorchLearner])
def test_table_has_an_optimizer_of_its_own(learner):
    rate = 0.5
    by_sgd = Objective("cross_entropy", None, None, 7, True, rate, SgdSection())
    mixed, plain = (
        build(learner, AdamSection(learning_rate=0.01), objective=objective)
        for objective in (by_sgd, Objective("cross_entropy", None, None, 7, True))
    )
    before, batch = mixed.arrays(), draw_batch(0)
    gradient = mixed.differentiate(batch, step=0).gradients["encoder.weight"]
    for each in (mixed, plain):
        each.step(batch, step=0, learning_rate=0.01, measure_gradient=True)
    found, expected = mixed.arrays(), plain.arrays()
    expected["encoder.weight"] = before["encoder.weight"] - rate * gradient
    for name, array in found.items():
        np.testing.assert_allclose(array, expected[name], rtol=0, atol=1e-15, err_msg=name)
    assert np.abs(gradient).max() > 0
    state = [name for name in mixed.state() if name.startswith("optimizer")]
    assert state
    assert not any(name.endswith("encoder.weight") for name in state)


@pytest.mark.parametrize("learner", [NumpyLearner, TorchLearner])
def test_infinite_row_stops_the_step(learner):
    network = build(learner, AdamSection())
    arrays = network.arrays()
    arrays["encoder.weight"][:] = np.inf
    network.load_arrays(arrays)
    batch = Batch(np.ones((1, 1), np.int32), np.array([1]), np.array([0]))
    result = network.step(batch, step=0, learning_rate=0.1, measure_gradient=True)
    assert not result.finite
    np.testing.assert_array_equal(network.arrays()["head.0.weight"], arrays["head.0.weight"])
