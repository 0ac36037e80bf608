"""torch's recurrent layers over padded strings."""

from typing import assert_never

import torch
from torch import Tensor, nn

from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.torch_nn.layer import Context


def build_recurrent(encoder: Recurrent, input_size: int) -> nn.RNNBase:
    """Build nn.RNN, nn.GRU or nn.LSTM, batch first."""
    arguments = {
        "input_size": input_size,
        "hidden_size": encoder.hidden_size,
        "num_layers": encoder.num_layers,
        "bidirectional": encoder.bidirectional,
        "batch_first": True,
    }
    match encoder.cell:
        case "rnn_tanh" | "rnn_relu":
            return nn.RNN(**arguments, nonlinearity=encoder.cell.removeprefix("rnn_"))
        case "gru":
            return nn.GRU(**arguments)
        case "lstm":
            return nn.LSTM(**arguments)
        case _:
            assert_never(encoder.cell)


def recurrent(layer: nn.RNNBase, embedded: Tensor, context: Context) -> Tensor:
    """Run a recurrent layer: (B, T, E) → hidden states (B, T, H · directions).

    When reading forward, pads come after all real characters and do not affect them. When reading
    backward they come first, so the batch is packed; an empty string becomes one pad, which no
    readout uses.
    """
    if not (layer.bidirectional and context.padded):
        states: Tensor = layer(embedded)[0]
        return states
    packed = nn.utils.rnn.pack_padded_sequence(
        embedded, context.lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False
    )
    unpacked, _ = nn.utils.rnn.pad_packed_sequence(
        layer(packed)[0], batch_first=True, total_length=embedded.shape[1]
    )
    return torch.as_tensor(unpacked)
