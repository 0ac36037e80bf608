# %% [markdown]
"""B1, B7. One gradient by the chain rule, one update, then many: SGD and Adam against torch's.

**Question.** What does `loss.backward()` compute, and `optimizer.step()`?

**Watch.** A product of three factors: how the loss changes with the output, the output with the
sum, the sum with the weight. Then the formula of each update. Torch's value follows every number.
In the figure: an Adam that forgets its running means m and v and its step count t at every call is
not Adam after its first step.

**Change next.** In OPTIMIZERS, give both Adams ε = 1e-2, with `functools.partial(Adam, eps=1e-2)`
and torch's alike: where do you see it? Give both SGDs `momentum=0.9`. Let the forgetful Adam keep m
and v and forget only t, the step: `state()` returns all three, `load_state()` sets them.
"""

# %%
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from beside import beside, headline
from figure import draw, save
from nlptrain.numpy_nn.activation import sigmoid_layer
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.arrays import Floats, Grads
from nlptrain.numpy_nn.course.output_loss import mean_squared_error
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.sgd import Sgd

X = np.array([[-0.5, 0.1]])
Y = np.array([[0.1, 0.2]])
STEPS = 200
OPTIMIZERS = {"SGD": (Sgd, torch.optim.SGD, 0.1), "Adam": (Adam, torch.optim.Adam, 1e-3)}

# %% [markdown]
# ## The chain rule on the course's numbers
#
# One linear layer without bias, a sigmoid, the mean squared error:
# z = W x, a = σ(z), L = Σ (a − y)² / 2, and so
# dL/dW = dL/da · da/dz · dz/dW = 2 (a − y) / 2 · a (1 − a) · x.
# "Mean" is over the two outputs, as in PyTorch.


# %%
def differentiate() -> tuple[nn.Linear, Floats, dict[str, float]]:
    """Compute the loss and its gradient both ways: torch's layer, the gradient, differences."""
    torch.manual_seed(0)
    layer = nn.Linear(2, 2, bias=False).double()
    weight = layer.weight.detach().numpy()
    z, back_linear = linear(X, weight, np.zeros(2))
    a, back_sigmoid = sigmoid_layer(z)
    loss, grad_a = mean_squared_error(a, Y)
    grad_z, _ = back_sigmoid(grad_a)
    _, grads = back_linear(grad_z)

    torch_z = layer(torch.from_numpy(X))
    torch_a = torch.sigmoid(torch_z)
    torch_z.retain_grad()
    torch_a.retain_grad()
    torch_loss = nn.functional.mse_loss(torch_a, torch.from_numpy(Y))
    torch_loss.backward()
    differences = {
        "W": beside("W, torch's", weight, layer.weight),
        "z": beside("z = W x", z, torch_z),
        "a": beside("a = σ(z)", a, torch_a),
        "loss": beside("L = Σ (a − y)² / 2", loss, torch_loss),
        "grad_a": beside("dL/da = a − y", grad_a, torch_a.grad),
        "grad_z": beside("dL/dz = dL/da a (1 − a)", grad_z, torch_z.grad),
        "grad_w": beside("dL/dW = dL/dz x", grads["weight"], layer.weight.grad),
    }
    return layer, grads["weight"], differences


# %% [markdown]
# ## One update
#
# SGD: w ← w − α g. Adam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², and
# w ← w − α (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε), with t counted from 1. At its first step
# m̂ is g and v̂ is g²: every weight moves by α, whatever the size of its gradient.


# %%
def update_once(layer: nn.Linear, grad: Floats) -> dict[str, float]:
    """Update the same weight with each optimizer, both ways."""
    start, differences = layer.weight.detach().clone(), {}
    for name, (by_hand, in_torch, rate) in OPTIMIZERS.items():
        parameters = ParameterVector({"weight": start.numpy()})
        by_hand(parameters).step(grad.reshape(-1).copy(), rate)
        with torch.no_grad():
            layer.weight.copy_(start)
        in_torch(layer.parameters(), lr=rate).step()
        moved = parameters.views["weight"]
        differences[name] = beside(f"W after {name}, α = {rate}", moved, layer.weight)
        moves = " ".join(f"{move:+.6f}" for move in (moved - start.numpy()).reshape(-1))
        print(f"    moved by {moves}")
    return differences


