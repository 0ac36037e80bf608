# %% [markdown]
"""B2, A6. An Elman network by hand: every hidden state, and the gradients back through time.

**Question.** What does `nn.RNN` compute for the course's three inputs, and how many parameters has
it?

**Watch.** One line per step, which contains the previous state: that is all the memory there is.
The last state represents the whole string. In the backward pass, the gradient of the first input
has gone through every later step.

**Change next.** Make x ten times as large: what do tanh's outputs look like, and what is left of
the gradient of the first step? Read the inputs in reverse order, `X = X[::-1]`: is the last state
the same?
"""

# %%
import numpy as np
import torch
from torch import nn

from beside import beside, headline
from figure import draw, save
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.recurrent import Recurrent, recurrent

X = np.array([[1.0, 2, 3], [3, 4, 5], [5, 6, 7]])
HIDDEN = 4

# %% [markdown]
# ## Forward
#
# h_t = tanh(W_ih x_t + W_hh h_(t−1)), h_0 = 0, no biases. nlptrain's layer reads token ids and a
# table; the three inputs are the table's rows, read in order.


# %%
def run_torch() -> tuple[nn.RNN, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Run torch's layer: it, inputs (1, 3, 3), outputs (1, 3, 4), the last state (1, 1, 4)."""
    torch.manual_seed(0)
    layer = nn.RNN(3, HIDDEN, bias=False, batch_first=True).double()
    inputs = torch.from_numpy(X[None].copy()).requires_grad_()
    outputs, last = layer(inputs)
    return layer, inputs, outputs, last


def compare_states() -> tuple[np.ndarray, dict[str, float]]:
    """Compute all states and gradients both ways: the states (3, 4), and differences."""
    layer, inputs, outputs, last = run_torch()
    named = {name: array.detach().numpy() for name, array in layer.named_parameters()}
    no_bias = {"bias_ih_l0": np.zeros(HIDDEN), "bias_hh_l0": np.zeros(HIDDEN)}
    ids, lengths = np.arange(3)[:, None], np.array([3])
    states, backward = recurrent(ids, X, lengths, named | no_bias, Recurrent(hidden_size=HIDDEN))

    headline("All outputs")
    rows = enumerate(zip(states[:, 0], outputs[0], strict=True), start=1)
    differences = {f"h_{step}": beside(f"h_{step}", ours, theirs) for step, (ours, theirs) in rows}
    differences["last"] = beside("the last hidden state", states[-1], last[0])
    differences["formula"] = check_formula(named, outputs[0].detach().numpy())

    outputs.pow(2).sum().backward()
    grads = backward(2 * states)
    headline("Gradients of L = Σ h², over all states")
    for name in ("weight_ih_l0", "weight_hh_l0"):
        differences[name] = beside(f"dL/d{name}", grads[name], getattr(layer, name).grad)
    for step in range(3):
        name = f"dL/dx_{step + 1}"
        differences[name] = beside(name, grads["table"][step], inputs.grad[0, step])
    return states[:, 0], differences


def check_formula(named: dict[str, np.ndarray], states: np.ndarray) -> float:
    """Write out the first number of each state, product by product."""
    headline("Written out: the first number of each state")
    before, largest = np.zeros(HIDDEN), 0.0
    w, u = named["weight_ih_l0"][0], named["weight_hh_l0"][0]
    for step, (x, state) in enumerate(zip(X, states, strict=True), start=1):
        total = w[0] * x[0] + w[1] * x[1] + w[2] * x[2]
        memory = sum(u[unit] * before[unit] for unit in range(HIDDEN))
        value = np.tanh(total + memory)
        print(f"  h_{step}[0] = tanh({total:+.4f} from x_{step} {memory:+.4f} from h_{step - 1})")
        largest = max(largest, beside("", value, state[0]))
        before = state
    return largest


# %% [markdown]
# ## How many parameters?
#
# 256 inputs, 128 hidden units: U is 256 × 128, W is 128 × 128, b is 1 × 128. torch calls U and W
# `weight_ih` and `weight_hh` and stores them transposed. It has two biases, which are always
# added together, so it has 128 parameters more than in the course.


# %%
def count_parameters() -> dict[str, int]:
    """Print the shapes of the course's example, and count."""
    shapes = Architecture(8, 2, 256, Recurrent(hidden_size=128)).parameter_shapes()
    print("\n256 inputs → 128 hidden units")
    total = 0
    for name, shape in shapes.items():
        if name.startswith("encoder."):
            size = int(np.prod(shape))
            total += size
            print(
                f"  {name.removeprefix('encoder.'):<14}{' × '.join(map(str, shape)):<12}{size:>8,}"
            )
    print(f"  with one bias {total - 128:,}, with torch's two {total:,}")
    return {"one_bias": total - 128, "two_biases": total}


def plot(states: np.ndarray) -> None:
    """Draw the states."""
    figure, axes = draw(width=5.6)
    for unit, values in enumerate(states.T):
        axes.plot([0, 1, 2, 3], [0, *values], marker="o", label=f"unit {unit}")
    axes.set(xlabel="step", ylabel="hidden state", xticks=range(4), ylim=(-1.05, 1.05))
    axes.set_title("The hidden states of [1 2 3], [3 4 5], [5 6 7]")
    axes.legend()
    save(figure, "17_recurrent_by_hand")


# %%
def main() -> dict[str, dict[str, float]]:
    """Compute both ways, print and draw; return differences and parameter counts."""
    states, differences = compare_states()
    counts = count_parameters()
    plot(states)
    return {"differences": differences, "parameters": counts}


if __name__ == "__main__":
    main()
