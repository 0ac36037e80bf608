# %% [markdown]
"""C6. Neurons and layers: what a layer can express, and what an activation does to gradients.

**Question.** What does one neuron compute, why does a network need layers, and why something
nonlinear between them?

**Watch.** One neuron draws one straight line, which can separate AND but not XOR. Two layers can
compute XNOR. A stack of linear layers is one linear layer. And only one hundred-thousandth of the
gradient of the last of ten sigmoid layers arrives at the first.

**Change next.** Make NEURON an OR, then a NOT of x₁. Set LAYERS to 3. Give `gradient_by_layer`
weights twice as large. Set HIDDEN to 2: does each activation still learn XOR?
"""

# %%
import numpy as np

from figure import draw, save
from nlptrain.numpy_nn.activation import ACTIVATIONS as KINDS
from nlptrain.numpy_nn.activation import sigmoid
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.arrays import Backward
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.loss import loss
from nlptrain.numpy_nn.parameters import ParameterVector

INPUTS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
AND = np.array([0, 0, 0, 1])
XOR = np.array([0, 1, 1, 0])
NEURON = np.array([[20.0, 20]]), np.array([-30.0])  # weights and bias of the AND gate
LAYERS = 10  # through which a gradient is sent back
ACTIVATIONS = {
    "none": lambda x: (x, lambda grad: (grad, {})),
    **{name: kind.forward for name, kind in KINDS.items()},
}
HIDDEN = 8  # neurons of the network that learns XOR

# %% [markdown]
# ## A perceptron
#
# w·x + b, then a step function: 1 above 0, else 0. Rosenblatt's rule updates the weights with each
# misclassified example. It terminates only if a straight line separates the classes.


# %%
def train_perceptron(classes: np.ndarray, epochs: int = 20) -> tuple[np.ndarray, int]:
    """Update with each wrong example: predictions (4,), and the epochs with an error."""
    weight, bias = np.zeros((1, 2)), np.zeros(1)
    wrong_epochs = 0
    for _ in range(epochs):
        errors = 0
        for x, y in zip(INPUTS, classes, strict=True):
            output = int(linear(x[None], weight, bias)[0].item() > 0)
            weight += (y - output) * x
            bias += y - output
            errors += y != output
        wrong_epochs += errors > 0
    return (linear(INPUTS, weight, bias)[0][:, 0] > 0).astype(int), wrong_epochs


# %% [markdown]
# ## A sigmoid neuron, and a layer of them
#
# The step becomes smooth: with the sigmoid, σ(z) = 1 / (1 + e^-z), the neuron
# σ(-30 + 20 x₁ + 20 x₂) is almost 1 if both inputs are 1, else almost 0. A layer is g(W·a + b): g
# is its activation, and each row of W is a neuron. AND and NOR in a first layer, OR in a second:
# that is XNOR, 1 if both inputs are equal.


# %%
def and_gate() -> np.ndarray:
    """Compute the sigmoid neuron on the four inputs: (4,)."""
    return sigmoid(linear(INPUTS, *NEURON)[0])[:, 0]


def xnor_network() -> np.ndarray:
    """Compute two layers on the four inputs: (4,)."""
    hidden = sigmoid(linear(INPUTS, np.array([[20.0, 20], [-20, -20]]), np.array([-30.0, 10]))[0])
    return sigmoid(linear(hidden, np.array([[20.0, 20]]), np.array([-10.0]))[0])[:, 0]


def with_bias_unit() -> float:
    """Compare W·a + b with [b W]·[1, a]: the bias is the weight of a unit that is always 1."""
    weight, bias = NEURON
    ones = np.hstack([np.ones((4, 1)), INPUTS])
    joined = linear(ones, np.hstack([bias[:, None], weight]), np.zeros(1))[0]
    return float(abs(joined - linear(INPUTS, weight, bias)[0]).max())


# %% [markdown]
# ## A stack of linear layers collapses
#
# W₃(W₂(W₁x + b₁) + b₂) + b₃ is Wx + b with W = W₃W₂W₁. However many there are, they draw one line.


