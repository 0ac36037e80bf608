"""Convolutions along the string as ONNX's operator."""

import numpy as np

from nlptrain.export.onnx.graph import Graph
from nlptrain.export.onnx.positions import Positions
from nlptrain.numpy_nn.arrays import Arrays
from nlptrain.numpy_nn.convolution import Convolutional, padding_widths


def add_convolution(
    graph: Graph, encoder: Convolutional, x: str, arrays: Arrays, positions: Positions
) -> tuple[str, Positions]:
    """Add the feature maps of all kernel sizes: embeddings (T, B, E) → (P, B, F).

    Without padding, zeros are put behind the strings all the same, so that a batch of short strings
    has a window; those that reach beyond a string's end are none of its real positions.
    """
    by_channel = graph.add("Transpose", x, perm=[1, 2, 0])
    maps = []
    for index, size in enumerate(encoder.kernel_sizes):
        left, right = padding_widths(size, encoder.dilation, encoder.padding)
        beyond = encoder.dilation * (size - 1) - left - right
        maps.append(
            graph.add(
                "Conv",
                by_channel,
                arrays[f"{index}.weight"],
                arrays[f"{index}.bias"],
                dilations=[encoder.dilation],
                kernel_shape=[size],
                pads=[left, right + beyond],
                strides=[encoder.stride],
            )
        )
    joined = maps[0] if len(maps) == 1 else graph.add("Concat", *maps, axis=1)
    features = graph.add("Transpose", joined, perm=[2, 0, 1])
    if encoder.keeps_positions:
        return features, positions
    return features, Positions.of(graph, features, _count_windows(graph, encoder, positions))


def _count_windows(graph: Graph, encoder: Convolutional, positions: Positions) -> str:
    """Count each string's windows, as `output_lengths` does: (B,).

    ⌊(T + P − d (K − 1) − 1 + s) / s⌋, at least 0, so that nothing negative is divided.
    """
    size = encoder.kernel_sizes[0]
    padding = sum(padding_widths(size, encoder.dilation, encoder.padding))
    more = padding - encoder.dilation * (size - 1) - 1 + encoder.stride
    reach = graph.add("Max", graph.add("Add", positions.lengths, more), np.array([0]))
    windows = graph.add("Div", reach, encoder.stride)
    return graph.add("Where", graph.add("Greater", positions.lengths, 0), windows, 0)
