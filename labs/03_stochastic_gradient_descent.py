# %% [markdown]
"""C3. Stochastic and mini-batch gradient descent: a step after each example.

**Question.** What changes when the weight is updated after every example, or every few, instead of
once for all of them?

**Watch.** The loss of the current example goes up and down like a saw, while that of the last
example falls in every epoch. With noise in y the loss of an epoch is noisy too, and a smoothed
curve shows its trend. The larger a batch (the examples of one update), the steadier the weight. And
at a saddle point, where the slope is 0 although there is a way down, noise helps.

**Change next.** Raise LEARNING_RATE to 0.203, then 0.205. Give `by_batch_size` the learning rate
0.1: which batch sizes benefit, which suffer? Set the second of NOISES to 1e-6: does it still leave
the saddle, and when?
"""

# %%
import numpy as np

from figure import draw, save
from nlptrain.numpy_nn.course.output_loss import mean_squared_error
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.sgd import Sgd

X = np.array([[1.0], [2.0], [3.0]])
Y = np.array([[2.0], [4.0], [6.0]])
NO_BIAS = np.zeros(1)

START = 1.0
LEARNING_RATE = 0.01
EPOCHS = 100
NOISES = (0.0, 0.1)  # in the gradient near the saddle

# %% [markdown]
# ## One update per batch
#
# The training loop: for each batch forward, loss, backward, step. With a batch of one example it is
# "stochastic"; with a batch of all examples it is lab 02.


