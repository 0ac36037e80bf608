# %% [markdown]
"""C8. A softmax classifier: ten classes, from pixels to probabilities.

**Question.** Which digit is it? Dense layers on flattened pixels, one output per class: what
belongs after the last layer, and what into the loss?

**Watch.** Nothing follows the last layer: the loss takes its logits. Cross-entropy is log-softmax
followed by NLL, the same number to the last digit. A plain softmax followed by NLL gives a number
too, but a wrong one below 0. With a softmax before cross-entropy, a network still learns, but
slowly.

**Change next.** Leave out the normalization in `read_digits`. Set HIDDEN to no layer at all, ():
how much is lost? Put `softmax_layer` after the last layer and train: what happens to the loss?
"""

# %%
from itertools import pairwise

import numpy as np
import torch
from sklearn.datasets import load_digits

from figure import draw, save
from nlptrain.numpy_nn.activation import relu_layer as relu
from nlptrain.numpy_nn.activation import softmax
from nlptrain.numpy_nn.arrays import Backward
from nlptrain.numpy_nn.course.output_loss import nll
from nlptrain.numpy_nn.course.softmax import log_softmax_layer, softmax_layer
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.sgd import Sgd

HIDDEN = (64, 32)
TRAINED_ON = 1400
EPOCHS = 20
BATCH_SIZE = 32

# %% [markdown]
# ## The digits
#
# 1,797 images of 8 × 8 pixels from 0 to 16, which scikit-learn ships. Scaled to 0 … 1, normalized
# by one mean and one standard deviation of all training pixels, flattened to 64 numbers.


# %%
def read_digits() -> tuple[np.ndarray, np.ndarray]:
    """Read the digits in a random order: (1797, 64) and their classes (1797,)."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    x = data.images[order].reshape(-1, 64) / 16
    train = x[:TRAINED_ON]
    return (x - train.mean()) / train.std(), data.target[order]


# %% [markdown]
# ## The loss is two layers
#
# softmax(z)ᵢ = e^zᵢ / Σ e^z. Cross-entropy takes its logarithm, and of this the negative entry of
# the true class, averaged over the batch (NLL, negative log-likelihood), in PyTorch as here.


# %%
def compare_losses(logits: np.ndarray, classes: np.ndarray) -> dict[str, float]:
    """Compute the correct loss in three ways, and the two usual mistakes."""
    z, y = torch.from_numpy(logits), torch.from_numpy(classes)
    return {
        "cross-entropy": float(loss("cross_entropy", logits, classes)[0]),
        "log-softmax, then NLL": float(nll(log_softmax_layer(logits)[0], classes)[0]),
        "torch's CrossEntropyLoss": torch.nn.CrossEntropyLoss()(z, y).item(),
        "wrong: softmax, then NLL": float(nll(softmax_layer(logits)[0], classes)[0]),
        "wrong: softmax, then cross-entropy": float(
            loss("cross_entropy", softmax_layer(logits)[0], classes)[0]
        ),
    }


# %% [markdown]
# ## The network
#
# 64 → 64 → 32 → 10 with ReLU between, and nothing after the last. Trained by SGD with momentum:
# each step follows a running sum of the gradients (lab 12).


# %%
def initial_parameters(seed: int) -> ParameterVector:
    """Draw weights and biases from U(±1/√inputs), as torch does."""
    generator, arrays = np.random.default_rng(seed), {}
    for layer, (inputs, outputs) in enumerate(pairwise((64, *HIDDEN, 10))):
        bound = 1 / np.sqrt(inputs)
        arrays[f"{layer}.weight"] = generator.uniform(-bound, bound, (outputs, inputs))
        arrays[f"{layer}.bias"] = generator.uniform(-bound, bound, outputs)
    return ParameterVector(arrays)


def forward(
    parameters: ParameterVector, x: np.ndarray
) -> tuple[np.ndarray, list[tuple[str, Backward]]]:
    """Compute logits (B, 10), and each layer's name and backward, in order."""
    way: list[tuple[str, Backward]] = []
    for layer in range(len(HIDDEN) + 1):
        if layer:
            x, backward = relu(x)
            way.append(("", backward))
        views = {name: parameters.views[f"{layer}.{name}"] for name in ("weight", "bias")}
        x, backward = linear(x, **views)
        way.append((f"{layer}.", backward))
    return x, way