# %% [markdown]
# ## Many steps, several parameters
#
# Two linear layers with biases, 2 → 3 → 2, on the same example. The forgetful Adam is created again
# at each step, so m, v and t start at 0 each time.


# %%
def build_network() -> nn.Sequential:
    """Build torch's network, always from the same start."""
    torch.manual_seed(1)
    network = nn.Sequential(nn.Linear(2, 3), nn.Sigmoid(), nn.Linear(3, 2), nn.Sigmoid())
    return network.double()


def compute_gradient(p: Grads) -> Grads:
    """Compute the gradient of both layers by hand."""
    hidden, back_0 = linear(X, p["0.weight"], p["0.bias"])
    hidden, back_1 = sigmoid_layer(hidden)
    outputs, back_2 = linear(hidden, p["2.weight"], p["2.bias"])
    outputs, back_3 = sigmoid_layer(outputs)
    grad, _ = back_3(mean_squared_error(outputs, Y)[1])
    grad, second = back_2(grad)
    _, first = back_0(back_1(grad)[0])
    named = {f"0.{name}": each for name, each in first.items()}
    return named | {f"2.{name}": each for name, each in second.items()}


def train_both(
    by_hand: Callable, in_torch: Callable, rate: float, *, forget: bool = False
) -> list[float]:
    """Train both, and list the largest difference of any parameter after each step."""
    network = build_network()
    parameters = ParameterVector({n: a.numpy() for n, a in network.state_dict().items()})
    reference, optimizer = in_torch(network.parameters(), lr=rate), by_hand(parameters)
    gradient, differences = parameters.like(), []
    for _ in range(STEPS):
        gradient.fill(compute_gradient(parameters.views))
        optimizer = by_hand(parameters) if forget else optimizer
        optimizer.step(gradient.vector, rate)
        reference.zero_grad()
        nn.functional.mse_loss(network(torch.from_numpy(X)), torch.from_numpy(Y)).backward()
        reference.step()
        arrays = {name: array.numpy() for name, array in network.state_dict().items()}
        views = parameters.views
        differences.append(max(float(np.abs(views[n] - arrays[n]).max()) for n in arrays))
    return differences


def plot(differences: dict[str, list[float]]) -> None:
    """Draw how far each optimizer is from torch's."""
    figure, axes = draw(width=6.4)
    for name, values in differences.items():
        axes.plot(np.arange(1, STEPS + 1), np.maximum(values, 1e-17), label=name)
    axes.set(xlabel="step", ylabel="largest difference from torch", yscale="log")
    axes.set_title("Adam has a memory: without it, it is another optimizer")
    axes.legend(loc="center right")
    save(figure, "16_gradient_by_hand")


# %%
def main() -> dict[str, float]:
    """Compute both ways, print and draw; return every largest difference."""
    print(f"x = {X[0]}, y = {Y[0]}")
    headline("The loss and its gradient")
    layer, grad, differences = differentiate()
    headline("One update")
    differences |= {f"one_{name}": each for name, each in update_once(layer, grad).items()}
    curves = {name: train_both(*pair) for name, pair in OPTIMIZERS.items()}
    curves["forgetful Adam"] = train_both(*OPTIMIZERS["Adam"], forget=True)
    print(f"\nLargest difference of 17 parameters from torch's, in {STEPS} steps:")
    for name, values in curves.items():
        print(f"  {name:<16}{values[0]:.0e} after one, at most {max(values):.0e}")
    plot(curves)
    return differences | {name: max(values) for name, values in curves.items()}


if __name__ == "__main__":
    main()
