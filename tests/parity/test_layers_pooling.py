"""Padding and pooling windows by hand against torch, differences and paper."""

import numpy as np
import pytest
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from nlptrain.numpy_nn.course.padding import pad
from nlptrain.numpy_nn.course.pooling import max_pool, mean_pool

TORCH_MODES = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}


@pytest.mark.crossed
@pytest.mark.parametrize("mode", TORCH_MODES)
@pytest.mark.parametrize(
    ("space", "widths"),
    [
        ((5,), [(2, 1)]),
        ((5,), [(0, 4)]),
        ((4, 3), [(1, 2), (2, 0)]),
        ((2, 2), [(0, 0), (0, 0)]),
        ((3, 1), [(1, 1), (0, 0)]),
    ],
)
def test_padding_equals_torch(check_layer, draw, mode, space, widths):
    flat = [width for pair in reversed(widths) for width in pair]
    check_layer(
        lambda x: pad(x, widths, mode),
        lambda x: F.pad(x, flat, mode=TORCH_MODES[mode]),
        draw(2, 3, *space),
    )


@pytest.mark.parametrize(
    ("mode", "expected", "gradient"),
    [
        ("zeros", [0, 0, 1, 2, 3, 0], [100, 1000, 10000]),
        ("reflect", [3, 2, 1, 2, 3, 2], [100, 101010, 10001]),
        ("replicate", [1, 1, 1, 2, 3, 3], [111, 1000, 110000]),
        ("circular", [2, 3, 1, 2, 3, 1], [100100, 1001, 10010]),
    ],
)
def test_padding_on_paper(mode, expected, gradient):
    y, backward = pad(np.array([1.0, 2.0, 3.0]), [(2, 1)], mode)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(backward(10.0 ** np.arange(6))[0], gradient)


POOLS = [
    (mean_pool, {1: F.avg_pool1d, 2: F.avg_pool2d}),
    (max_pool, {1: F.max_pool1d, 2: F.max_pool2d}),
]
WINDOWS = [
    ((7,), (1,), (1,), (0,)),
    ((7,), (3,), (1,), (1,)),
    ((8,), (2,), (3,), (1,)),
    ((1,), (1,), (1,), (0,)),
    ((6, 8), (2, 2), (1, 1), (0, 0)),
    ((6, 8), (3, 3), (2, 2), (1, 1)),
    ((5, 4), (2, 4), (2, 1), (1, 2)),
    ((3, 1), (3, 1), (1, 1), (0, 0)),
]


@pytest.mark.crossed
@pytest.mark.parametrize(("space", "kernel_size", "stride", "padding"), WINDOWS)
@pytest.mark.parametrize(("layer", "references"), POOLS)
def test_pooling_windows_equal_torch(
    check_layer, draw, layer, references, space, kernel_size, stride, padding
):
    reference = references[len(space)]
    # All below 0, so that a padding of zeros would be the largest.
    x = -1 - np.abs(draw(2, 3, *space))
    check_layer(
        lambda x: layer(x, kernel_size, stride=stride, padding=padding),
        lambda x: reference(x, kernel_size, stride, padding),
        x,
    )


@pytest.mark.crossed
@pytest.mark.parametrize("space", [(9,), (6, 7)])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_first_of_equal_maxima_gets_the_gradient_as_in_torch(check_layer, space, stride, padding):
    x = np.random.default_rng(0).integers(0, 2, (2, 2, *space)).astype(float)
    axes = len(space)
    window = {"stride": (stride,) * axes, "padding": (padding,) * axes}
    reference = POOLS[1][1][axes]
    check_layer(
        lambda x: max_pool(x, (3,) * axes, **window),
        lambda x: reference(x, (3,) * axes, **window),
        x,
        smooth=False,
    )


@pytest.mark.parametrize("layer", [mean_pool, max_pool])
def test_pooling_networks_stand_side_by_side(check_side_by_side, draw, layer):
    check_side_by_side(lambda x: layer(x, (2, 3), stride=(1, 2), padding=(1, 1)), draw(2, 3, 5, 6))


def test_pooling_windows_on_paper():
    x, window = np.array([1.0, 4.0, 4.0, -2.0]), {"stride": (2,), "padding": (1,)}
    y, backward = mean_pool(x, (2,), **window)
    np.testing.assert_array_equal(y, [0.5, 4.0, -1.0])
    np.testing.assert_array_equal(backward(np.array([2.0, 4.0, 6.0]))[0], [1, 2, 2, 3])
    y, backward = max_pool(x, (2,), **window)
    np.testing.assert_array_equal(y, [1.0, 4.0, -2.0])
    np.testing.assert_array_equal(backward(np.array([2.0, 4.0, 6.0]))[0], [2, 4, 0, 6])