# %%
def collapse(layers: int = 5, size: int = 4) -> float:
    """Compare a stack of linear layers with the equivalent single one: the largest difference."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(100, size))
    deep, weight, bias = x, np.eye(size), np.zeros(size)
    for _ in range(layers):
        layer_weight, layer_bias = generator.normal(size=(size, size)), generator.normal(size=size)
        deep, _ = linear(deep, layer_weight, layer_bias)
        weight, bias = layer_weight @ weight, layer_weight @ bias + layer_bias
    return float(abs(deep - linear(x, weight, bias)[0]).max())


# %% [markdown]
# ## What an activation does to gradients
#
# Going back, each layer multiplies the gradient by its slope. The sigmoid's is at most 1/4, and
# near 0 where it is saturated; its outputs are all positive, so not centred at 0. tanh is centred,
# with a slope of at most 1. ReLU has range [0, ∞), and slope exactly 1 wherever it is active.


# %%
def slopes(name: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute an activation and its derivative: (N,) each."""
    y, backward = ACTIVATIONS[name](x)
    return y, backward(np.ones_like(x))[0]


def gradient_by_layer(name: str, size: int = 100) -> np.ndarray:
    """Send a gradient of length 1 back through layers: its length before each (LAYERS,).

    The weights have variance 2 / size, which keeps the length in ReLU layers.
    """
    generator = np.random.default_rng(0)
    x = generator.normal(size=(32, size))
    backwards: list[Backward] = []
    for _ in range(LAYERS):
        weight = generator.normal(0, np.sqrt(2 / size), (size, size))
        for forward in (lambda a, w=weight: linear(a, w, np.zeros(size)), ACTIVATIONS[name]):
            x, backward = forward(x)
            backwards.append(backward)
    grad = generator.normal(size=x.shape)
    grad /= np.linalg.norm(grad)
    lengths = []
    for backward in reversed(backwards):
        grad, _ = backward(grad)
        lengths.append(np.linalg.norm(grad))
    return np.array(lengths[1::2][::-1])


# %% [markdown]
# ## Learning XOR
#
# One hidden layer, and Adam (lab 16). Without an activation the network is a straight line, and
# training cannot help. How many steps until the loss, binary cross-entropy (lab 07), is below 0.05?


# %%
def steps_to_learn(name: str, seed: int, most: int = 2000) -> int:
    """Train a network on XOR until its loss is below 0.05: steps, or `most` if it never is."""
    generator = np.random.default_rng(seed)
    arrays = {
        "0.weight": generator.uniform(-1, 1, (HIDDEN, 2)),
        "0.bias": generator.uniform(-1, 1, HIDDEN),
        "1.weight": generator.uniform(-1, 1, (1, HIDDEN)),
        "1.bias": generator.uniform(-1, 1, 1),
    }
    parameters = ParameterVector(arrays)
    optimizer = Adam(parameters)
    for step in range(most):
        value, gradient = xor_gradient(parameters, name)
        if value < 0.05:
            return step
        optimizer.step(gradient, 0.01)
    return most


def xor_gradient(parameters: ParameterVector, name: str) -> tuple[float, np.ndarray]:
    """Compute the network's loss on XOR, and its gradient (P,)."""
    views, gradient = parameters.views, parameters.like()
    hidden, backward_first = linear(INPUTS, views["0.weight"], views["0.bias"])
    active, backward_activation = ACTIVATIONS[name](hidden)
    logits, backward_second = linear(active, views["1.weight"], views["1.bias"])
    value, grad_logits = loss("bce", logits, XOR)
    grad_active, second = backward_second(grad_logits)
    _, first = backward_first(backward_activation(grad_active)[0])
    both = enumerate((first, second))
    gradient.fill({f"{i}.{name}": grad for i, own in both for name, grad in own.items()})
    return float(value), gradient.vector


# %% [markdown]
# ## Figures and numbers


