import numpy as np
import pytest
import torch

from every_kind import NORMALIZATIONS
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
from nlptrain.text.vocabulary import Vocabulary
from nlptrain.training.learner import Batch, Objective
from nlptrain.training.torch_learner import TorchLearner

ENCODERS = {
    "pooling": Pooling(),
    **{cell: Recurrent(cell, 6) for cell in ("rnn_tanh", "rnn_relu", "gru", "lstm")},
    "bidirectional": Recurrent("lstm", 3, 2, bidirectional=True),
    "cnn": Convolutional(channels=6, kernel_sizes=(2, 3)),
}
TEXTS = ["abc", "bd", "caa", "dd", "acdb", "b", "add", "cc"]
CLASSES = np.array([0, 1, 1, 0, 1, 0, 0, 1])
VOCABULARY = Vocabulary("abcd")
OPTIMIZERS = {
    "sgd": SgdSection(learning_rate=0.1),
    "momentum": SgdSection(learning_rate=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": AdamSection(learning_rate=0.01),
    "amsgrad": AdamSection(learning_rate=0.01, amsgrad=True, weight_decay=0.01),
    "adam_by_hand": AdamSection(type="adam_by_hand", learning_rate=0.01),
    "amsgrad by hand": AdamSection(type="adam_by_hand", learning_rate=0.01, amsgrad=True),
    "adamw": AdamWSection(learning_rate=0.01),
    "rmsprop": RmspropSection(momentum=0.5, centered=True, eps=1e-2),
    "adagrad": AdagradSection(initial_accumulator_value=0.1, lr_decay=0.1),
}


def make_batch(texts=TEXTS, classes=CLASSES):
    return Batch(*VOCABULARY.encode(texts).batch(np.arange(len(texts))), classes)


def make_learner(encoder=None, optimizer=None, *, frozen=False, objective=None, **kinds):
    options = {"loss": "bce", "class_weights": None, "max_grad_norm": None, "seed": 3}
    options |= {"unknown_is_trained": False} | (objective or {})
    output = "softmax" if options["loss"] == "cross_entropy" else "sigmoid"
    encoder = encoder or ENCODERS["rnn_tanh"]
    architecture = Architecture(len(VOCABULARY), 2, 5, encoder, output=output, **kinds)
    return TorchLearner(
        architecture,
        initial_parameters(architecture, seed=1, dtype="float64"),
        Objective(**options),
        embedding_frozen=frozen,
        optimizer=optimizer or SgdSection(learning_rate=0.1),
        device=torch.device("cpu"),
    )


def take_steps(learner, count, first=0, learning_rate=0.1, batch=None):
    batch = batch or make_batch()
    return [
        learner.step(batch, step=step, learning_rate=learning_rate, measure_gradient=True)
        for step in range(first, first + count)
    ]


def differences(learner, before):
    after = learner.arrays()
    return {name: after[name] - before[name] for name in before}


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=ENCODERS)
def test_one_step_changes_every_parameter_that_should_change(encoder, normalization):
    kinds = {"normalization": normalization, "readout": "max", "head_hidden_sizes": (4,)}
    learner = make_learner(encoder, head_activation="tanh", **kinds)
    before = learner.arrays()
    take_steps(learner, 1)
    changes = differences(learner, before)
    assert not changes["embedding.weight"][[0, -1]].any()
    # A bias in front of a mean that is taken out has no effect, and so no gradient.
    is_idle = encoder.type == "cnn" and normalization in ("batch", "instance")
    idle = {"encoder.0.bias", "encoder.1.bias"} if is_idle else set()
    assert {name for name, change in changes.items() if not change.any()} == idle
    assert changes["embedding.weight"][1:-1].any(axis=1).all()


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=ENCODERS)
def test_eight_strings_are_learnt_by_heart(encoder):
    learner = make_learner(encoder, AdamSection(), readout="mean", head_hidden_sizes=(16,))
    take_steps(learner, 150, learning_rate=0.05)
    (last,) = take_steps(learner, 1)
    assert last.loss < 0.02
    assert last.correct == 8


@pytest.mark.parametrize("kind", ["mse", "cross_entropy"])
def test_the_other_losses_learn_by_heart_too(kind):
    learner = make_learner(optimizer=AdamSection(), objective={"loss": kind})
    take_steps(learner, 150, learning_rate=0.05)
    assert take_steps(learner, 1)[0].loss < 0.02


def test_step_reports_loss_and_hits_before_the_update():
    learner = make_learner()
    batch = make_batch()
    logits = learner.logits(batch.ids, batch.lengths)[:, 0]
    (result,) = take_steps(learner, 1)
    assert result.correct == ((logits >= 0) == CLASSES).sum()
    assert result.loss == pytest.approx(np.logaddexp(0, (1 - 2 * CLASSES) * logits).mean())


def test_sgd_moves_by_the_learning_rate_of_the_step():
    moves = []
    for learning_rate in (0.1, 0.3):
        learner = make_learner()
        before = learner.arrays()
        take_steps(learner, 1, learning_rate=learning_rate)
        moves.append(differences(learner, before))
    for name, move in moves[0].items():
        np.testing.assert_allclose(moves[1][name], 3 * move, rtol=1e-9, atol=1e-15)


