# %% [markdown]
"""C11. LeNet by hand: convolution, pooling and dense layers on real handwritten digits.

**Question.** Can layers written out with NumPy, forward and backward, train a convolutional network
as PyTorch does: on the same images, from the same start, to the same result?

**Watch.** The shapes from layer to layer, and where the 61,706 and 81,194 parameters are: hardly
any in the convolutions. One step in full, from the loss to a changed bias. Then 20 steps of both
side by side, and their accuracy on 360 held-out digits.

**Change next.** Train on 200 images instead of 1,437. Leave `standardize` out. Give the old network
the ReLU of the new one: how many epochs does it need now?
"""

# %%
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from figure import draw, save
from nlptrain.numpy_nn.activation import relu_layer, sigmoid_layer
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, Ids
from nlptrain.numpy_nn.course.convolution_nd import convolution
from nlptrain.numpy_nn.course.pooling import max_pool, mean_pool
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.parameters import ParameterVector

TRAIN = 1437  # of 1,797 images
BATCH_SIZE = 64

# %% [markdown]
# ## Two networks, in torch
#
# Nothing follows the last layer: the cross-entropy includes the softmax. Both sides will start
# from the numbers that torch draws here.


# %%
@dataclass(frozen=True, eq=False)
class LeNet:
    """One of the two networks, with its images."""

    name: str
    network: nn.Sequential
    zoom: int  # each of the 8 × 8 pixels becomes zoom × zoom,
    margin: int  # with so many empty ones around
    epochs: int
    learning_rate: float


def build(
    kernel: int, padding: int, flat: int, activation: type[nn.Module], pooling: type[nn.Module]
) -> nn.Sequential:
    """Build LeNet from torch's layers; `flat` numbers leave the second pooling."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(1, 6, kernel, padding=padding), activation(), pooling(2)),
        *(nn.Conv2d(6, 16, kernel), activation(), pooling(2)),
        nn.Flatten(),
        *(nn.Linear(flat, 120), activation()),
        *(nn.Linear(120, 84), activation()),
        nn.Linear(84, 10),
    )


def build_both() -> tuple[LeNet, LeNet]:
    """Build the old LeNet, for 28 × 28 pixels, and one with ReLU and max pooling, for 32 × 32."""
    old = build(5, 2, 16 * 5 * 5, nn.Sigmoid, nn.AvgPool2d)
    new = build(3, 0, 16 * 6 * 6, nn.ReLU, nn.MaxPool2d)
    return (
        LeNet("sigmoid and mean pooling", old, zoom=3, margin=2, epochs=14, learning_rate=5e-3),
        LeNet("ReLU and max pooling", new, zoom=4, margin=0, epochs=7, learning_rate=2e-3),
    )


# %% [markdown]
# ## The images
#
# scikit-learn ships 1,797 digits of 8 × 8 pixels. Three times as wide and with a margin of 2 they
# are 28 × 28, four times as wide 32 × 32. Then mean 0 and standard deviation 1, by the numbers of
# the training images alone.


# %%
def read_digits(lenet: LeNet) -> tuple[Floats, Ids]:
    """Read the images (N, 1, H, W) and their classes (N,), in a random order."""
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    zoomed = digits.images[order].repeat(lenet.zoom, axis=1).repeat(lenet.zoom, axis=2)
    margin = (lenet.margin, lenet.margin)
    images = np.pad(zoomed, ((0, 0), margin, margin))[:, None]
    return standardize(images).astype(np.float32), digits.target[order]


def standardize(images: Floats) -> Floats:
    """Scale the training images to mean 0 and standard deviation 1."""
    return (images - images[:TRAIN].mean()) / images[:TRAIN].std()


# %% [markdown]
# ## The same by hand
#
# Each of torch's layers has a counterpart in NumPy, which returns its output and a function that
# takes the gradient back through it. Forward goes through the layers and keeps these functions;
# backward calls them in reverse order.


# %%
def apply(layer: nn.Module, x: Floats, parameters: dict[str, Floats]) -> tuple[Floats, Backward]:
    """Compute one layer by hand: its output and backward."""
    match layer:
        case nn.Conv2d():
            places = {"stride": (1, 1), "dilation": (1, 1), "padding": layer.padding}
            return convolution(x, parameters["weight"], parameters["bias"], **places)
        case nn.AvgPool2d():
            return mean_pool(x, (2, 2), stride=(2, 2), padding=(0, 0))
        case nn.MaxPool2d():
            return max_pool(x, (2, 2), stride=(2, 2), padding=(0, 0))
        case nn.Flatten():
            return x.reshape(len(x), -1), lambda grad: (grad.reshape(x.shape), {})
        case nn.Linear():
            return linear(x, parameters["weight"], parameters["bias"])
        case nn.Sigmoid():
            return sigmoid_layer(x)
        case nn.ReLU():
            return relu_layer(x)
    raise NotImplementedError(type(layer).__name__)


def forward(
    network: nn.Sequential, parameters: ParameterVector, x: Floats
) -> tuple[list[Floats], list[Backward]]:
    """Compute the output of every layer, the logits (B, 10) last, and the backward functions."""
    outputs, backwards = [], []
    for index, layer in enumerate(network):
        # torch's names: "0.weight" is the first layer's.
        own = {name: parameters.views[f"{index}.{name}"] for name, _ in layer.named_parameters()}
        x, backward = apply(layer, x, own)
        outputs.append(x)
        backwards.append(backward)
    return outputs, backwards


def differentiate(
    network: nn.Sequential, parameters: ParameterVector, x: Floats, classes: Ids
) -> tuple[float, ParameterVector]:
    """Compute a batch's loss and its gradient."""
    outputs, backwards = forward(network, parameters, x)
    value, grad = loss("cross_entropy", outputs[-1], classes)
    grads: Grads = {}
    for index in reversed(range(len(backwards))):
        grad, own = backwards[index](grad)
        grads |= {f"{index}.{name}": array for name, array in own.items()}
    gradient = parameters.like()
    gradient.fill(grads)
    return float(value), gradient


