# %% [markdown]
"""C11. LeNet by hand: convolution, pooling and dense layers on real handwritten digits.

**Question.** Can layers written out with NumPy, forward and backward, train a convolutional network
as PyTorch does: on the same images, from the same start, to the same end?

**Watch.** The shapes from layer to layer, and where the 61,706 and 81,194 parameters are: hardly
any in the convolutions. One step in full, from the loss to a changed weight. Then 20 steps of both
side by side, and what they reach on 360 digits that no training has seen.

**Change next.** Train on 200 images instead of 1,437. Leave `standardize` out. Give the old network
the ReLU of the new one: in how many epochs does it learn now?
"""

# %%
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from figure import draw, save
from nlptrain.numpy_nn.activation import relu_layer, sigmoid_layer
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.arrays import Floats, Grads, Ids
from nlptrain.numpy_nn.convolution_nd import convolution
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.pooling import max_pool, mean_pool

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TRAIN = 1437  # of 1,797 images
BATCH_SIZE = 64
KINDS = {nn.Conv2d: "convolution", nn.Linear: "linear", nn.Flatten: "flatten"}


@dataclass(frozen=True, eq=False)
class Variant:
    """One of the two LeNets."""

    name: str
    network: nn.Sequential  # torch's, untrained: everybody starts from its numbers
    activation: Callable
    pooling: Callable
    padding: int  # of the first convolution
    zoom: int  # each of the 8 × 8 pixels becomes zoom × zoom,
    margin: int  # with so many empty ones around
    epochs: int
    learning_rate: float


# %% [markdown]
# ## The images
#
# scikit-learn ships 1,797 digits of 8 × 8 pixels. Three times as wide and with a margin of 2 they
# are 28 × 28, four times as wide 32 × 32. Then mean 0 and standard deviation 1, by the numbers of
# the training images alone.


# %%
def load_digits(variant: Variant) -> tuple[Floats, Ids]:
    """Load the images (N, 1, H, W) and their classes (N,), in an order of our own."""
    from sklearn.datasets import load_digits as load

    digits = load()
    order = np.random.default_rng(0).permutation(len(digits.target))
    zoomed = digits.images[order].repeat(variant.zoom, axis=1).repeat(variant.zoom, axis=2)
    margin = (variant.margin, variant.margin)
    images = np.pad(zoomed, ((0, 0), margin, margin))[:, None]
    return standardize(images).astype(np.float32), digits.target[order]


def standardize(images: Floats) -> Floats:
    """Give the training images mean 0 and standard deviation 1."""
    return (images - images[:TRAIN].mean()) / images[:TRAIN].std()


# %% [markdown]
# ## Two networks in torch
#
# Nothing stands after the last layer: the cross-entropy includes the softmax.


# %%
def build_torch(
    kernel: int, padding: int, flat: int, activation: type[nn.Module], pooling: type[nn.Module]
) -> nn.Sequential:
    """Build LeNet with torch's layers; `flat` numbers leave the second pooling."""
    torch.manual_seed(0)
    return nn.Sequential(
        *(nn.Conv2d(1, 6, kernel, padding=padding), activation(), pooling(2)),
        *(nn.Conv2d(6, 16, kernel), activation(), pooling(2)),
        nn.Flatten(),
        *(nn.Linear(flat, 120), activation()),
        *(nn.Linear(120, 84), activation()),
        nn.Linear(84, 10),
    )


def build_variants() -> tuple[Variant, Variant]:
    """Build the old LeNet, and the one with ReLU and max pooling."""
    old = build_torch(5, 2, 16 * 5 * 5, nn.Sigmoid, nn.AvgPool2d)
    new = build_torch(3, 0, 16 * 6 * 6, nn.ReLU, nn.MaxPool2d)
    return (
        Variant("sigmoid and mean pooling", old, sigmoid_layer, mean_pool, 2, 3, 2, 14, 5e-3),
        Variant("ReLU and max pooling", new, relu_layer, max_pool, 0, 4, 0, 7, 2e-3),
    )


# %% [markdown]
# ## The same by hand
#
# Each layer gives its output, and the function that leads the gradient back through it. Forward
# collects those functions; backward calls them, the last first. Numbers are torch's names.


