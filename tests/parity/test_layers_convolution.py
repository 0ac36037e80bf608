"""Both convolutions by hand against torch, each other, differences and paper."""

import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from nlptrain.numpy_nn.convolution import conv1d, output_lengths
from nlptrain.numpy_nn.course.convolution_nd import convolution

MODES = ("zeros", "reflect", "replicate", "circular")
CONVOLUTIONS_1D = list(itertools.product((1, 2), (1, 3), (0, 1, 2), (1, 2), MODES))
CONVOLUTIONS_2D = list(
    itertools.product([(1, 1), (2, 3)], [(1, 1), (2, 1)], [(0, 0), (1, 2)], [(1, 1), (1, 2)], MODES)
)


def torch_convolution(x, weight, bias, *, stride, dilation, padding, padding_mode, groups):
    """Convolve as nn.Conv1d and nn.Conv2d do: padding of another mode comes first."""
    if padding_mode != "zeros":
        widths = [width for size in reversed(padding) for width in (size, size)]
        x, padding = F.pad(x, widths, mode=padding_mode), 0
    apply = {1: F.conv1d, 2: F.conv2d}[len(stride)]
    return apply(x, weight, bias, stride, padding, dilation, groups)


def compare(check_layer, draw, *, space, channels, kernel_size, bias=True, groups=1, **options):
    """Hold the general convolution against torch's; channels are (inputs, outputs)."""
    inputs, outputs = channels
    arrays = {"weight": draw(outputs, inputs // groups, *kernel_size)}
    if bias:
        arrays["bias"] = draw(outputs)
    options = {"padding_mode": "zeros", "groups": groups, **options}
    check_layer(
        lambda x, weight, bias=None: convolution(x, weight, bias, **options),
        lambda x, weight, bias=None: torch_convolution(x, weight, bias, **options),
        draw(2, inputs, *space),
        **arrays,
    )


@pytest.mark.parametrize(("stride", "kernel", "padding", "dilation", "mode"), CONVOLUTIONS_1D)
def test_convolution_along_one_axis_equals_torch(
    check_layer, draw, stride, kernel, padding, dilation, mode
):
    compare(
        check_layer,
        draw,
        space=(7,),
        channels=(3, 4),
        kernel_size=(kernel,),
        stride=(stride,),
        padding=(padding,),
        dilation=(dilation,),
        padding_mode=mode,
    )


@pytest.mark.parametrize(("kernel_size", "stride", "padding", "dilation", "mode"), CONVOLUTIONS_2D)
def test_convolution_over_two_axes_equals_torch(
    check_layer, draw, kernel_size, stride, padding, dilation, mode
):
    compare(
        check_layer,
        draw,
        space=(5, 6),
        channels=(2, 3),
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        padding_mode=mode,
    )


@pytest.mark.crossed
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("groups", "channels"), [(1, (1, 1)), (2, (4, 6)), (3, (3, 3)), (4, (4, 8))]
)
def test_convolution_in_groups_and_without_bias_equals_torch(
    check_layer, draw, groups, channels, bias
):
    compare(
        check_layer,
        draw,
        space=(4, 5),
        channels=channels,
        kernel_size=(2, 3),
        bias=bias,
        groups=groups,
        stride=(2, 1),
        padding=(1, 1),
        dilation=(1, 1),
    )


@pytest.mark.crossed
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("kernel_size", "dilation"), [((3, 2), (1, 1)), ((4, 1), (2, 3))])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_convolution_with_padding_by_name_equals_torch(
    check_layer, draw, padding, kernel_size, dilation
):
    compare(
        check_layer,
        draw,
        space=(8, 5),
        channels=(2, 2),
        kernel_size=kernel_size,
        stride=(1, 1),
        padding=padding,
        dilation=dilation,
    )


def test_convolution_of_one_number_equals_torch(check_layer, draw):
    once = {"stride": (1,), "padding": (0,), "dilation": (1,)}
    compare(check_layer, draw, space=(1,), channels=(1, 1), kernel_size=(1,), **once)