def copy_parameters(network: nn.Sequential) -> ParameterVector:
    """Copy torch's numbers."""
    return ParameterVector({name: array.numpy() for name, array in network.state_dict().items()})


# %% [markdown]
# ## One step in full
#
# The gradient of a layer is printed as one number, its length. Adam's first step moves every
# parameter by the learning rate, however small the gradient is (lab 16).


# %%
def show_step(lenet: LeNet, x: Floats, classes: Ids) -> None:
    """Print a batch's forward pass, the gradient's backward pass, and one bias's update."""
    parameters = copy_parameters(lenet.network)
    outputs, _ = forward(lenet.network, parameters, x)
    before, gradient = differentiate(lenet.network, parameters, x, classes)
    print(f"  {'layer':<16}{'output':<14}{'parameters':>10}{'|gradient|':>12}")
    for index, (layer, output) in enumerate(zip(lenet.network, outputs, strict=True)):
        shape = " × ".join(map(str, output.shape[1:]))
        print(f"  {index:>2} {type(layer).__name__:<13}{shape:<14}", end="")
        own = [grad for name, grad in gradient.views.items() if name.startswith(f"{index}.")]
        length = np.sqrt(sum((grad**2).sum() for grad in own))
        print(f"{sum(grad.size for grad in own):>10,}{length:>12.4f}" if own else "")
    bias, slope = parameters.views["0.bias"], gradient.views["0.bias"][0]
    print(f"  the first bias: {bias[0]:.5f}, its gradient {slope:+.1e}", end="")
    Adam(parameters).step(gradient.vector, lenet.learning_rate)
    after, _ = differentiate(lenet.network, parameters, x, classes)
    print(f", after the step {bias[0]:.5f}")
    print(f"  the batch's loss: {before:.4f} before the step, {after:.4f} after it")


# %% [markdown]
# ## Both side by side


# %%
@dataclass(frozen=True)
class History:
    """The history of training both."""

    differences: list[float]  # the largest of any parameter, at the start and after each step
    by_hand: list[float]  # accuracy on the held-out digits after each epoch,
    in_torch: list[float]  # and torch's


