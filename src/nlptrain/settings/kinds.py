"""Kinds without settings, by their names in configs and model files.

Code that branches on a kind ends in `assert_never`, so that mypy finds every place where a new kind
is missing. Kinds with settings are the sections of `config/`.
"""

from typing import Literal

Activation = Literal["sigmoid", "tanh", "relu"]
Normalization = Literal["batch", "layer", "instance"]
Readout = Literal["mean", "max", "last", "attention"]
Cell = Literal["rnn_tanh", "rnn_relu", "gru", "lstm"]
RecurrentStart = Literal["torch", "orthogonal", "identity", "normal"]
"""Initialization of the recurrent weights."""
Padding = Literal["same", "valid"]
Combine = Literal["scaled_sum", "mean"]
"""How the vectors of a string's n-grams become one."""
Heads = Literal["joint", "each"]
"""One head over all branches, or one for each branch and one over all."""
Loss = Literal["mse", "bce", "cross_entropy"]
Precision = Literal["float32", "bfloat16", "tf32"]
"""In what products are computed."""
Output = Literal["sigmoid", "softmax"]
"""The function from logits to probabilities: one logit for class 1 of two, or one per class."""
