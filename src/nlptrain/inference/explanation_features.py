"""The middle of an explanation in plain words: from the embeddings to one vector a string."""

from nlptrain.inference.explanation import Explanation
from nlptrain.inference.explanation_grids import (
    Extent,
    matrix_grids,
    matrix_remark,
    number,
    numerals,
    shape,
    side_by_side,
)
from nlptrain.inference.explanation_names import name_windows
from nlptrain.numpy_nn.architecture import Convolutional, Pooling, Recurrent
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.reporting.worked_example import Step

_CELLS = {
    "rnn_tanh": "h_t = tanh(x_t W_ih + b_ih + h_{t-1} W_hh + b_hh), with h_0 = 0",
    "rnn_relu": "h_t = max(x_t W_ih + b_ih + h_{t-1} W_hh + b_hh, 0), with h_0 = 0",
    "gru": "a GRU: h_t = (1 - z_t) n_t + z_t h_{t-1}, with h_0 = 0",
    "lstm": "an LSTM: c_t = f_t c_{t-1} + i_t g_t and h_t = o_t tanh(c_t), with h_0 = c_0 = 0",
}
_NORMALIZATIONS = {
    "batch": "Each feature: (x - mean) / √(var + 1e-5) · γ + β, with mean and variance as training "
    "measured them.",
    "layer": "Each position: (x - mean) / √(var + 1e-5) · γ + β, over its features.",
    "instance": "Each feature: (x - mean) / √(var + 1e-5) · γ + β, over the string's positions.",
}
_ACTIVATIONS = {
    "sigmoid": "1 / (1 + e^-x) of each number.",
    "tanh": "tanh of each number.",
    "relu": "max(x, 0) of each number.",
}


def feature_steps(explanation: Explanation, extent: Extent) -> list[Step]:
    """Write out the encoder, normalization, activation and readout, where there are any."""
    steps = _encode(explanation, extent) + _transform(explanation, extent)
    return [*steps, _read_out(explanation, extent)]


def _encode(explanation: Explanation, extent: Extent) -> list[Step]:
    encoder, features = explanation.file.architecture.encoder, explanation.trace.features
    if isinstance(encoder, Pooling):
        return []
    if isinstance(encoder, Recurrent):
        title, sentence = "embedding → hidden states", _recurrent_sentence(encoder)
    else:
        title, sentence = "embedding → feature maps", _convolution_sentence(encoder)
    return [_matrix_step(title, sentence, features, explanation, extent)]


def _recurrent_sentence(encoder: Recurrent) -> str:
    sentence = (
        f"One character after another, each state from the one before: {_CELLS[encoder.cell]}."
    )
    if encoder.num_layers > 1:
        sentence += f" Of {encoder.num_layers} layers these are the last one's states."
    if encoder.bidirectional:
        sentence += (
            f" Features 1 to {encoder.hidden_size:,} have read forward, the others backward."
        )
    return sentence


def _convolution_sentence(encoder: Convolutional) -> str:
    sizes = " and ".join(map(str, encoder.kernel_sizes))
    plural = "s" if len(encoder.kernel_sizes) > 1 or encoder.kernel_sizes[0] > 1 else ""
    sentence = (
        f"{encoder.channels:,} kernels over {sizes} character{plural} move along the string: at "
        "each place the sum of kernel × embeddings, plus a bias. A · stands for the zeros outside."
    )
    if len(encoder.kernel_sizes) > 1:
        sentence += " Each size has so many kernels; a row's name shows the widest one's window."
    return sentence


def _transform(explanation: Explanation, extent: Extent) -> list[Step]:
    architecture, trace = explanation.file.architecture, explanation.trace
    steps = []
    if trace.normalized is not None:
        kind = architecture.normalization
        steps.append(
            _matrix_step(
                f"{kind} normalization",
                _NORMALIZATIONS[kind],
                trace.normalized,
                explanation,
                extent,
            )
        )
    if trace.activated is not None:
        kind = architecture.activation
        steps.append(
            _matrix_step(
                f"activation: {kind}", _ACTIVATIONS[kind], trace.activated, explanation, extent
            )
        )
    return steps


def _matrix_step(
    title: str, sentence: str, values: Floats, explanation: Explanation, extent: Extent
) -> Step:
    nothing = ("No window of the kernel fits into the string.",) if not len(values) else ()
    return Step(
        f"{title} {shape(values)}",
        sentence,
        matrix_grids(name_windows(explanation), values, extent),
        nothing if explanation.characters else (),
        matrix_remark(values, extent),
    )


def _read_out(explanation: Explanation, extent: Extent) -> Step:
    vector, places = explanation.trace.vector, explanation.max_positions()
    readout = explanation.file.architecture.readout
    shown = extent.columns(len(vector))
    grids = matrix_grids([readout], vector[None], extent)
    if places is not None:
        cells = [number(value) for value in vector[:shown].tolist()]
        origins = [str(place + 1) for place in places[:shown].tolist()]
        grids = side_by_side("", numerals(shown), [(readout, cells), ("from row", origins)])
    return Step(
        f"{readout} over the positions → one vector (1 × {len(vector):,})",
        _read_out_sentence(explanation),
        grids,
        remark=extent.remark(columns=len(vector)),
    )


def _read_out_sentence(explanation: Explanation) -> str:
    count = len(explanation.trace.read_out)
    architecture = explanation.file.architecture
    if not count:
        return "There is no position to read out, so the string's vector is all zeros."
    rows = f"{count:,} row{'s' if count > 1 else ''}"
    match architecture.readout:
        case "mean":
            return f"The mean of the {rows}, one vector for the string; pads are left out."
        case "max":
            return (
                f"The largest number of each column over the {rows}, and where it stands; "
                "pads are left out."
            )
    if isinstance(architecture.encoder, Recurrent) and architecture.encoder.bidirectional:
        return "The row where reading ended: the last one forward, the first one backward."
    return "The last row, which stands for the whole string; pads are left out."
