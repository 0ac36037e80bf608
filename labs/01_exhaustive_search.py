# %% [markdown]
"""C1. A linear model, found by trying every weight.

**Question.** Three points, (1, 2), (2, 4) and (3, 6), and the model y = w·x. Which weight
w is the best?

**Watch.** The model is one line of code. The loss is one number that says how wrong the model is:
here the mean squared error. "Training" means looking for the weight that minimizes it. The loss
curve is a parabola.

**Change next.** Move the middle point to (2, 5): where is the minimum now, and does the loss still
reach 0? Add a bias b: a grid of w and b has 41 × 41 points. How many points has a grid for the 87
parameters of lab 07's network? That is why lab 02 exists.
"""

# %%
import numpy as np

from figure import draw, save
from nlptrain.numpy_nn.course.output_loss import mean_squared_error
from nlptrain.numpy_nn.linear import linear

X = np.array([[1.0], [2.0], [3.0]])
Y = np.array([[2.0], [4.0], [6.0]])
NO_BIAS = np.zeros(1)

# %% [markdown]
# ## The model and its loss
#
# `linear` computes x Wᵀ + b for a whole batch: here 3 examples of 1 number each, a 1 × 1 weight,
# and a bias that stays 0. The mean squared error averages (w·x - y)² over the three examples. Both
# return a second value, from which lab 02 computes the slope of the loss; here it is ignored, as
# `_`.


# %%
def loss_of(weight: float) -> float:
    """Compute the mean squared error of y = w·x on the three points."""
    outputs, _ = linear(X, np.array([[weight]]), NO_BIAS)
    value, _ = mean_squared_error(outputs, Y)
    return float(value)


# %% [markdown]
# ## The search
#
# 41 weights, from 0.0 to 4.0 in steps of 0.1.


# %%
def search() -> tuple[np.ndarray, np.ndarray]:
    """Try every weight: (41,) weights and their (41,) losses."""
    weights = np.arange(41) / 10
    return weights, np.array([loss_of(weight) for weight in weights])


def plot(weights: np.ndarray, losses: np.ndarray) -> None:
    """Draw the loss against the weight."""
    figure, axes = draw(width=5.6)
    axes.plot(weights, losses, marker=".")
    best = losses.argmin()
    axes.plot(weights[best], losses[best], "o", markersize=9)
    axes.annotate(f"w = {weights[best]:.1f}", (weights[best], losses[best]), (1.78, 2.2))
    axes.set(xlabel="weight w", ylabel="mean squared error", title="The loss is a parabola in w")
    save(figure, "01_exhaustive_search")


# %%
def main() -> dict[str, float]:
    """Search, print and draw; return the best weight and three points of the curve."""
    weights, losses = search()
    print("   w     loss (every fifth of the weights tried)")
    for weight, value in zip(weights[::5], losses[::5], strict=True):
        print(f"{weight:4.1f}  {value:7.4f}")
    best = float(weights[losses.argmin()])
    print(f"The smallest of {len(weights)} losses is {losses.min():.4f}, at w = {best:.1f}.")
    plot(weights, losses)
    return {
        "weight": best,
        "loss": float(losses.min()),
        "loss_at_0": float(losses[0]),
        "loss_at_4": float(losses[-1]),
    }


if __name__ == "__main__":
    main()