def batches(epochs: int) -> Iterator[Ids]:
    """Go through the training images, in another order each epoch."""
    for epoch in range(epochs):
        order = np.random.default_rng((0, epoch)).permutation(TRAIN)
        yield from np.array_split(order, TRAIN // BATCH_SIZE)


def train_both(lenet: LeNet, images: Floats, classes: Ids, most: int | None = None) -> History:
    """Train by hand and with torch, for all epochs or at most so many steps, in images' dtype."""
    network = copy.deepcopy(lenet.network).to(torch.from_numpy(images).dtype)
    parameters, rate = copy_parameters(network), lenet.learning_rate
    by_hand, in_torch = Adam(parameters), torch.optim.Adam(network.parameters(), lr=rate)
    history = History([largest_difference(parameters, network)], [], [])
    for step, indices in enumerate(islice(batches(lenet.epochs), most), start=1):
        x, y = images[indices], classes[indices]
        _, gradient = differentiate(network, parameters, x, y)
        by_hand.step(gradient.vector, rate)
        in_torch.zero_grad()
        logits = network(torch.from_numpy(x))
        nn.functional.cross_entropy(logits, torch.from_numpy(y)).backward()
        in_torch.step()
        history.differences.append(largest_difference(parameters, network))
        if step % (TRAIN // BATCH_SIZE) == 0:
            x, y = images[TRAIN:], classes[TRAIN:]
            outputs, _ = forward(network, parameters, x)
            history.by_hand.append(accuracy(outputs[-1], y))
            history.in_torch.append(accuracy(network(torch.from_numpy(x)).detach().numpy(), y))
    return history


def largest_difference(parameters: ParameterVector, network: nn.Sequential) -> float:
    """Compare all parameters with torch's."""
    return float(np.abs(parameters.vector - copy_parameters(network).vector).max())


def accuracy(logits: Floats, classes: Ids) -> float:
    """Compute the share of images whose class has the largest logit (B, 10)."""
    return float((logits.argmax(axis=1) == classes).mean())


# %%
def run(lenet: LeNet, curve: Any) -> dict[str, float]:
    """Do all of it for one network."""
    images, classes = read_digits(lenet)
    count = sum(each.numel() for each in lenet.network.parameters())
    print(f"\nLeNet with {lenet.name}: {count:,} parameters")
    show_step(lenet, images[:BATCH_SIZE], classes[:BATCH_SIZE])
    exact = train_both(lenet, images.astype(np.float64), classes, most=20).differences
    print(f"  largest difference from torch in float64: {exact[0]:.0e} at the start,")
    print(f"  {max(exact):.0e} in 20 steps")
    history = train_both(lenet, images, classes)
    by_hand, in_torch = history.by_hand, history.in_torch
    print(f"  accuracy on {len(images) - TRAIN} held-out digits after {lenet.epochs} epochs:")
    print(f"  by hand {by_hand[-1]:.3f}, torch {in_torch[-1]:.3f}")
    epochs = np.arange(1, lenet.epochs + 1)
    line = curve.plot(epochs, by_hand, label=f"{lenet.name}, by hand")[0]
    curve.plot(epochs, in_torch, "o", fillstyle="none", color=line.get_color(), label="torch")
    return {
        "parameters": count,
        "start": exact[0],
        "largest_in_20": max(exact),
        "by_hand": by_hand[-1],
        "torch": in_torch[-1],
    }


def main() -> dict[str, dict[str, float]]:
    """Run both networks; return parameters, differences from torch, and accuracies."""
    figure, (digits, curve) = draw(columns=2)
    old, new = build_both()
    results = {"sigmoid": run(old, curve), "relu": run(new, curve)}
    images, _ = read_digits(old)
    rows = images[:12].reshape(3, 4, 28, 28)
    digits.imshow(np.vstack([np.hstack(row) for row in rows]), cmap="gray_r")
    digits.set(title="Twelve digits of 28 × 28 pixels")
    digits.axis("off")
    curve.set(xlabel="epoch", ylabel="held-out accuracy", title="By hand and in torch")
    curve.set_ylim(0, 1.03)
    curve.legend()
    save(figure, "11_lenet")
    return results


if __name__ == "__main__":
    main()
