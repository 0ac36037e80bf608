"""The folds of the embedding table into the next layer equal the plain forms beside them."""

import numpy as np
import pytest

from nlptrain.numpy_nn.embedding import look_up, mean_embedding
from nlptrain.numpy_nn.readout import mean
from nlptrain.numpy_nn.recurrent import fold_embedding, project, reversed_positions

RAGGED, FULL = np.array([3, 0, 1, 6]), np.array([6, 6, 6, 6])
LENGTHS = pytest.mark.parametrize("lengths", [RAGGED, FULL], ids=["ragged", "full"])
VOCABULARY = pytest.mark.parametrize("vocabulary", [2, 5, 300])


def make_ids(vocabulary, lengths):
    """Draw token ids, time first, with pads behind each string; many repeat."""
    ids = np.random.default_rng(2).integers(1, vocabulary, (6, len(lengths)))
    return np.where(np.arange(6)[:, None] < lengths, ids, 0)


def make_table(draw, vocabulary):
    table = draw(vocabulary, 3)
    table[0] = 0
    return table


def compare(grads, expected):
    """Hold gradients against each other; the padding row's is dropped by the network anyway."""
    assert sorted(grads) == sorted(expected)
    for name, grad in expected.items():
        first = int(name == "table")
        np.testing.assert_allclose(
            grads[name][first:], grad[first:], rtol=1e-11, atol=1e-13, err_msg=name
        )


@LENGTHS
@VOCABULARY
def test_mean_from_character_counts_is_the_mean_of_the_rows(draw, vocabulary, lengths):
    ids, table, pull = make_ids(vocabulary, lengths), make_table(draw, vocabulary), draw(4, 3)
    rows, backward_rows = look_up(ids, table)
    expected, backward_mean = mean(rows, lengths)
    y, backward = mean_embedding(ids, table, lengths)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14)
    compare({"table": backward(pull)}, {"table": backward_rows(backward_mean(pull)[0])})


@LENGTHS
@VOCABULARY
@pytest.mark.parametrize("both", [False, True])
def test_projected_table_is_the_projection_of_the_rows(draw, vocabulary, lengths, both):
    ids, table = make_ids(vocabulary, lengths), make_table(draw, vocabulary)
    weight, bias = draw(4, 3), draw(4)
    order = reversed_positions(lengths, 6) if both else None
    rows, backward_rows = look_up(ids, table)
    plain, backward_plain = project(rows)(weight, bias, order)
    folded, backward = fold_embedding(ids, table)(weight, bias, order)
    (expected, _), (y, _) = plain.rows(), folded.rows()
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14)
    pull = draw(*y.shape)
    grads = backward_plain(pull)
    compare(backward(pull), grads | {"table": backward_rows(grads.pop("x"))})
