# %% [markdown]
"""B6. The small layers by hand, forward and backward; then whole networks with `nlptrain verify`.

**Question.** Do activations, softmax, losses, normalization and dropout, written out, give torch's
outputs and torch's gradients?

**Watch.** Each row is one layer: its largest difference from torch, forward and backward. All are
rounding errors, about 1e-16 of the numbers. Only batch normalization has two modes. In the whole
networks one difference is larger: Adam divides by the size of the gradient, so it magnifies the
rounding of a gradient that is almost 0.

**Change next.** Give torch's layer norm `eps=1e-3`: which row breaks? Run
`nlptrain verify rnn --dtype float32`: what happens to the differences, and why?
"""

# %%
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from figure import draw, save
from nlptrain.numpy_nn.activation import relu_layer, sigmoid_layer, tanh_layer
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.course.output_loss import mean_squared_error, nll
from nlptrain.numpy_nn.course.softmax import log_softmax_layer, softmax_layer
from nlptrain.numpy_nn.dropout import dropout_layer, dropout_mask
from nlptrain.numpy_nn.loss import loss as loss_of_logits
from nlptrain.numpy_nn.normalization import (
    batch_norm,
    batch_norm_evaluation,
    instance_norm,
    layer_norm,
)

GENERATOR = np.random.default_rng(0)
T, B, F = 6, 4, 3  # characters, strings, features
X = GENERATOR.normal(3, 5, (T, B, F))
GAMMA, BETA = GENERATOR.random(F) + 0.5, GENERATOR.standard_normal(F)
RUNNING = GENERATOR.standard_normal(F), GENERATOR.random(F) + 0.5
LENGTHS = np.full(B, T)
MASK = dropout_mask(X.shape, 0.5, seed=0, step=0, dtype="float64")
CLASSES = np.array([2, 0, 1, 1])

# %% [markdown]
# ## Layers
#
# In nlptrain the characters come first, (T, B, F); torch's normalization expects (B, F, T). The
# gradient of the output is random, and the same for both.


# %%
def to_torch(x: Floats) -> torch.Tensor:
    """Create a tensor that requires its gradient."""
    return torch.from_numpy(x).clone().requires_grad_()


