"""Convolution along the string (cross-correlation, as in every deep-learning library)."""

from dataclasses import dataclass
from functools import reduce
from typing import Literal

import numpy as np

from nlptrain.numpy_nn.arrays import Arrays, Backward, Floats, Grads, Lengths
from nlptrain.numpy_nn.layer import Context, Encoder, Parameter, Words, uniform
from nlptrain.settings import kinds


@dataclass(frozen=True)
class Convolutional(Encoder):
    """Feature maps along the string, concatenated over the kernel sizes."""

    channels: int = 64
    kernel_sizes: tuple[int, ...] = (3,)
    stride: int = 1
    dilation: int = 1
    padding: kinds.Padding = "same"
    type: Literal["cnn"] = "cnn"

    @property
    def keeps_positions(self) -> bool:  # type: ignore[override]
        """False with a stride or without padding, which leave fewer windows."""
        return self.padding == "same" and self.stride == 1

    @property
    def letters_in_view(self) -> int | None:
        """The span of the widest kernel; None with a stride, whose windows depend on position."""
        return self.dilation * (max(self.kernel_sizes) - 1) + 1 if self.stride == 1 else None

    @property
    def words(self) -> Words:
        """The layer in plain words."""
        sizes = " and ".join(map(str, self.kernel_sizes))
        several = len(self.kernel_sizes) > 1
        plural = "s" if several or self.kernel_sizes[0] > 1 else ""
        sentence = (
            f"{self.channels:,} kernels over {sizes} character{plural} slide along the string: at "
            "each position the sum of kernel × embeddings, plus a bias. "
            "A · marks the zeros outside."
        )
        if several:
            sentence += (
                " Each size has this many kernels; a row's name shows the widest kernel's window."
            )
        formula = r"y_t = \sum_k W_k\, x_{s t + d k - p} + b"
        return Words("embedding → feature maps", sentence, formula=formula)

    def output_size(self, input_size: int) -> int:
        """Count the feature maps."""
        return self.channels * len(self.kernel_sizes)

    def parameters(self, input_size: int) -> dict[str, Parameter]:
        """List the kernels and biases, one pair per size."""
        parameters = {}
        for index, size in enumerate(self.kernel_sizes):
            start = uniform(input_size * size)
            parameters[f"{index}.weight"] = Parameter((self.channels, input_size, size), start)
            parameters[f"{index}.bias"] = Parameter((self.channels,), start)
        return parameters

    def count_positions(self, lengths: Lengths) -> Lengths:
        """Count each string's windows, the same for every kernel size."""
        size = self.kernel_sizes[0]
        return output_lengths(lengths, size, self.stride, self.dilation, self.padding)

    def places(self, position: int) -> range:
        """List the characters in a window of the widest kernel, including those outside."""
        widest = max(self.kernel_sizes)
        first = position * self.stride - padding_widths(widest, self.dilation, self.padding)[0]
        return range(first, first + widest * self.dilation, self.dilation)

    def forward(self, x: Floats, arrays: Arrays, context: Context) -> tuple[Floats, Backward]:
        """Compute the feature maps of all kernel sizes, concatenated."""
        maps, backwards = [], []
        for index in range(len(self.kernel_sizes)):
            feature_map, backward = conv1d(
                x,
                arrays[f"{index}.weight"],
                arrays[f"{index}.bias"],
                self.stride,
                self.dilation,
                self.padding,
            )
            maps.append(feature_map)
            backwards.append(backward)
        features = maps[0] if len(maps) == 1 else np.concatenate(maps, axis=-1)
        return features, lambda grad: _join_maps(grad, backwards)


def _join_maps(grad: Floats, backwards: list[Backward]) -> tuple[Floats, Grads]:
    """Go back through the feature maps, adding up their gradients for the input."""
    parts = zip(backwards, np.split(grad, len(backwards), axis=-1), strict=True)
    inputs, by_map = zip(*(backward(part) for backward, part in parts), strict=True)
    grads = {
        f"{index}.{name}": value for index, own in enumerate(by_map) for name, value in own.items()
    }
    return reduce(np.add, inputs), grads


def padding_widths(kernel_size: int, dilation: int, padding: str) -> tuple[int, int]:
    """Return how many zeros pad the string left and right; an odd one is on the right."""
    total = dilation * (kernel_size - 1) if padding == "same" else 0
    return total // 2, total - total // 2


def output_lengths(
    lengths: Lengths, kernel_size: int, stride: int, dilation: int, padding: str
) -> Lengths:
    """Count each string's windows: ⌊(T + P − d (K − 1) − 1) / s⌋ + 1, at least 0.

    An empty string has none, whatever the padding.
    """
    left, right = padding_widths(kernel_size, dilation, padding)
    windows = (lengths + left + right - dilation * (kernel_size - 1) - 1) // stride + 1
    return np.where(lengths > 0, np.maximum(windows, 0), 0)


def conv1d(
    x: Floats, weight: Floats, bias: Floats, stride: int, dilation: int, padding: str
) -> tuple[Floats, Backward]:
    """Compute y[t] = Σ_k W[:, :, k] x[s·t + d·k − left] + b, with zeros outside the string.

    The windows are laid out as rows, (…, windows · B, K · I), so that one product does all taps.

    Args:
        x: Inputs (…, T, B, I), zero at pads.
        weight: W (…, O, I, K), torch's layout.
        bias: b (…, O).
        stride: s.
        dilation: d.
        padding: same or valid.

    Returns:
        Outputs (…, windows, B, O); at least one window, of padding if the string is too short.
    """
    kernel_size, inputs = weight.shape[-1], weight.shape[-2]
    left, right = padding_widths(kernel_size, dilation, padding)
    reach = dilation * (kernel_size - 1) + 1
    missing = max(reach - x.shape[-3] - left - right, 0)
    length = left + x.shape[-3] + right + missing
    windows = (length - reach) // stride + 1
    spans = [
        slice(tap * dilation, tap * dilation + (windows - 1) * stride + 1, stride)
        for tap in range(kernel_size)
    ]
    padded = np.zeros((*x.shape[:-3], length, *x.shape[-2:]), x.dtype)
    padded[..., left : left + x.shape[-3], :, :] = x
    columns = np.concatenate([padded[..., span, :, :] for span in spans], axis=-1)
    flat = columns.reshape(*x.shape[:-3], windows * x.shape[-2], kernel_size * inputs)
    kernels = weight.swapaxes(-1, -2).reshape(*weight.shape[:-2], kernel_size * inputs)
    y = flat @ kernels.mT
    y += bias[..., None, :]

    def backward(grad_y: Floats) -> tuple[Floats, Grads]:
        grad = grad_y.reshape(y.shape)
        grad_kernels = (grad.mT @ flat).reshape(*weight.shape[:-2], kernel_size, inputs)
        grad_columns = (grad @ kernels).reshape(columns.shape)
        grad_padded = np.zeros_like(padded)
        for tap, span in enumerate(spans):
            part = slice(tap * inputs, (tap + 1) * inputs)
            grad_padded[..., span, :, :] += grad_columns[..., part]
        grads = {"weight": grad_kernels.swapaxes(-1, -2), "bias": grad.sum(axis=-2)}
        return grad_padded[..., left : left + x.shape[-3], :, :], grads

    return y.reshape(*x.shape[:-3], windows, x.shape[-2], bias.shape[-1]), backward