def test_convolution_without_room_for_a_window_is_refused(draw):
    with pytest.raises(ValueError, match="larger than input"):
        convolution(draw(1, 1, 2), draw(1, 1, 3), stride=(1,), dilation=(1,))


def test_convolutions_stand_side_by_side(check_side_by_side, draw):
    options = {"stride": (1, 2), "dilation": (1, 1), "padding": (1, 0), "groups": 2}
    check_side_by_side(
        lambda x, weight, bias: convolution(x, weight, bias, **options),
        draw(3, 4, 5, 6),
        weight=draw(6, 2, 3, 2),
        bias=draw(6),
    )


def test_convolution_on_paper():
    x, weight = np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[1.0, 10.0]]])
    y, backward = convolution(x, weight, np.array([0.5]), stride=(2,), dilation=(1,))
    np.testing.assert_array_equal(y, [[[21.5, 84.5]]])
    grad_x, grads = backward(np.array([[[1.0, 3.0]]]))
    np.testing.assert_array_equal(grad_x, [[[1.0, 10.0, 3.0, 30.0]]])
    np.testing.assert_array_equal(grads["weight"], [[[13.0, 26.0]]])
    np.testing.assert_array_equal(grads["bias"], [4.0])


@pytest.mark.crossed
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"), [(1, 1, 1), (3, 1, 1), (2, 2, 1), (4, 3, 2), (3, 2, 3)]
)
def test_networks_convolution_equals_the_general_one(draw, kernel, stride, dilation, padding):
    x, weight, bias = draw(9, 4, 3), draw(5, 3, kernel), draw(5)
    y, backward = conv1d(x, weight, bias, stride, dilation, padding)
    expected, backward_general = convolution(
        x.transpose(1, 2, 0), weight, bias, stride=(stride,), dilation=(dilation,), padding=padding
    )
    np.testing.assert_allclose(y, expected.transpose(2, 0, 1), rtol=1e-12, atol=1e-13)
    pull = draw(*y.shape)
    grad_x, grads = backward(pull)
    grad_general, grads_general = backward_general(pull.transpose(1, 2, 0))
    np.testing.assert_allclose(grad_x, grad_general.transpose(2, 0, 1), rtol=1e-12, atol=1e-12)
    for name in ("weight", "bias"):
        np.testing.assert_allclose(grads[name], grads_general[name], rtol=1e-12, atol=1e-12)


@pytest.mark.crossed
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(1, 1, 1), (3, 1, 1), (4, 3, 2)])
def test_networks_convolution_equals_torch(check_layer, draw, kernel, stride, dilation, padding):
    total = dilation * (kernel - 1) if padding == "same" else 0

    def reference(x, weight, bias):
        padded = F.pad(x.permute(1, 2, 0), (total // 2, total - total // 2))
        y = F.conv1d(padded, weight, bias, stride=stride, dilation=dilation)
        return y.permute(2, 0, 1)

    check_layer(
        lambda x, weight, bias: conv1d(x, weight, bias, stride, dilation, padding),
        reference,
        draw(8, 3, 2),
        weight=draw(4, 2, kernel),
        bias=draw(4),
    )


def test_networks_convolutions_stand_side_by_side(check_side_by_side, draw):
    check_side_by_side(
        lambda x, weight, bias: conv1d(x, weight, bias, 2, 1, "same"),
        draw(7, 3, 2),
        weight=draw(4, 2, 3),
        bias=draw(4),
    )


@pytest.mark.crossed
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(1, 1, 1), (2, 1, 1), (4, 3, 2)])
def test_windows_are_counted_as_torch_makes_them(kernel, stride, dilation, padding):
    total = dilation * (kernel - 1) if padding == "same" else 0
    counts = []
    for length in range(1, 12):
        room = length + total >= dilation * (kernel - 1) + 1
        padded = torch.zeros(1, 1, length + total)
        weight = torch.zeros(1, 1, kernel)
        y = F.conv1d(padded, weight, stride=stride, dilation=dilation) if room else padded[..., :0]
        counts.append(y.shape[-1])
    lengths = output_lengths(np.arange(12), kernel, stride, dilation, padding)
    np.testing.assert_array_equal(lengths, [0, *counts])