# %%
def plot(lengths: dict[str, np.ndarray]) -> None:
    """Draw the activations, their slopes, and the gradient on its way back."""
    figure, (values, derivatives, way) = draw(columns=3, width=4)
    x = np.linspace(-5, 5, 401)
    for name in ("sigmoid", "tanh", "relu"):
        y, slope = slopes(name, x)
        values.plot(x, y, label=name)
        derivatives.plot(x, slope, label=name)
        way.plot(range(1, LAYERS + 1), lengths[name], marker=".", label=name)
    values.set(xlabel="x", title="Activation", ylim=(-1.2, 2.2))
    derivatives.set(xlabel="x", title="Its slope: 0 where saturated")
    way.set(xlabel="in front of layer", title="Length of the gradient")
    way.set_xticks(range(1, LAYERS + 1))
    way.set_yscale("log")
    for panel in (values, derivatives, way):
        panel.legend()
    save(figure, "06_neurons_and_layers")


def print_gates() -> dict[str, object]:
    """Print and return what neurons and two layers compute."""
    perceptron, wrong_epochs = train_perceptron(AND)
    failed, always_wrong = train_perceptron(XOR)
    gate, xnor = and_gate(), xnor_network()
    (w1, w2), bias = NEURON[0][0], NEURON[1][0]
    print(f"x1 x2  perceptron  σ({bias:3.0f} {w1:+3.0f} x1 {w2:+3.0f} x2)  two layers (XNOR)")
    for x, *row in zip(INPUTS, perceptron, gate, xnor, strict=True):
        print("{:2.0f} {:2.0f}  {:10d}  {:20.5f}  {:17.5f}".format(*x, *row))
    print(f"The perceptron makes errors in {wrong_epochs} epochs, then it has learnt AND.")
    wrong = (failed != XOR).sum()
    print(f"On XOR it makes errors in {always_wrong} of 20; {wrong} of 4 stay wrong.")
    bias_unit = with_bias_unit()
    print(f"The bias as weight of a unit that is always 1: a difference of {bias_unit:.0f}.")
    return {
        "perceptron": perceptron.tolist(),
        "xor_epochs_with_errors": always_wrong,
        "and": gate,
        "xnor": xnor,
        "bias_unit": bias_unit,
    }


def print_activations(lengths: dict[str, np.ndarray], steps: dict[str, int]) -> None:
    """Print what each activation does to numbers, to gradients, and to learning."""
    print("activation  mean output  slope at 0.1  slope at 5  gradient at layer 1  steps to XOR")
    x = np.random.default_rng(0).normal(size=10_000)
    for name, length in lengths.items():
        mean = slopes(name, x)[0].mean()
        near, far = slopes(name, np.array([0.1, 5.0]))[1]
        print(f"{name:10} {mean:12.3f} {near:13.3f} {far:11.5f}", end="")
        print(f" {length[0]:20.1e} {steps[name]:13d}")
    print("(Mean output: of numbers around 0. Gradient: its length in front of the first of")
    print(f"{LAYERS} layers, when it is 1 behind the last. Steps: to a loss below 0.05, the median")
    print(f"of 5 starts; with no activation it is not there after {steps['none']:,}.)")


def main() -> dict[str, object]:
    """Print the gates, the collapse, and what activations do to gradients and to learning; draw."""
    numbers = print_gates()
    print(f"Five linear layers and the one that equals them differ by {collapse():.0e}.")
    lengths = {name: gradient_by_layer(name) for name in ("sigmoid", "tanh", "relu")}
    steps = {
        name: sorted(steps_to_learn(name, seed) for seed in range(5))[2]
        for name in ("none", "sigmoid", "tanh", "relu")
    }
    print_activations(lengths, steps)
    plot(lengths)
    return numbers | {
        "collapse": collapse(),
        "slope_at_5": {name: slopes(name, np.array([5.0]))[1].item() for name in lengths},
        "gradient_at_layer_1": {name: float(length[0]) for name, length in lengths.items()},
        "steps": steps,
    }


if __name__ == "__main__":
    main()
