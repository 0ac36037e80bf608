# %% [markdown]
"""C7. Logistic regression with many inputs: 8 → 6 → 4 → 1 on a real table.

**Question.** 569 patients, 8 measurements each, and whether a tumour is benign (1) or malignant
(0). Can three small layers with sigmoids learn it in the course's 100 epochs?

**Watch.** The accuracy on held-out patients, compared with the share of the larger class: after 100
epochs the sigmoids have learned that share and nothing else. What other activations learn in the
same 100 epochs. What happens with log(0). And why the labels are an N × 1 matrix.

**Change next.** Leave out the standardization in `read_table`. Raise LEARNING_RATE to 1. Use all 30
columns, in `read_table` and in SIZES: how many parameters are there now?
"""

# %%
from itertools import pairwise

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer

from figure import draw, save
from nlptrain.numpy_nn.activation import ACTIVATIONS, sigmoid
from nlptrain.numpy_nn.arrays import Backward
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.sgd import Sgd

SIZES = (8, 6, 4, 1)
LEARNING_RATE = 0.1
TRAINED_ON = 400

# %% [markdown]
# ## The table
#
# As in the course's CSV, all columns but the last are inputs, and the last is the label, all in
# float32. `table[:, [-1]]` keeps the labels a matrix N × 1, `table[:, -1]` makes a vector.
#
# One column has an area of 2,501, another a smoothness of 0.16, so each column is scaled to mean 0
# and standard deviation 1, both measured on the training rows only.


# %%
def read_table() -> tuple[np.ndarray, np.ndarray]:
    """Read the table in a random order: inputs (569, 8) and labels (569, 1)."""
    data = load_breast_cancer()
    table = np.column_stack([data.data[:, :8], data.target]).astype("float32")
    table = np.random.default_rng(0).permutation(table)
    x, y = table[:, :-1], table[:, [-1]]
    train = x[:TRAINED_ON]
    return (x - train.mean(axis=0)) / train.std(axis=0), y


# %% [markdown]
# ## The network
#
# Three linear layers with an activation after the first two. The third gives a logit z; the last
# sigmoid, p = σ(z), belongs to the loss, which computes it together with the logarithm. That is
# binary cross-entropy (BCE): -y log p - (1 - y) log(1 - p), averaged over the rows.


# %%
def initial_parameters(seed: int) -> ParameterVector:
    """Draw weights and biases from U(±1/√inputs), as torch does."""
    generator, arrays = np.random.default_rng(seed), {}
    for layer, (inputs, outputs) in enumerate(pairwise(SIZES)):
        bound = 1 / np.sqrt(inputs)
        arrays[f"{layer}.weight"] = generator.uniform(-bound, bound, (outputs, inputs))
        arrays[f"{layer}.bias"] = generator.uniform(-bound, bound, outputs)
    return ParameterVector({name: array.astype("float32") for name, array in arrays.items()})


def forward(
    parameters: ParameterVector, x: np.ndarray, activation: str
) -> tuple[np.ndarray, list[tuple[str, Backward]]]:
    """Compute logits (N, 1), and each layer's name and backward, in order."""
    way: list[tuple[str, Backward]] = []
    for layer in range(3):
        views = {name: parameters.views[f"{layer}.{name}"] for name in ("weight", "bias")}
        x, backward = linear(x, **views)
        way.append((f"{layer}.", backward))
        if layer < 2:
            x, backward = ACTIVATIONS[activation].forward(x)
            way.append(("", backward))
    return x, way


def train(
    x: np.ndarray, y: np.ndarray, activation: str, epochs: int, seed: int = 0
) -> tuple[ParameterVector, np.ndarray]:
    """Train on the whole table in each step: the parameters and the loss of each epoch."""
    parameters = initial_parameters(seed)
    optimizer, gradient = Sgd(parameters), parameters.like()
    losses, classes = [], y[:, 0].astype(int)
    for _ in range(epochs):
        logits, way = forward(parameters, x, activation)
        value, grad = loss("bce", logits, classes)
        losses.append(value)
        grads = {}
        for prefix, backward in reversed(way):
            grad, layer_grads = backward(grad)
            grads |= {prefix + name: array for name, array in layer_grads.items()}
        gradient.fill(grads)
        optimizer.step(gradient.vector, LEARNING_RATE)
    return parameters, np.array(losses)


def accuracy(parameters: ParameterVector, x: np.ndarray, y: np.ndarray, activation: str) -> float:
    """Compute the share of rows whose probability is on the correct side of 0.5."""
    probabilities = sigmoid(forward(parameters, x, activation)[0])
    return float(((probabilities > 0.5) == y).mean())


# %% [markdown]
# ## The same in PyTorch
#
# The course's model class, from the same start.