# %%
def forward(
    variant: Variant, x: Floats, p: dict[str, Floats]
) -> tuple[Floats, Callable[[Floats], Grads], list[tuple]]:
    """Compute the logits (B, 10) of images (B, 1, H, W), what leads back, and all outputs."""
    layers, outputs = [], []

    def through(result: tuple) -> Floats:
        outputs.append(result[0])
        layers.append(result[1])
        return result[0]

    once = {"stride": (1, 1), "dilation": (1, 1)}
    for i, width in ((0, variant.padding), (3, 0)):
        kernels = p[f"{i}.weight"], p[f"{i}.bias"]
        x = through(convolution(x, *kernels, padding=(width, width), **once))
        x = through(variant.activation(x))
        x = through(variant.pooling(x, (2, 2), stride=(2, 2), padding=(0, 0)))
    shape = x.shape
    x = through((x.reshape(len(x), -1), lambda grad: (grad.reshape(shape), {})))
    for i in (7, 9, 11):
        x = through(linear(x, p[f"{i}.weight"], p[f"{i}.bias"]))
        x = through(variant.activation(x)) if i < 11 else x

    def backward(grad: Floats) -> Grads:
        grads = {}
        for index in reversed(range(len(layers))):
            grad, own = layers[index](grad)
            grads |= {f"{index}.{name}": value for name, value in own.items()}
        return grads

    return x, backward, outputs


class ByHand:
    """A variant's parameters, and Adam over them."""

    def __init__(self, variant: Variant, network: nn.Module) -> None:
        self.variant = variant
        self.parameters = ParameterVector({n: a.numpy() for n, a in network.state_dict().items()})
        self.optimizer = Adam(self.parameters)

    def differentiate(self, x: Floats, classes: Ids) -> tuple[float, ParameterVector]:
        """Compute a batch's loss and gradient."""
        logits, backward, _ = forward(self.variant, x, self.parameters.views)
        value, grad = loss("cross_entropy", logits, classes)
        gradient = self.parameters.like()
        gradient.fill(backward(grad))
        return float(value), gradient

    def step(self, x: Floats, classes: Ids) -> float:
        """Update once on a batch; give its loss."""
        value, gradient = self.differentiate(x, classes)
        self.optimizer.step(gradient.vector, self.variant.learning_rate)
        return value

    def logits(self, x: Floats) -> Floats:
        """Compute the logits of images."""
        return forward(self.variant, x, self.parameters.views)[0]


class InTorch:
    """The same with torch."""

    def __init__(self, variant: Variant, network: nn.Module) -> None:
        self.variant, self.network = variant, network
        self.optimizer = torch.optim.Adam(network.parameters(), lr=variant.learning_rate)

    def step(self, x: Floats, classes: Ids) -> float:
        """Update once on a batch; give its loss."""
        self.optimizer.zero_grad()
        logits = self.network(torch.from_numpy(x))
        value = nn.functional.cross_entropy(logits, torch.from_numpy(classes))
        value.backward()
        self.optimizer.step()
        return value.item()

    def logits(self, x: Floats) -> Floats:
        """Compute the logits of images."""
        with torch.no_grad():
            return self.network(torch.from_numpy(x)).numpy()


# %% [markdown]
# ## One step in full


# %%
def show_step(variant: Variant, images: Floats, classes: Ids) -> None:
    """Print a batch's way forward, the gradient's way back, and one weight's update."""
    by_hand = ByHand(variant, variant.network)
    x, y = images[:BATCH_SIZE], classes[:BATCH_SIZE]
    _, _, outputs = forward(variant, x, by_hand.parameters.views)
    value, gradient = by_hand.differentiate(x, y)
    print(f"  {'layer':<16}{'output':<14}{'parameters':>10}{'|gradient|':>12}")
    for index, (layer, output) in enumerate(zip(variant.network, outputs, strict=True)):
        own = [grad for name, grad in gradient.views.items() if name.startswith(f"{index}.")]
        count = f"{sum(grad.size for grad in own):,}" if own else ""
        size = f"{np.sqrt(sum((grad**2).sum() for grad in own)):.4f}" if own else ""
        shape = " × ".join(map(str, output.shape[1:]))
        kind = KINDS.get(type(layer), type(layer).__name__)
        print(f"  {index:>2} {kind:<13}{shape:<14}{count:>10}{size:>12}")
    weight, slope = by_hand.parameters.views["0.bias"][0], gradient.views["0.bias"][0]
    by_hand.step(x, y)
    after, moved = by_hand.parameters.views["0.bias"][0], by_hand.differentiate(x, y)[0]
    print(f"  the first bias: {weight:.5f}, its gradient {slope:+.5f}, after the step {after:.5f}")
    print(f"  the batch's loss: {value:.4f} before the step, {moved:.4f} after it")


