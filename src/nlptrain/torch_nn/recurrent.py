"""torch's recurrent layers over padded strings."""

from typing import Any, assert_never

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
        states: Tensor = _run(layer, embedded)
        return states
    lengths = torch.from_numpy(context.host_lengths.clip(min=1))
    packed = nn.utils.rnn.pack_padded_sequence(
        embedded, lengths, batch_first=True, enforce_sorted=False
    )
    unpacked, _ = nn.utils.rnn.pad_packed_sequence(
        _run(layer, packed), batch_first=True, total_length=embedded.shape[1]
    )
    return torch.as_tensor(unpacked)


def _run(layer: nn.RNNBase, x: Any) -> Any:
    """Run a layer over padded or packed strings; an LSTM on a CPU always in full precision.

    Under autocast, torch would call oneDNN's LSTM for bfloat16, which few processors have.
    """
    if isinstance(layer, nn.LSTM) and torch.is_autocast_enabled("cpu"):
        with torch.autocast("cpu", enabled=False):
            return layer(x.float())[0]
    return layer(x)[0]