def norm_of(kind: Callable, **settings: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """Wrap a torch normalization, which has its channels in the middle."""
    return lambda x: kind(x.permute(1, 2, 0), **settings).permute(2, 0, 1)


def layers() -> dict[str, tuple[Callable, Callable]]:
    """Pair each layer by hand with torch's."""
    mean, variance, gamma, beta = map(torch.from_numpy, (*RUNNING, GAMMA, BETA))
    scale = {"weight": gamma, "bias": beta}
    batch = {"running_mean": None, "running_var": None, "training": True} | scale
    running = {"running_mean": mean, "running_var": variance} | scale
    return {
        "sigmoid": (sigmoid_layer, torch.sigmoid),
        "tanh": (tanh_layer, torch.tanh),
        "ReLU": (relu_layer, torch.relu),
        "softmax": (softmax_layer, lambda x: x.softmax(dim=-1)),
        "log-softmax": (log_softmax_layer, lambda x: x.log_softmax(dim=-1)),
        "batch norm": (
            lambda x: batch_norm(x, GAMMA, BETA, LENGTHS),
            norm_of(functional.batch_norm, **batch),
        ),
        "batch norm, evaluation": (
            lambda x: batch_norm_evaluation(x, GAMMA, BETA, *RUNNING),
            norm_of(functional.batch_norm, **running),
        ),
        "layer norm": (
            lambda x: layer_norm(x, GAMMA, BETA),
            lambda x: functional.layer_norm(x, (F,), **scale, eps=1e-5),
        ),
        "instance norm": (
            lambda x: instance_norm(x, GAMMA, BETA, LENGTHS),
            norm_of(functional.instance_norm, **scale),
        ),
        "dropout, one mask": (
            lambda x: dropout_layer(x, MASK),
            lambda x: x * torch.from_numpy(MASK),
        ),
    }


def compare_layers() -> dict[str, float]:
    """Run every layer both ways; return the largest difference of each."""
    grad_y, differences = np.random.default_rng(1).standard_normal(X.shape), {}
    print(f"{'largest difference':<26}{'forward':>10}{'backward':>10}")
    for name, (by_hand, in_torch) in layers().items():
        y, backward, *_ = by_hand(X)
        tensor = to_torch(X)
        expected = in_torch(tensor)
        expected.backward(torch.from_numpy(grad_y))
        forward = float(np.abs(y - expected.detach().numpy()).max())
        back = float(np.abs(backward(grad_y)[0] - tensor.grad.numpy()).max())
        print(f"{name:<26}{forward:>10.0e}{back:>10.0e}")
        differences[name] = max(forward, back)
    return differences


# %% [markdown]
# ## Losses
#
# A loss returns its value and its gradient together. The mean is over the strings, for the squared
# error over all numbers. Lab 08 shows what happens with one softmax too many.


# %%
def losses() -> dict[str, tuple[Callable, Callable]]:
    """Pair each loss by hand with torch's, of logits (B, F) or of one logit (B, 1)."""
    truth = np.random.default_rng(2).random((B, F))
    binary, classes = np.array([1, 0, 0, 1]), torch.from_numpy(CLASSES)
    labels = torch.from_numpy(binary)[:, None].double()
    sigmoid_loss = functional.binary_cross_entropy_with_logits
    return {
        "mean squared error": (
            lambda z: mean_squared_error(z, truth),
            lambda z: functional.mse_loss(z, torch.from_numpy(truth)),
        ),
        "NLL": (lambda z: nll(z, CLASSES), lambda z: functional.nll_loss(z, classes)),
        "cross-entropy": (
            lambda z: loss_of_logits("cross_entropy", z, CLASSES),
            lambda z: functional.cross_entropy(z, classes),
        ),
        "binary cross-entropy": (
            lambda z: loss_of_logits("bce", z[:, :1], binary),
            lambda z: sigmoid_loss(z[:, :1], labels),
        ),
    }


def compare_losses() -> dict[str, float]:
    """Compute every loss both ways; return the largest difference of value and gradient."""
    logits, differences = X[0], {}
    print(f"\n{'difference':<26}{'loss':>10}{'gradient':>10}")
    for name, (by_hand, in_torch) in losses().items():
        value, grad = by_hand(logits)
        tensor = to_torch(logits)
        expected = in_torch(tensor)
        expected.backward()
        forward = abs(float(value) - expected.item())
        back = float(np.abs(grad - tensor.grad.numpy()[:, : grad.shape[1]]).max())
        print(f"{name:<26}{forward:>10.0e}{back:>10.0e}")
        differences[name] = max(forward, back)
    return differences


# %% [markdown]
# ## Whole networks
#
# `nlptrain verify CONFIG` builds both engines from one config, and compares logits, loss, every
# gradient, and the parameters after each update.


# %%
def verify(*arguments: str) -> float:
    """Run the command; return the largest difference among its rows."""
    command = ("verify", *arguments)
    print(f"\nnlptrain {' '.join(command)}: largest differences")
    finished = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "nlptrain", *command, "--json"],
        check=False,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
    )
    if not finished.stdout:  # it has said on stderr what is wrong
        sys.exit(finished.returncode)
    rows = json.loads(finished.stdout)
    for row in rows:
        name = f"{row['quantity']} {row['array']}".strip()
        print(f"  {name:<52}{row['absolute']:>8.0e}  {'pass' if row['passed'] else 'FAIL'}")
    return max(row["absolute"] for row in rows)


NETWORKS = (
    ("rnn",),
    ("lstm", "--set", "model.normalization=layer"),
    ("cnn", "--set", "model.normalization=batch", "--set", "model.dropout=0.3"),
)


def plot() -> None:
    """Draw three activations by hand, with torch's as dots, and their derivatives."""
    figure, panels = draw(columns=2)
    x, some = np.linspace(-5, 5, 201), slice(None, None, 10)
    pairs = (
        ("sigmoid", sigmoid_layer, torch.sigmoid),
        ("tanh", tanh_layer, torch.tanh),
        ("ReLU", relu_layer, torch.relu),
    )
    for name, by_hand, in_torch in pairs:
        y, backward = by_hand(x)
        tensor = to_torch(x)
        in_torch(tensor).sum().backward()
        sides = ((y, in_torch(tensor).detach()), (backward(np.ones_like(x))[0], tensor.grad))
        for panel, (ours, theirs) in zip(panels, sides, strict=True):
            line = panel.plot(x, ours, label=f"{name} by hand")[0]
            style = {"color": line.get_color(), "fillstyle": "none", "markersize": 4}
            panel.plot(x[some], theirs[some], "o", **style)
    panels[0].set(xlabel="x", ylabel="y", ylim=(-1.1, 2), title="Activations; dots are torch's")
    panels[1].set(xlabel="x", ylabel="dy/dx", title="Their derivatives")
    panels[0].legend()
    save(figure, "19_layers_by_hand")


# %%
def main() -> dict[str, dict[str, float]]:
    """Compare everything, print and draw; return every largest difference."""
    results = {
        "layers": compare_layers(),
        "losses": compare_losses(),
        "networks": {" ".join(network): verify(*network) for network in NETWORKS},
    }
    plot()
    return results


if __name__ == "__main__":
    main()
