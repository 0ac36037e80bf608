"""N-gram embeddings against torch's plain embedding, a finite difference and a case on paper."""

import numpy as np
import pytest
import torch

from nlptrain.numpy_nn.layer import Context
from nlptrain.numpy_nn.ngram_ids import UNKNOWN, list_keys
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.row_gradient import sum_by_row

TABLES = [
    NGrams(sizes=(1, 2, 3), dim=4, count=40, hashed=True, vocabulary_size=6),
    NGrams(sizes=(2,), dim=1, count=3, hashed=True, vocabulary_size=6, combine="mean"),
    NGrams(sizes=(1, 3), dim=5, count=9, vocabulary_size=6),
    NGrams(sizes=(4,), dim=3, count=2, vocabulary_size=6, boundaries=False, combine="mean"),
]


def make_strings(most=9, strings=7):
    generator = np.random.default_rng(5)
    lengths = generator.integers(0, most + 1, strings)
    lengths[:3] = 0, 1, most
    ids = generator.integers(1, 6, (most, strings))
    ids[np.arange(most)[:, None] >= lengths] = 0
    return ids, lengths


def make_arrays(layer, ids, lengths, draw):
    """Draw a table; its known n-grams are some of those that the strings have."""
    arrays = {"weight": draw(layer.count, layer.dim)}
    if not layer.hashed:
        begin = layer.vocabulary_size if layer.boundaries else None
        listed = list_keys(ids, lengths, layer.sizes, begin)
        keys = np.unique(np.concatenate([keys[is_whole] for _, keys, is_whole in listed]))
        arrays["keys"] = np.sort(np.random.default_rng(6).permutation(keys)[: layer.count])
    return layer.bind(arrays)


def plain_torch(layer, weight, rows):
    """Look up one row after the other, and add them up."""
    vectors = []
    for known in ([row for row in each if row != UNKNOWN] for each in rows.tolist()):
        total = torch.nn.functional.embedding(torch.tensor(known, dtype=torch.long), weight).sum(0)
        number = max(len(known), 1)
        vectors.append(total / (number if layer.combine == "mean" else number**0.5))
    return torch.stack(vectors)


@pytest.mark.parametrize("layer", TABLES)
def test_vectors_and_gradients_equal_torch(layer, draw):
    ids, lengths = make_strings()
    arrays = make_arrays(layer, ids, lengths, draw)
    weight = torch.tensor(arrays["weight"], requires_grad=True)
    context = Context(lengths, training=True, dropout=None)
    expected = plain_torch(layer, weight, layer.read(ids, lengths, arrays).rows)
    y, backward = layer.forward(ids, arrays, context)
    pull = draw(*expected.shape)
    (expected * torch.from_numpy(pull)).sum().backward()
    _, grads = backward(pull)
    np.testing.assert_allclose(y, expected.detach().numpy(), rtol=1e-12, atol=1e-14)
    dense = grads["weight"].to_dense(layer.count)
    np.testing.assert_allclose(dense, weight.grad.numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("layer", TABLES)
def test_gradient_is_a_finite_difference(layer, draw, check_gradient):
    ids, lengths = make_strings()
    arrays = make_arrays(layer, ids, lengths, draw)
    pull = draw(len(lengths), layer.dim)
    y, backward = layer.pool(ids, lengths, arrays)
    square = {"weight": backward(2 * y * pull).to_dense(layer.count)}

    def loss(at):
        return (layer.pool(ids, lengths, {**arrays, **at})[0] ** 2 * pull).sum()

    check_gradient(loss, {"weight": arrays["weight"]}, square)


def test_ngrams_on_paper():
    layer = NGrams(sizes=(1,), dim=2, count=2, vocabulary_size=4, boundaries=True)
    ids = np.array([[1, 3], [2, 0], [1, 0]])
    ((_, keys, _),) = list_keys(np.array([[1, 2]]), np.array([1, 1]), (1,), None)
    order = keys[0].argsort()
    weight = np.array([[1.0, 10.0], [4.0, 40.0]])[order]
    y, backward = layer.pool(
        ids, np.array([3, 1]), layer.bind({"weight": weight, "keys": keys[0][order]})
    )
    # Twice [1, 10] and once [4, 40], over √3; the letter 3 is not known.
    np.testing.assert_allclose(y, [[6 / 3**0.5, 60 / 3**0.5], [0, 0]])
    gradient = backward(np.array([[3**0.5, 0.0], [7.0, 7.0]]))
    np.testing.assert_allclose(gradient.to_dense(2), np.array([[2.0, 0.0], [1.0, 0.0]])[order])


def test_long_string_is_read_in_blocks(draw):
    layer = NGrams(sizes=(1, 2), dim=3, count=11, hashed=True, vocabulary_size=6)
    ids, lengths = make_strings(most=400, strings=3)
    weight = draw(11, 3)
    rows = layer.read(ids, lengths, {}).rows
    y, _ = layer.pool(ids, lengths, {"weight": weight})
    expected = plain_torch(layer, torch.from_numpy(weight), rows).numpy()
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("rows", [1, 3, 50, 2000])
def test_gradients_of_a_row_add_up(rows, draw):
    generator = np.random.default_rng(9)
    read, owners = generator.integers(0, rows, 300), generator.integers(0, 8, 300)
    grad = draw(8, 5)
    expected = np.zeros((rows, 5))
    np.add.at(expected, read, grad[owners])
    found = sum_by_row(read, owners, grad)
    assert found.rows.tolist() == sorted(set(read.tolist()))
    np.testing.assert_allclose(found.to_dense(rows), expected, rtol=1e-12, atol=1e-13)