# %%
def compute_loss(weight: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Compute the mean squared error of y = w·x, and its gradient for w."""
    outputs, backward = linear(x, weight, NO_BIAS)
    loss, grad_outputs = mean_squared_error(outputs, y)
    return float(loss), backward(grad_outputs)[1]["weight"].reshape(-1)


def train(
    x: np.ndarray, y: np.ndarray, orders: np.ndarray, batch_size: int, learning_rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Train y = w·x from w = 1 on inputs and outputs (N, 1), in an order for each epoch.

    Returns:
        After each update the weight, and the loss of its own batch: both (epochs, batches).
    """
    parameters = ParameterVector({"weight": np.array([[START]])})
    optimizer, weight = Sgd(parameters), parameters.views["weight"]
    history = []
    for order in orders:
        for begin in range(0, len(order), batch_size):
            batch = order[begin : begin + batch_size]
            _, grad = compute_loss(weight, x[batch], y[batch])
            optimizer.step(grad, learning_rate)
            history.append((weight.item(), compute_loss(weight, x[batch], y[batch])[0]))
    weights, losses = np.array(history).T.reshape(2, len(orders), -1)
    return weights, losses


# %% [markdown]
# ## The course's run, and the order
#
# The notes go through the three examples in the same order in every epoch. That is easy to follow,
# but not what "stochastic" means: usually they are shuffled in each epoch.
#
# In fixed order an epoch multiplies the distance to w = 2 by (1 - 2α)(1 - 8α)(1 - 18α), one factor
# per example. It reaches 1 at α = 0.2040. Without noise, another order of the factors changes only
# the path: after each epoch, w is the same.


# %%
def in_fixed_order(
    learning_rate: float = LEARNING_RATE, epochs: int = EPOCHS
) -> tuple[np.ndarray, np.ndarray]:
    """Train on the three examples, one by one in their order."""
    return train(X, Y, np.tile(np.arange(3), (epochs, 1)), 1, learning_rate)


def shuffle(seed: int, examples: int, epochs: int) -> np.ndarray:
    """Draw a new order for each epoch: (epochs, examples)."""
    generator = np.random.default_rng(seed)
    return np.array([generator.permutation(examples) for _ in range(epochs)])


def find_limit() -> float:
    """Halve the range between a learning rate that converges and one that diverges."""
    low, high = 0.15, 0.3
    while high - low > 1e-6:
        middle = (low + high) / 2
        weights, _ = in_fixed_order(middle, epochs=100)
        grows = abs(weights[-1, -1] - 2) > abs(START - 2)
        low, high = (low, middle) if grows else (middle, high)
    return high


# %% [markdown]
# ## Noise, and how to see through it
#
# Now y is measured again in each epoch: 2x plus noise. The mean loss of an epoch fluctuates; the
# exponential average s ← 0.9 s + 0.1 l, divided by 1 - 0.9ᵗ because it starts at 0, shows the
# trend. (TensorBoard's smoothing slider does the same.)


# %%
def measure(times: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Measure the three points many times over, y with noise: inputs and outputs (3 · times, 1)."""
    x = np.tile(X, (times, 1))
    return x, 2 * x + np.random.default_rng(seed).normal(0, 0.5, x.shape)


def noisy_epochs() -> np.ndarray:
    """Train on the noisy points one by one: the mean loss of each epoch (epochs,)."""
    x, y = measure(EPOCHS, seed=0)
    _, losses = train(x, y, np.arange(len(x)).reshape(EPOCHS, 3), 1, 0.001)
    return losses.mean(axis=1)


def smooth(values: np.ndarray, keep: float = 0.9) -> np.ndarray:
    """Average exponentially, corrected for the start at 0: (N,) → (N,)."""
    average, result = 0.0, []
    for count, value in enumerate(values, start=1):
        average = keep * average + (1 - keep) * value
        result.append(average / (1 - keep**count))
    return np.array(result)


# %% [markdown]
# ## Mini-batches: between one and all
#
# 120 noisy points, shuffled, at one learning rate. The larger the batch, the less its gradient
# depends on chance, but the fewer updates an epoch has: in practice one chooses something between.


# %%
def by_batch_size(batch_size: int) -> np.ndarray:
    """Train for 30 epochs: the weight after each update (30, batches)."""
    x, y = measure(40, seed=0)
    return train(x, y, shuffle(0, len(x), 30), batch_size, 0.02)[0]


# %% [markdown]
# ## A saddle point
#
# f(a, b) = a² / 2 + b⁴ / 4 - b² / 2 has a saddle at (0, 0), uphill along a and downhill along b,
# and its minima at (0, ±1). Its gradient is (a, b³ - b). Exactly on the ridge b = 0 the slope along
# b is 0: plain gradient descent walks to the saddle and stays. Any noise pushes it off.


# %%
def leave_saddle(noise: float, steps: int = 200) -> np.ndarray:
    """Descend from (1, 0) with noise in the gradient: the path (steps + 1, 2)."""
    generator = np.random.default_rng(1)
    parameters = ParameterVector({"a": np.array([1.0]), "b": np.array([0.0])})
    optimizer, path = Sgd(parameters), [parameters.vector.copy()]
    for _ in range(steps):
        a, b = parameters.vector
        gradient = np.array([a, b**3 - b]) + generator.normal(0, noise, 2)
        optimizer.step(gradient, 0.1)
        path.append(parameters.vector.copy())
    return np.array(path)


# %% [markdown]
# ## Figures and numbers


# %%
def plot(losses: np.ndarray, noisy: np.ndarray, paths: dict[float, np.ndarray]) -> None:
    """Draw the saw, the noisy curve with its trend, three batch sizes, and the saddle."""
    figure, ((saw, trend), (batches, saddle)) = draw(2, 2, height=3.3)
    saw.plot(losses[:12].ravel(), linewidth=1, label="each example")
    saw.plot(np.arange(2, 36, 3), losses[:12, 2], "o", markersize=4, label="the last of an epoch")
    saw.set(xlabel="update", ylabel="loss just after it", title="One example at a time")
    trend.plot(noisy, linewidth=0.8, label="mean of an epoch")
    trend.plot(smooth(noisy), linewidth=2, label="smoothed")
    trend.set(xlabel="epoch", ylabel="loss", title="With noise in y")
    for batch_size in (1, 12, 120):
        weights = by_batch_size(batch_size)[:10].ravel()
        epochs = np.arange(1, len(weights) + 1) * batch_size / 120
        batches.plot(epochs, weights, linewidth=1.2, label=f"batches of {batch_size}")
    batches.set(xlabel="epoch", ylabel="weight w", title="Larger batches are calmer")
    b, a = np.meshgrid(np.linspace(-1.6, 1.6, 80), np.linspace(-0.6, 1.1, 80))
    saddle.contour(b, a, a**2 / 2 + b**4 / 4 - b**2 / 2, 25, cmap="Greys", linewidths=0.7)
    for noise, path in paths.items():
        saddle.plot(path[:, 1], path[:, 0], marker=".", markersize=4, label=f"noise {noise:g}")
    saddle.set(xlabel="b", ylabel="a", title="Off the saddle, by noise")
    for panel in (saw, trend, batches, saddle):
        panel.legend(loc="lower right" if panel is batches else "upper right")
    save(figure, "03_stochastic_gradient_descent")


def print_epochs(losses: np.ndarray) -> None:
    """Print the losses (epochs, 3) of a few epochs."""
    print("squared error of each example, just after its own update")
    print("epoch  (1, 2)  (2, 4)  (3, 6)")
    for epoch in (0, 1, 2, 3, 10):
        print(f"{epoch + 1:5d}  " + "  ".join(f"{loss:6.3f}" for loss in losses[epoch]))


def print_noise(noisy: np.ndarray) -> tuple[float, float]:
    """Print the share of epochs whose loss is above the one before: as it is, and smoothed."""
    rises, smoothed = (float((np.diff(each) > 0).mean()) for each in (noisy, smooth(noisy)))
    print(f"With noise in y the loss of an epoch is above the one before in {rises:.0%} of them,")
    print(f"the smoothed loss in {smoothed:.0%}.")
    return rises, smoothed


def print_saddle(paths: dict[float, np.ndarray]) -> None:
    """Print where each path (steps + 1, 2) ends, and when it left the ridge."""
    for noise, path in paths.items():
        away = np.flatnonzero(abs(path[:, 1]) > 0.5)
        left = f"|b| passes 0.5 at step {away[0]}" if away.size else "|b| never passes 0.5"
        a, b = path[-1]
        print(f"From (1, 0) with noise {noise:g}: {left}; the end is a = {a:+.3f}, b = {b:+.3f}.")


def main() -> dict[str, object]:
    """Train, print and draw; return the first losses, the weights, the limit, the saddle's ends."""
    weights, losses = in_fixed_order()
    shuffled, _ = train(X, Y, shuffle(0, 3, EPOCHS), 1, LEARNING_RATE)
    print_epochs(losses)
    ends = f"{weights[-1, -1]:.5f} in fixed order, {shuffled[-1, -1]:.5f} shuffled"
    print(f"After {EPOCHS} epochs w = {ends}.")
    limit = find_limit()
    print(f"In fixed order it diverges above learning rate {limit:.4f}.")
    noisy = noisy_epochs()
    rises, smooth_rises = print_noise(noisy)
    jitter = {size: float(by_batch_size(size)[20:].std()) for size in (1, 12, 120)}
    for size, deviation in jitter.items():
        print(f"Batches of {size:3d}: in epochs 21 to 30 w varies by {deviation:.3f} (deviation).")
    paths = {noise: leave_saddle(noise) for noise in NOISES}
    print_saddle(paths)
    plot(losses, noisy, paths)
    return {
        "first_losses": losses.ravel()[:4].tolist(),
        "last_example_always_falls": bool((np.diff(losses[:, 2]) < 0).all()),
        "weight": weights[-1, -1],
        "weight_shuffled": shuffled[-1, -1],
        "limit": limit,
        "rises": rises,
        "smooth_rises": smooth_rises,
        "jitter_falls": jitter[1] > jitter[12] > jitter[120],
        "saddle_without_noise": abs(paths[NOISES[0]][-1, 1]),
        "saddle_with_noise": abs(paths[NOISES[1]][-1, 1]),
    }


if __name__ == "__main__":
    main()