# %%
def train_with_torch(x: np.ndarray, y: np.ndarray, epochs: int, seed: int = 0) -> np.ndarray:
    """Train the sigmoid network with torch: the loss of each epoch."""
    linears = [torch.nn.Linear(i, o) for i, o in pairwise(SIZES)]
    model = torch.nn.Sequential(
        linears[0], torch.nn.Sigmoid(), linears[1], torch.nn.Sigmoid(), linears[2]
    )
    for layer, module in enumerate(linears):
        for name, parameter in module.named_parameters():
            parameter.data = torch.from_numpy(initial_parameters(seed).views[f"{layer}.{name}"])
    criterion = torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    inputs, labels = torch.from_numpy(x), torch.from_numpy(y)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        value = criterion(model(inputs), labels)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return np.array(losses)


# %% [markdown]
# ## log(0), and N × 1
#
# The loss of one row with label 0 is -log(1 - σ(z)). In float32 σ(z) is exactly 1 from about z = 17
# on, and that makes log(0). From the logit it is max(z, 0) + log(1 + e^-|z|), which is always
# finite and right. torch's BCELoss, which takes the probability, cuts the logarithm off at -100.
#
# With a vector of N labels and N × 1 probabilities, NumPy (and torch) broadcast the difference to
# N × N, and its mean is a number, but not the loss.


# %%
def losses_of_logit(z: float) -> tuple[float, float, float]:
    """Compute the loss of label 0: from the probability, by BCELoss, and from the logit."""
    logit = np.array([[z]], "float32")
    probability = sigmoid(logit)
    with np.errstate(divide="ignore"):
        plain = -np.log(1 - probability).item()
    clamped = torch.nn.BCELoss()(torch.from_numpy(probability), torch.zeros(1, 1)).item()
    return plain, clamped, float(loss("bce", logit, np.array([0]))[0])


def broadcast_shape(y: np.ndarray) -> tuple[int, ...]:
    """Return the shape of probabilities (N, 1) minus labels (N,)."""
    shape: tuple[int, ...] = (np.zeros_like(y) - y[:, 0]).shape
    return shape


# %%
def plot(curves: dict[str, np.ndarray]) -> None:
    """Draw the training loss of each activation."""
    figure, axes = draw(width=6)
    for name, losses in curves.items():
        axes.plot(np.arange(1, len(losses) + 1), losses, label=name)
    axes.axvline(100, color="0.5", linewidth=0.8)
    axes.text(104, 0.68, "the course's 100 epochs", fontsize=9, color="0.3")
    axes.set(xlabel="epoch", ylabel="training loss", title="8 → 6 → 4 → 1, SGD at 0.1")
    axes.set_xscale("log")
    axes.legend()
    save(figure, "07_logistic_regression")


def main() -> dict[str, object]:
    """Train with three activations, print, compare with torch, draw."""
    x, y = read_table()
    (train_x, test_x), (train_y, test_y) = (np.split(array, [TRAINED_ON]) for array in (x, y))
    majority = max((test_y == label).sum() for label in (0, 1)) / len(test_y)
    curves, accuracies = {}, {}
    print(f"{initial_parameters(0).vector.size} parameters; {len(test_x)} patients held out,")
    print(f"{majority:.3f} of them in the larger class")
    print("activation  epochs  training loss  held-out accuracy")
    for name in ("sigmoid", "tanh", "relu"):
        for epochs in (100, 2000):
            parameters, curves[name] = train(train_x, train_y, name, epochs)
            accuracies[name, epochs] = accuracy(parameters, test_x, test_y, name)
            print(f"{name:10}  {epochs:6d}  {curves[name][-1]:13.4f}", end="")
            print(f"  {accuracies[name, epochs]:17.3f}")
    difference = float(abs(train_with_torch(train_x, train_y, 100) - curves["sigmoid"][:100]).max())
    print(f"torch's losses of the sigmoids' 100 epochs differ by at most {difference:.0e}.")
    print("logit   -log(1 - σ)   BCELoss   from the logit   (of label 0)")
    for z in (2.0, 15.0, 20.0, 200.0):
        print("{:5.0f}   {:11.4f}  {:8.4f}   {:14.4f}".format(z, *losses_of_logit(z)))
    print(f"(N, 1) minus (N,) has shape {broadcast_shape(train_y)}.")
    plot(curves)
    return {
        "parameters": initial_parameters(0).vector.size,
        "shapes": (x.shape, y.shape, str(y.dtype)),
        "majority": majority,
        "accuracies": accuracies,
        "torch_difference": difference,
        "loss_of_20": losses_of_logit(20.0),
        "broadcast": broadcast_shape(train_y),
    }


if __name__ == "__main__":
    main()