def train(x: np.ndarray, classes: np.ndarray) -> tuple[ParameterVector, np.ndarray]:
    """Train on shuffled mini-batches: the parameters, and the mean loss of each epoch."""
    parameters, generator = initial_parameters(seed=0), np.random.default_rng(1)
    optimizer, gradient = Sgd(parameters, momentum=0.9), parameters.like()
    losses = []
    for _ in range(EPOCHS):
        order = generator.permutation(len(x))
        for begin in range(0, len(x), BATCH_SIZE):
            batch = order[begin : begin + BATCH_SIZE]
            logits, way = forward(parameters, x[batch])
            value, grad = loss("cross_entropy", logits, classes[batch])
            losses.append(value * len(batch) / len(x))
            grads = {}
            for prefix, backward in reversed(way):
                grad, layer_grads = backward(grad)
                grads |= {prefix + name: array for name, array in layer_grads.items()}
            gradient.fill(grads)
            optimizer.step(gradient.vector, 0.02)
    return parameters, np.array(losses).reshape(EPOCHS, -1).sum(axis=1)


# %%
def plot(x: np.ndarray, classes: np.ndarray, probabilities: np.ndarray) -> None:
    """Draw the digits that the network was least sure of, with its probabilities."""
    least = probabilities.max(axis=1).argsort()[:5]
    figure, axes = draw(2, 5, width=1.9, height=1.9)
    for place, (image, bars) in zip(least, axes.T, strict=True):
        image.imshow(x[place].reshape(8, 8), cmap="Greys")
        guess = probabilities[place].argmax()
        image.set_title(f"is {classes[place]}, read as {guess}", fontsize=9)
        image.axis("off")
        colours = ["#D55E00" if digit == classes[place] else "#0072B2" for digit in range(10)]
        bars.bar(range(10), probabilities[place], color=colours)
        bars.set(ylim=(0, 1), xticks=range(10))
        bars.tick_params(labelsize=7)
    axes[1, 0].set_ylabel("probability", fontsize=8)
    figure.suptitle("Held-out digits of which it is least sure (orange: the true class)", size=10)
    save(figure, "08_softmax_classifier")


def main() -> dict[str, object]:
    """Compare the losses at the start, train, test on held-out digits, draw."""
    x, classes = read_digits()
    (train_x, test_x), (train_y, test_y) = (np.split(array, [TRAINED_ON]) for array in (x, classes))
    start = initial_parameters(seed=0)
    print(f"{start.vector.size:,} parameters; the loss of the first 32 digits, untrained:")
    losses = compare_losses(forward(start, train_x[:32])[0], train_y[:32])
    for name, value in losses.items():
        print(f"  {name:35} {value:9.6f}")
    print(f"  (ten classes, nothing known: log 10 = {np.log(10):.6f})")
    parameters, history = train(train_x, train_y)
    for epoch in (1, 2, 5, 10, EPOCHS):
        print(f"epoch {epoch:2d}  training loss {history[epoch - 1]:.4f}")
    probabilities = softmax(forward(parameters, test_x)[0])
    accuracy = float((probabilities.argmax(axis=1) == test_y).mean())
    print(f"Accuracy on {len(test_x)} held-out digits: {accuracy:.3f}")
    plot(test_x, test_y, probabilities)
    right, *same, softmax_nll, softmax_cross_entropy = losses.values()
    return {
        "differences": [value - right for value in same],
        "softmax_then_nll": softmax_nll,
        "softmax_then_cross_entropy": softmax_cross_entropy - right,
        "parameters": start.vector.size,
        "mean_and_deviation": (float(train_x.mean()), float(train_x.std())),
        "accuracy": accuracy,
    }


if __name__ == "__main__":
    main()
