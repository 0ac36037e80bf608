"""The embedding's rows and their gradient against torch, for both ways of adding up rows."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from nlptrain.numpy_nn.embedding import SMALL_VOCABULARY, look_up, sum_rows

SIZES = (1, 8, SMALL_VOCABULARY, SMALL_VOCABULARY + 1, 1000)


def make_ids(vocabulary, shape=(6, 5)):
    """Draw token ids, some many times, with pads before, between and behind."""
    ids = np.random.default_rng(2).integers(0, vocabulary, shape)
    ids[[0, 2, -1], [0, 1, -1]] = 0
    ids[1] = vocabulary - 1
    return ids


@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.parametrize("vocabulary", SIZES)
def test_look_up_equals_torch(draw, vocabulary, width):
    ids, table = make_ids(vocabulary), draw(vocabulary, width)
    tensor = torch.tensor(table, requires_grad=True)
    expected = F.embedding(torch.from_numpy(ids), tensor)
    pull = draw(*expected.shape)
    (expected * torch.from_numpy(pull)).sum().backward()
    y, backward = look_up(ids, table)
    np.testing.assert_array_equal(y, expected.detach().numpy())
    np.testing.assert_allclose(backward(pull), tensor.grad.numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("vocabulary", SIZES)
def test_look_up_gradient_is_a_finite_difference(check_gradient, draw, vocabulary):
    ids, table = make_ids(vocabulary), draw(vocabulary, 3)
    pull = draw(*ids.shape, 3)
    grads = {"table": look_up(ids, table)[1](pull)}
    # Squares, so that the difference is not exact by itself.
    square = {"table": look_up(ids, table)[1](2 * look_up(ids, table)[0] * pull)}
    check_gradient(lambda at: (look_up(ids, at["table"])[0] * pull).sum(), {"table": table}, grads)
    check_gradient(
        lambda at: (look_up(ids, at["table"])[0] ** 2 * pull).sum(), {"table": table}, square
    )


def test_repeated_ids_add_up_on_paper():
    ids = np.array([[1, 0], [1, 2]])
    _, backward = look_up(ids, np.zeros((4, 2)))
    grad = backward(np.array([[[1.0, 2.0], [9.0, 9.0]], [[10.0, 20.0], [5.0, 6.0]]]))
    np.testing.assert_array_equal(grad, [[9, 9], [11, 22], [5, 6], [0, 0]])


@pytest.mark.parametrize("vocabulary", [4, 300])
def test_tables_stand_side_by_side(draw, vocabulary):
    ids = np.stack([make_ids(vocabulary), make_ids(vocabulary)[::-1]])
    tables, pull = draw(2, vocabulary, 3), draw(*ids.shape, 3)
    y, backward = look_up(ids, tables)
    grad = backward(pull)
    for index in range(2):
        alone, backward_alone = look_up(ids[index], tables[index])
        np.testing.assert_array_equal(y[index], alone)
        np.testing.assert_allclose(grad[index], backward_alone(pull[index]), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("count", [3, 500])
def test_rows_without_an_id_sum_to_zero(count):
    sums = sum_rows(np.array([1, 1]), np.array([[1.0], [2.0]]), count)
    np.testing.assert_array_equal(sums[:, 0], [0, 3, *[0] * (count - 2)])