# %% [markdown]
# ## Twenty steps side by side, then all


# %%
def batches(epochs: int) -> Iterator[Ids]:
    """Go through the training images, in another order each epoch."""
    for epoch in range(epochs):
        order = np.random.default_rng((0, epoch)).permutation(TRAIN)
        yield from np.array_split(order, TRAIN // BATCH_SIZE)


def compare_steps(variant: Variant, images: Floats, classes: Ids) -> list[float]:
    """Train both in float64; list the largest difference of any parameter, at first and by step."""
    network = copy.deepcopy(variant.network).double()
    by_hand, in_torch = ByHand(variant, network), InTorch(variant, network)
    differences = [_largest_difference(by_hand, in_torch)]
    for indices, _ in zip(batches(1), range(20), strict=False):
        x, y = images[indices].astype(np.float64), classes[indices]
        by_hand.step(x, y)
        in_torch.step(x, y)
        differences.append(_largest_difference(by_hand, in_torch))
    return differences


def _largest_difference(by_hand: ByHand, in_torch: InTorch) -> float:
    views, tensors = by_hand.parameters.views, in_torch.network.state_dict()
    return float(max(np.abs(view - tensors[name].numpy()).max() for name, view in views.items()))


def train(learner: ByHand | InTorch, images: Floats, classes: Ids) -> list[float]:
    """Train, and list the accuracy on the held-out digits after each epoch."""
    accuracies = []
    for step, indices in enumerate(batches(learner.variant.epochs), start=1):
        learner.step(images[indices], classes[indices])
        if step % (TRAIN // BATCH_SIZE) == 0:
            right = learner.logits(images[TRAIN:]).argmax(axis=1) == classes[TRAIN:]
            accuracies.append(float(right.mean()))
    return accuracies


# %%
def run(variant: Variant, curve: "Axes") -> dict[str, float]:
    """Do all of it for one variant."""
    images, classes = load_digits(variant)
    count = sum(each.numel() for each in variant.network.parameters())
    print(f"\nLeNet with {variant.name}: {count:,} parameters")
    show_step(variant, images, classes)
    differences = compare_steps(variant, images, classes)
    print(f"  largest difference from torch in float64: {differences[0]:.0e} at the start,")
    print(f"  {max(differences):.0e} in 20 steps")
    by_hand = train(ByHand(variant, variant.network), images, classes)
    in_torch = train(InTorch(variant, variant.network), images, classes)
    print(f"  held-out digits right: by hand {by_hand[-1]:.3f}, torch {in_torch[-1]:.3f}")
    epochs = np.arange(1, variant.epochs + 1)
    line = curve.plot(epochs, by_hand, label=f"{variant.name}, by hand")[0]
    curve.plot(epochs, in_torch, "o", fillstyle="none", color=line.get_color(), label="torch")
    return {
        "parameters": count,
        "start": differences[0],
        "largest_in_20": max(differences),
        "by_hand": by_hand[-1],
        "torch": in_torch[-1],
    }


def main() -> dict[str, dict[str, float]]:
    """Run both variants; give parameters, differences from torch, and accuracies."""
    figure, (digits, curve) = draw(columns=2)
    old, new = build_variants()
    results = {"sigmoid": run(old, curve), "relu": run(new, curve)}
    images, _ = load_digits(old)
    rows = images[:12].reshape(3, 4, 28, 28)
    digits.imshow(np.vstack([np.hstack(row) for row in rows]), cmap="gray_r")
    digits.set(xticks=[], yticks=[], title="Twelve digits of 28 × 28 pixels")
    digits.grid(visible=False)
    curve.set(
        xlabel="epoch", ylabel="held-out accuracy", title="By hand and in torch", ylim=(0, 1.03)
    )
    curve.legend()
    save(figure, "11_lenet")
    return results


if __name__ == "__main__":
    main()
