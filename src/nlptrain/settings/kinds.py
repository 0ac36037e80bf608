"""The kinds that have no settings of their own, by their names in configs and model files.

Whoever tells kinds apart ends in `assert_never`, so that mypy names every place where a new one
is missing. Kinds with settings are the sections of `config/`.
"""

from typing import Literal

Activation = Literal["sigmoid", "tanh", "relu"]
Normalization = Literal["batch", "layer", "instance"]
Readout = Literal["mean", "max", "last"]
Cell = Literal["rnn_tanh", "rnn_relu", "gru", "lstm"]
RecurrentStart = Literal["torch", "orthogonal", "identity", "normal"]
"""What recurrent weights start from."""
Padding = Literal["same", "valid"]
Loss = Literal["mse", "bce", "cross_entropy"]
Output = Literal["sigmoid", "softmax"]
"""What turns logits into probabilities: one logit for class 1 of two, or one a class."""
