# %% [markdown]
"""C2. Gradient descent: walk downhill instead of trying every weight.

**Question.** The same points and model as in lab 01, but now starting at w = 1: where does the
slope of the loss lead in 100 steps, and how large may a step be?

**Watch.** predict(4), the model's answer for x = 4, before and after: it should become 8. The loss,
which falls by the same factor in every epoch (one pass over all examples; here that is one step).
And the learning rate α, the step size per slope, at which the steps begin to grow instead of
shrink.

**Change next.** Start at w = -3. Set LEARNING_RATE to 3 / 28 = 0.10714: how many epochs does it
take now, and why? Then to 0.22.
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

# %% [markdown]
# ## One step
#
# Forward, then backward: from the gradient of the loss with respect to its output, each layer
# computes that with respect to its input and its parameters. Here that is the slope dL/dw = Σ 2
# (w·x - y)·x / 3, and the step is w ← w - α dL/dw.
#
# A `ParameterVector` holds all parameters in one vector, with a view of it for each name: an
# optimizer such as `Sgd` changes the vector, and the layer reads its view.


# %%
def descend(learning_rate: float, epochs: int) -> tuple[np.ndarray, np.ndarray]:
    """Take one step per epoch on all three points; list the weights and losses.

    Returns:
        Weights (epochs + 1,) and losses (epochs + 1,).
    """
    parameters = ParameterVector({"weight": np.array([[START]])})
    optimizer = Sgd(parameters)
    history = []
    for _ in range(epochs + 1):
        weight = parameters.views["weight"]
        outputs, backward = linear(X, weight, NO_BIAS)
        loss, grad_outputs = mean_squared_error(outputs, Y)
        history.append((weight.item(), loss))
        _, grads = backward(grad_outputs)
        optimizer.step(grads["weight"].reshape(-1), learning_rate)
    weights, losses = np.array(history).T
    return weights, losses


# %% [markdown]
# ## How large may a step be?
#
# The gradient is 28/3 · (w - 2), so a step multiplies the distance to 2 by 1 - 28/3 · α. If this is
# below -1, which happens above α = 6/28 = 0.2143, each step ends farther away than it started.


# %%
def find_limit() -> float:
    """Halve the range between a learning rate that converges and one that diverges."""
    low, high = 0.01, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        weights, _ = descend(middle, epochs=50)
        grows = abs(weights[-1] - 2) > abs(weights[0] - 2)
        low, high = (low, middle) if grows else (middle, high)
    return high


def plot(losses: np.ndarray) -> None:
    """Draw the loss curve, and what three learning rates do to the weight."""
    figure, (curve, path) = draw(columns=2)
    curve.plot(losses)
    title = f"learning rate {LEARNING_RATE:.4g}"
    curve.set(xlabel="epoch", ylabel="mean squared error", title=title)
    curve.set_yscale("log")
    for rate in (0.01, 0.2, 0.2143, 0.22):
        weights, _ = descend(rate, epochs=20)
        path.plot(weights, marker=".", label=f"{rate}")
    path.axhline(2, color="black", linewidth=0.8, zorder=0)
    reach = 3.5 * abs(START - 2)
    path.set(xlabel="epoch", ylabel="weight w", ylim=(2 - reach, 2 + reach))
    path.set_title("Too long a step overshoots")
    path.set_xticks(range(0, 21, 5))
    path.legend(title="learning rate", ncols=2)
    save(figure, "02_gradient_descent")


# %%
def main() -> dict[str, float]:
    """Descend, print and draw; return w, predict(4) and the largest learning rate."""
    weights, losses = descend(LEARNING_RATE, EPOCHS)
    print("epoch        w      loss  predict(4)")
    for epoch in (*(shown for shown in (0, 1, 2, 5, 10, 20, 50) if shown < EPOCHS), EPOCHS):
        print(f"{epoch:5d}  {weights[epoch]:.5f}  {losses[epoch]:.2e}  {4 * weights[epoch]:10.4f}")
    limit = find_limit()
    print(f"It diverges above learning rate {limit:.4f}; by the formula, 6/28 = {6 / 28:.4f}.")
    plot(losses)
    return {
        "predict_4_before": 4 * weights[0],
        "predict_4_after": 4 * weights[-1],
        "weight": weights[-1],
        "limit": limit,
    }


if __name__ == "__main__":
    main()
