"""The formulas of layers and heads in LaTeX, by the names that pages have for them."""

from typing import get_args

from nlptrain.numpy_nn.activation import Activation
from nlptrain.numpy_nn.attention import Attention
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.normalization import Normalization
from nlptrain.numpy_nn.readout import Last, Maximum, Mean
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.settings import kinds

FORMULAS = {
    "embedding": r"x_t = E[\mathrm{id}_t]",
    **{kind: Recurrent(kind).words.formula for kind in get_args(kinds.Cell)},
    "cnn": Convolutional().words.formula,
    "scaled_sum": NGrams(combine="scaled_sum").words.formula,
    "mean_of_ngrams": NGrams(combine="mean").words.formula,
    **{kind: Normalization(kind).words.formula for kind in get_args(kinds.Normalization)},
    **{kind: Activation(kind).words.formula for kind in get_args(kinds.Activation)},
    "mean": Mean.words.formula,
    "max": Maximum.words.formula,
    "last": Last().words.formula,
    "last_of_both": Last(reverse_from=1).words.formula,
    "attention": Attention.words.formula,
    "linear": r"y = W x + b",
    "logit": r"z = w \cdot x + b",
    "average": r"z = \frac{1}{M} \sum_{m=1}^{M} z_m",
    "sigmoid_of_logit": r"p = \frac{1}{1 + e^{-z}}",
    "sigmoid_of_calibrated": r"p = \frac{1}{1 + e^{-z / T}}",
    "softmax_of_logit": r"p_c = \frac{e^{z_c}}{\sum_k e^{z_k}}",
    "softmax_of_calibrated": r"p_c = \frac{e^{z_c / T}}{\sum_k e^{z_k / T}}",
}


def set_formula(formula: str) -> str:
    """Set a formula as MathML, which browsers draw themselves."""
    from latex2mathml.converter import convert

    return convert(formula, display="block")
