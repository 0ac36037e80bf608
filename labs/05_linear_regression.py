# %% [markdown]
"""C5. Linear regression with PyTorch: are 100 epochs enough?

**Question.** A weight *and* a bias, `Linear(1, 1)`, on the same three points. The answer should be
w = 2, b = 0 and y(4) = 8. After 100 epochs, is it?

**Watch.** The loss is small long before w and b are right. The loss is a long narrow valley: across
it progress is fast, but along it each epoch leaves 99.279 % of the distance.

**Change next.** Set LEARNING_RATE to 0.06: is it faster? And 0.061? Take the mean instead of the
sum, with torch, by hand and in H: by which factor must the learning rate grow to have the same
effect?
"""

# %%
import numpy as np
import torch

from figure import draw, save
from nlptrain.numpy_nn.course.output_loss import mean_squared_error
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.sgd import Sgd

X = np.array([[1.0], [2.0], [3.0]])
Y = np.array([[2.0], [4.0], [6.0]])
LEARNING_RATE = 0.01

# %% [markdown]
# ## As in the course
#
# The four parts of every PyTorch program: data, model, loss and optimizer, loop. The loss here is
# the *sum* of the squares: `reduction="sum"`.


# %%
def train_with_torch(epochs: int, seed: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Train `Linear(1, 1)`: (w, b) as torch draws them from U(-1, 1), and at the end."""
    torch.manual_seed(seed)
    model = torch.nn.Linear(1, 1).double()
    criterion = torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    x, y = torch.from_numpy(X), torch.from_numpy(Y)
    start = (model.weight.item(), model.bias.item())
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    return start, (model.weight.item(), model.bias.item())


# %% [markdown]
# ## By hand, from many starts at once
#
# The layers in NumPy take a leading axis: M models side by side, in the same code. As every step is
# a linear map of (w, b), the extremes over all starts in the square are at its four corners.


# %%
def train_by_hand(starts: np.ndarray, epochs: int, learning_rate: float) -> np.ndarray:
    """Train from many starts.

    Args:
        starts: w and b of each model (M, 2).
        epochs: Steps on all three points.
        learning_rate: Length of a step, in gradients.

    Returns:
        w and b before the first and after each epoch (epochs + 1, M, 2).
    """
    arrays = {"weight": starts[:, :1, None], "bias": starts[:, 1:]}
    parameters = ParameterVector(arrays, leading=1)
    optimizer, history = Sgd(parameters), [starts]
    for _ in range(epochs):
        outputs, backward = linear(X, **parameters.views)
        _, grad_outputs = mean_squared_error(outputs, Y)
        # The layer's loss is the mean of the three; their sum has three times its gradient.
        _, grads = backward(grad_outputs * len(X))
        gradient = np.concatenate([grads["weight"][:, 0], grads["bias"]], axis=1)
        optimizer.step(gradient, learning_rate)
        history.append(parameters.vector.copy())
    return np.array(history)


CORNERS = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])


def describe(ends: np.ndarray) -> dict[str, tuple[float, float]]:
    """Compute the lowest and highest w, b and y(4) of models (M, 2)."""
    columns = {"w": ends[:, 0], "b": ends[:, 1], "y(4)": 4 * ends[:, 0] + ends[:, 1]}
    return {name: (float(v.min()), float(v.max())) for name, v in columns.items()}


def loss_of(w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Compute the sum of the squares for each w and b: an array of their shape."""
    return ((w[..., None] * X[:, 0] + b[..., None] - Y[:, 0]) ** 2).sum(axis=-1)


# %% [markdown]
# ## Why
#
# The gradient is H · (w - 2, b - 0), with H = 2 · [[Σx², Σx], [Σx, 3]] = [[28, 12], [12, 6]].
# Along each eigenvector of H a step multiplies the distance to the answer by 1 - α·λ. The small λ
# is slow; the large one sets the limit 2/λ of the learning rate.


# %%
def explain() -> tuple[float, float]:
    """Compute the slow direction's factor per epoch, and the largest learning rate."""
    with_ones = np.hstack([X, np.ones_like(X)])
    small, large = np.linalg.eigvalsh(2 * with_ones.T @ with_ones)
    return 1 - LEARNING_RATE * small, 2 / large


def grows(learning_rate: float) -> bool:
    """Return whether 200 epochs from (-1, -1) end farther from (2, 0) than they began."""
    path = train_by_hand(CORNERS[:1], 200, learning_rate)[:, 0] - [2, 0]
    return bool(np.linalg.norm(path[-1]) > np.linalg.norm(path[0]))


def plot(history: np.ndarray, factor: float) -> None:
    """Draw the paths through the valley, and how the distance to the answer shrinks."""
    figure, (valley, distance) = draw(columns=2, height=3.8)
    w, b = np.meshgrid(np.linspace(-1.2, 3, 90), np.linspace(-1.3, 1.95, 90))
    valley.contour(w, b, loss_of(w, b), np.geomspace(0.01, 80, 12), colors="0.7", linewidths=0.8)
    for model in range(history.shape[1]):
        path = history[:101, model]
        valley.plot(path[:, 0], path[:, 1], marker=".", markersize=3, linewidth=1)
        label = "start w = {:+.0f}, b = {:+.0f}".format(*path[0])
        away = np.hypot(history[:, model, 0] - 2, history[:, model, 1])
        distance.plot(away, label=label)
    valley.plot(2, 0, "k*", markersize=10)
    valley.set(xlabel="w", ylabel="b", title="100 epochs: into the valley, not along it")
    epochs = np.arange(len(history))
    distance.plot(2.5 * factor**epochs, "k--", linewidth=1, label=f"{factor:.5f} an epoch")
    distance.axvline(100, color="0.5", linewidth=0.8, label="100 epochs")
    distance.set(xlabel="epoch", ylabel="distance to (2, 0)", title="The slow direction")
    distance.set_yscale("log")
    distance.legend(fontsize=8)
    save(figure, "05_linear_regression")


# %%
def main() -> dict[str, object]:
    """Train from many starts, print the ranges and the reason, draw."""
    history = train_by_hand(CORNERS, 1000, LEARNING_RATE)
    ranges = {epochs: describe(history[epochs]) for epochs in (100, 1000)}
    for epochs, columns in ranges.items():
        print(f"After {epochs:,} epochs, from any start with w and b in (-1, 1):")
        for name, (low, high) in columns.items():
            print(f"  {name:4}  {low:8.4f} to {high:7.4f}")
        worst = loss_of(*history[epochs].T).max()
        print(f"  loss  at most {worst:.2g} (at the start {loss_of(*CORNERS.T).max():.0f})")
    print("(The course's random starts do not quite reach the corners of that square: w 1.59 to")
    print("2.10, b -0.22 to 0.93, y(4) 7.30 to 8.17 after 100 epochs.)")
    start, end = train_with_torch(100, seed=0)
    same = train_by_hand(np.array([start]), 100, LEARNING_RATE)[-1, 0]
    print("One start, w = {:.4f}, b = {:.4f}, after 100 epochs:".format(*start))
    print("  torch    w = {:.6f}, b = {:.6f}".format(*end))
    print("  by hand  w = {:.6f}, b = {:.6f}".format(*same))
    factor, limit = explain()
    print(f"The slow direction shrinks by {factor:.5f} an epoch: {factor**100:.3f} is left after")
    print(f"100, {factor**1000:.5f} after 1,000. It diverges above learning rate {limit:.4f}.")
    plot(history, factor)
    return {
        "after_100": ranges[100],
        "after_1000": ranges[1000],
        "torch_difference": max(abs(a - b) for a, b in zip(end, same, strict=True)),
        "factor": factor,
        "limit": limit,
        "grows_around_limit": [grows(limit * side) for side in (0.999, 1.001)],
    }


if __name__ == "__main__":
    main()