def test_clipping_limits_the_update_but_not_the_reported_norm():
    plain, clipped = make_learner(), make_learner(objective={"max_grad_norm": 0.01})
    before = clipped.arrays()
    (expected,), (found,) = take_steps(plain, 1), take_steps(clipped, 1, learning_rate=1.0)
    squares = [np.square(each).sum() for each in differences(clipped, before).values()]
    assert np.sqrt(sum(squares)) == pytest.approx(0.01, rel=1e-4)
    assert found.grad_norm == pytest.approx(expected.grad_norm)
    assert found.grad_norm > 0.01


def test_small_gradient_is_not_clipped():
    plain, clipped = make_learner(), make_learner(objective={"max_grad_norm": 1e6})
    take_steps(plain, 2)
    take_steps(clipped, 2)
    np.testing.assert_array_equal(
        plain.arrays()["head.0.weight"], clipped.arrays()["head.0.weight"]
    )


def test_gradient_norm_is_that_of_the_update():
    learner = make_learner()
    before = learner.arrays()
    (result,) = take_steps(learner, 1, learning_rate=1.0)
    squares = [np.square(each).sum() for each in differences(learner, before).values()]
    assert result.grad_norm == pytest.approx(np.sqrt(sum(squares)))


def test_class_weight_counts_like_repeated_strings():
    weighted = make_learner(objective={"class_weights": np.array([1.0, 2.0])})
    repeated = make_learner()
    take_steps(weighted, 1)
    twice = np.concatenate([np.arange(8), np.flatnonzero(CLASSES == 1)])
    batch = make_batch([TEXTS[index] for index in twice], CLASSES[twice])
    take_steps(repeated, 1, batch=batch)
    for name, array in repeated.arrays().items():
        np.testing.assert_allclose(weighted.arrays()[name], array, rtol=0, atol=1e-14)


def test_dropout_is_a_function_of_the_step():
    losses = [take_steps(make_learner(dropout=0.5), 1, first)[0].loss for first in (0, 0, 1)]
    assert losses[0] == losses[1] != losses[2]


def test_predicting_drops_nothing_and_teaches_nothing():
    learner = make_learner(dropout=0.5, normalization="batch")
    batch = make_batch()
    take_steps(learner, 1)
    before = learner.arrays()
    first, second = (learner.logits(batch.ids, batch.lengths) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not any(change.any() for change in differences(learner, before).values())


def test_frozen_embedding_keeps_its_values():
    learner = make_learner(optimizer=AdamSection(weight_decay=0.1), frozen=True)
    before = learner.arrays()
    take_steps(learner, 3)
    changes = differences(learner, before)
    assert not changes["embedding.weight"].any()
    assert changes["encoder.weight_ih_l0"].any()


def test_unknown_that_was_never_met_becomes_the_mean_of_the_characters():
    learner = make_learner()
    take_steps(learner, 2)
    learner.begin_evaluation()
    table = learner.arrays()["embedding.weight"]
    np.testing.assert_allclose(table[-1], table[1:-1].mean(axis=0))


def test_unknown_that_was_trained_stays():
    learner = make_learner(objective={"unknown_is_trained": True})
    before = learner.arrays()
    take_steps(learner, 1, batch=make_batch(["ax", "b"], CLASSES[:2]))
    trained = learner.arrays()["embedding.weight"]
    learner.begin_evaluation()
    np.testing.assert_array_equal(learner.arrays()["embedding.weight"], trained)
    assert (trained[-1] != before["embedding.weight"][-1]).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_loaded_state_goes_on_bit_for_bit(optimizer):
    kinds = {"normalization": "batch", "dropout": 0.3}
    learner, other = (make_learner(ENCODERS["lstm"], optimizer, **kinds) for _ in range(2))
    take_steps(learner, 3)
    other.load_state(learner.state())
    assert take_steps(other, 4, first=3) == take_steps(learner, 4, first=3)
    expected, found = learner.state(), other.state()
    assert found.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name])


def test_state_of_the_start_can_be_loaded():
    learner, other = make_learner(optimizer=AdamSection()), make_learner(optimizer=AdamSection())
    other.load_state(learner.state())
    assert take_steps(other, 2) == take_steps(learner, 2)


def test_state_and_arrays_are_copies():
    learner = make_learner(optimizer=AdamSection())
    take_steps(learner, 1)
    state, arrays = learner.state(), learner.arrays()
    kept = {name: array.copy() for name, array in {**state, **arrays}.items()}
    take_steps(learner, 1, first=1)
    for name, array in {**state, **arrays}.items():
        np.testing.assert_array_equal(array, kept[name])


def test_loading_leaves_the_given_arrays_alone():
    learner, other = make_learner(optimizer=AdamSection()), make_learner(optimizer=AdamSection())
    take_steps(learner, 1)
    state = learner.state()
    kept = {name: array.copy() for name, array in state.items()}
    other.load_state(state)
    take_steps(other, 2, first=1)
    for name, array in state.items():
        np.testing.assert_array_equal(array, kept[name])
