"""torch's convolutions along padded strings, one per kernel size."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the name that every torch user knows)

from nlptrain.numpy_nn.convolution import Convolutional, padding_widths


def build_convolutions(encoder: Convolutional, input_size: int) -> nn.ModuleList:
    """Build one nn.Conv1d per kernel size."""
    return nn.ModuleList(
        nn.Conv1d(
            input_size, encoder.channels, size, stride=encoder.stride, dilation=encoder.dilation
        )
        for size in encoder.kernel_sizes
    )


def convolve(layers: nn.ModuleList, embedded: Tensor, encoder: Convolutional) -> Tensor:
    """Compute the feature maps: (B, T, E), zero at pads → (B, windows, F).

    Padded explicitly, as in the layer by hand, since nn.Conv1d has no padding="same" with a
    stride. A string too short for any window gets one of padding.
    """
    along = embedded.transpose(1, 2)
    maps = []
    for layer, size in zip(layers, encoder.kernel_sizes, strict=True):
        left, right = padding_widths(size, encoder.dilation, encoder.padding)
        reach = encoder.dilation * (size - 1) + 1
        missing = max(reach - along.shape[2] - left - right, 0)
        maps.append(layer(F.pad(along, (left, right + missing))))
    return torch.cat(maps, dim=1).transpose(1, 2)
