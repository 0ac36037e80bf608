"""Mean, max and last over real positions: torch one string at a time, differences, paper."""

import numpy as np
import pytest
import torch

from nlptrain.numpy_nn.readout import last, maximum, mean

LENGTHS = [np.array([5, 5]), np.array([1, 3, 0, 5]), np.array([1]), np.array([0])]
READOUTS = {"mean": mean, "max": maximum, "last": last}
REFERENCES = {
    "mean": lambda alone: alone.mean(0),
    "max": lambda alone: alone.amax(0),
    "last": lambda alone: alone[-1],
}


def one_by_one(read_out, lengths):
    """Read every string out alone, without its pads; an empty one gives zeros."""

    def reference(x):
        rows = [
            read_out(x[:length, row]) if length else 0 * torch.nan_to_num(x[0, row])
            for row, length in enumerate(lengths)
        ]
        return torch.stack(rows)

    return reference


@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
@pytest.mark.parametrize("name", READOUTS)
def test_readout_equals_torch_on_the_real_positions(check_layer, draw, name, lengths):
    check_layer(
        lambda x: READOUTS[name](x, lengths),
        one_by_one(REFERENCES[name], lengths),
        draw(max(*lengths, 1), len(lengths), 3) - 2,
    )


@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_last_of_both_directions_equals_torch(check_layer, draw, lengths):
    check_layer(
        lambda x: last(x, lengths, 2),
        one_by_one(lambda alone: torch.cat([alone[-1, :2], alone[0, 2:]]), lengths),
        draw(max(*lengths, 1), len(lengths), 4),
    )


def test_equal_maxima_share_the_gradient_as_in_torch(check_layer):
    x = np.random.default_rng(0).integers(0, 2, (6, 4, 3)).astype(float)
    lengths = np.array([6, 2, 4, 1])
    check_layer(
        lambda x: READOUTS["max"](x, lengths),
        one_by_one(REFERENCES["max"], lengths),
        x,
        smooth=False,
    )


@pytest.mark.parametrize("filling", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("name", READOUTS)
def test_what_stands_at_pads_changes_nothing(draw, name, filling):
    x, pull, lengths = draw(5, 4, 3), draw(4, 3), np.array([1, 3, 0, 5])
    real = np.arange(5)[:, None] < lengths
    filled = np.where(real[..., None], x, filling)
    (y, backward), (expected, backward_expected) = (
        READOUTS[name](each, lengths) for each in (filled, x)
    )
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(backward(pull)[0], backward_expected(pull)[0])


@pytest.mark.parametrize("name", READOUTS)
def test_readouts_stand_side_by_side(check_side_by_side, draw, name):
    check_side_by_side(
        lambda x: READOUTS[name](x, np.broadcast_to([5, 1, 3], (*x.shape[:-3], 3))), draw(5, 3, 2)
    )


@pytest.mark.parametrize(
    ("name", "value", "gradient"),
    [("mean", 4 / 3, [2, 2, 2, 0]), ("max", 4, [0, 6, 0, 0]), ("last", 2, [0, 0, 6, 0])],
)
def test_readout_on_paper(name, value, gradient):
    x = np.array([-2.0, 4.0, 2.0, 100.0]).reshape(4, 1, 1)
    y, backward = READOUTS[name](x, np.array([3]))
    np.testing.assert_allclose(y, [[value]], rtol=1e-15)
    np.testing.assert_allclose(backward(np.array([[6.0]]))[0].ravel(), gradient, rtol=1e-15)
