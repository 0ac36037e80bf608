# %% [markdown]
"""C4. Autograd: PyTorch records the computation, and goes back through it.

**Question.** How does `loss.backward()` compute its gradients, and where does it put them?

**Watch.** The graph is the formula, read backward node by node. `backward` *adds* to `.grad`: it
must be cleared before the next one. A sum of losses kept as a tensor keeps the graph of every batch
alive; `.item()` does not. And the optimizer's step is one line of arithmetic.

**Change next.** Leave out `zero_grad()` in `train_by_optimizer`: where does w end? Replace the
square in `loss_of` by `torch.abs`: which names change in the printed graph? (The layers in NumPy
keep the square, so their gradient then differs.)
"""

# %%
from typing import Any

import numpy as np
import torch

from figure import draw, save
from nlptrain.numpy_nn.course.output_loss import mean_squared_error
from nlptrain.numpy_nn.linear import linear

X = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
Y = torch.tensor([2.0, 4.0, 6.0], dtype=torch.float64)


def new_parameters() -> tuple[torch.Tensor, torch.Tensor]:
    """Create w = 1 and b = 0; from now on torch records all operations on them."""
    return tuple(torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (1.0, 0.0))


def loss_of(w: torch.Tensor, b: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Compute the mean of (w·x + b - y)²."""
    return ((w * x + b - y) ** 2).mean()


# %% [markdown]
# ## The graph
#
# Each result refers to the operation that computed it (`grad_fn`), which refers to its inputs
# (`next_functions`). The leaves, `AccumulateGrad`, are the parameters.


# %%
def list_nodes(tensor: torch.Tensor) -> list[tuple[int, str]]:
    """Walk the graph from a result to its parameters: (depth, operation) of every node."""
    nodes, waiting, seen = [], [(0, tensor.grad_fn)], set()
    while waiting:
        depth, node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            nodes.append((depth, node.name().split("::")[-1].removesuffix("Backward0")))
            inputs = [before for before, _ in node.next_functions]
            waiting += [(depth + 1, before) for before in reversed(inputs)]
    return nodes


# %% [markdown]
# ## Gradients accumulate
#
# Before the first `backward` there is no gradient at all. The second one adds to the first. That is
# a trap, but also useful: three examples one after another, each loss divided by 3, give the
# gradient of the whole batch. So a batch that does not fit into memory can still be used.


# %%
def watch_bias() -> list[float | None]:
    """List the bias's gradient: before, after one backward, after another, cleared, after one."""
    w, b = new_parameters()
    seen = [b.grad]
    for clear in (False, False, True):
        if clear:
            b.grad.zero_()
            seen.append(b.grad.item())
        loss_of(w, b, X[1], Y[1]).backward()
        seen.append(b.grad.item())
    return seen


def accumulate() -> tuple[float, float]:
    """Compute w's gradient for the whole batch, and accumulated over its examples."""
    w, b = new_parameters()
    loss_of(w, b, X, Y).backward()
    whole = w.grad.item()
    w.grad = None
    for x, y in zip(X, Y, strict=True):
        (loss_of(w, b, x, y) / len(X)).backward()
    return whole, w.grad.item()


# %% [markdown]
# ## What a running total keeps
#
# `total = total + loss` is an operation like any other, so the total keeps every loss alive, and
# each loss its own graph. A number keeps nothing alive.


# %%
def count_kept_nodes(batches: int) -> int:
    """Add up losses as tensors, and count the nodes that the total keeps alive."""
    w, b = new_parameters()
    total = torch.zeros((), dtype=torch.float64)
    for _ in range(batches):
        total = total + loss_of(w, b, X, Y)
    return len(list_nodes(total))


def total_of_numbers(batches: int) -> float:
    """Add up losses as numbers."""
    w, b = new_parameters()
    return sum(loss_of(w, b, X, Y).item() for _ in range(batches))


# %% [markdown]
# ## The step by hand
#
# With `torch.no_grad()`, because the update itself must not be recorded.


# %%
def train_by_hand(epochs: int = 100) -> list[float]:
    """Update w ← w - 0.01 · grad: w after each epoch. The bias stays 0, as in lab 02."""
    w, b = new_parameters()
    history = []
    for _ in range(epochs):
        loss_of(w, b, X, Y).backward()
        with torch.no_grad():
            w -= 0.01 * w.grad
        w.grad.zero_()
        history.append(w.item())
    return history


def train_by_optimizer(epochs: int = 100) -> list[float]:
    """Do the same with `torch.optim.SGD`: w after each epoch."""
    w, b = new_parameters()
    optimizer = torch.optim.SGD([w], lr=0.01)
    history = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss_of(w, b, X, Y).backward()
        optimizer.step()
        history.append(w.item())
    return history


def gradient_by_hand() -> dict[str, float]:
    """Compute the first gradients of w and b with the layers written in NumPy."""
    outputs, backward = linear(X.numpy()[:, None], np.ones((1, 1)), np.zeros(1))
    _, grad_outputs = mean_squared_error(outputs, Y.numpy()[:, None])
    return {name: grad.item() for name, grad in backward(grad_outputs)[1].items()}


# %% [markdown]
# ## The figure
#
# One example, (2, 4): values run forward, gradients backward.


# %%
def trace() -> dict[str, tuple[float, float]]:
    """Compute the loss of (2, 4) piece by piece: each value and its gradient."""
    w, b = new_parameters()
    x, y = X[1], Y[1]
    product = w * x
    output = product + b
    error = output - y
    loss = error**2
    pieces = {"w": w, "b": b, "w·x": product, "w·x + b": output, "error": error, "loss": loss}
    for piece in pieces.values():
        piece.retain_grad()
    loss.backward()
    return {name: (piece.item(), piece.grad.item()) for name, piece in pieces.items()}


PLACES = {
    "w": (0, 1), "b": (1, 0), "w·x": (1, 1), "w·x + b": (2, 1), "error": (3, 1), "loss": (4, 1),
}  # fmt: skip
ARROWS = [
    ("w", "w·x", "· x = 2"),
    ("w·x", "w·x + b", ""),
    ("b", "w·x + b", "+"),
    ("w·x + b", "error", "- y = 4"),
    ("error", "loss", "square"),
]


def plot(values: dict[str, tuple[float, float]]) -> None:
    """Draw the graph with its values and gradients."""
    figure, axes = draw(width=9, height=3)
    for start, end, label in ARROWS:
        arrow: dict[str, Any] = {"arrowstyle": "-|>", "shrinkA": 38, "shrinkB": 38, "color": "0.4"}
        axes.annotate("", PLACES[end], PLACES[start], arrowprops=arrow)
        middle = np.mean([PLACES[start], PLACES[end]], axis=0)
        axes.annotate(label, middle, (0, 6), textcoords="offset points", ha="center", fontsize=9)
    for name, place in PLACES.items():
        value, grad = values[name]
        box = {"boxstyle": "round,pad=0.5", "facecolor": "#E8F1F8", "edgecolor": "#0072B2"}
        text = f"{name}\n{value:g}"
        axes.annotate(text, place, ha="center", va="center", bbox=box)
        axes.annotate(
            f"gradient {grad:g}", place, (0, -32), textcoords="offset points", ha="center",
            color="#D55E00", fontsize=9,
        )  # fmt: skip
    axes.set(xlim=(-0.5, 4.5), ylim=(-0.6, 1.5), title="Values forward, gradients backward")
    axes.axis("off")
    save(figure, "04_autograd")


# %%
def main() -> dict[str, object]:
    """Print the graph, the bias's gradient, what totals keep and both trainings; draw."""
    print("The graph of the loss, from the result to the parameters:")
    nodes = list_nodes(loss_of(*new_parameters(), X, Y))
    for depth, name in nodes:
        print(f"  {'  ' * depth}{name}")
    bias = watch_bias()
    print("The bias's gradient on (2, 4):")
    moments = ("before", "after backward", "after another", "cleared", "after one more")
    for moment, grad in zip(moments, bias, strict=True):
        print(f"  {moment:15} {grad}")
    whole, accumulated = accumulate()
    print(
        f"w's gradient: {whole:.6f} of the batch, {accumulated:.6f} accumulated over its examples,"
    )
    by_hand = gradient_by_hand()
    print(f"              {by_hand['weight']:.6f} by the layers in NumPy")
    kept = {batches: count_kept_nodes(batches) for batches in (1, 10, 100)}
    print(f"Nodes that a total of losses keeps after 1, 10, 100 batches: {list(kept.values())}")
    print("(each batch's 5 and its addition to the total, and the 2 parameters);")
    print(f"a total of numbers ({total_of_numbers(100):.2f} after 100) keeps none.")
    hand, optimizer = train_by_hand(), train_by_optimizer()
    difference = max(abs(a - b) for a, b in zip(hand, optimizer, strict=True))
    print(f"After 100 epochs w = {hand[-1]:.5f} by hand, {optimizer[-1]:.5f} with SGD(0.01);")
    print(f"the largest difference on the way: {difference:.1e}")
    values = trace()
    plot(values)
    return {
        "nodes": [name for _, name in nodes],
        "bias": bias,
        "accumulated_minus_whole": accumulated - whole,
        "by_hand_minus_autograd": by_hand["weight"] - whole,
        "kept_nodes_per_batch": (kept[100] - kept[10]) / 90,
        "weight": hand[-1],
        "sgd_difference": difference,
    }


if __name__ == "__main__":
    main()
