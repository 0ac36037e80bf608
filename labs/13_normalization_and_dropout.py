# %% [markdown]
"""C13. Normalization and dropout, seen in the activations.

**Question.** What do batch, layer and instance normalization do to the numbers that go through a
network, and what does dropout, in training and afterwards?

**Watch.** A deep stack without normalization: its numbers grow or shrink by the same factor in
every layer, and end up astronomical or vanishing; a normalization after each layer keeps their
size. The three norms differ only in what the mean and the variance are taken over. Dropout zeroes
some numbers and scales up the others, so that the mean stays; after training it does nothing.

**Change next.** Add a gain of √2 to GAINS, which fits the ReLU: what happens without normalization?
Give the one string of `predict_with_batch_norm` other features: why is it 0 in training mode,
whatever they are? Set P to 0.9: how many numbers of the figure survive, and how large are they?
"""

# %%
import numpy as np

from figure import draw, save
from nlptrain.numpy_nn.activation import relu_layer
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.dropout import dropout_layer, dropout_mask
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.normalization import (
    batch_norm,
    batch_norm_evaluation,
    instance_norm,
    layer_norm,
    update_running,
)

LAYERS, STRINGS, FEATURES = 30, 64, 100
GAINS = {"small weights": 1.0, "large weights": 2.0}
EVERY_STRING_6 = np.full(4, 6)
P = 0.5  # probability that dropout zeroes a number

# %% [markdown]
# ## Thirty layers deep
#
# Each layer is linear → (normalization) → ReLU, with random weights of standard deviation
# gain / √100. Normalization removes each layer's input size, so the gain no longer matters.
# "Size" is the root mean square: the square root of the mean of the squares.


# %%
def stack(gain: float, normalization: str) -> list[float]:
    """Send random strings through the layers; list the activations' size after each."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal((1, STRINGS, FEATURES))
    gamma, beta = np.ones(FEATURES), np.zeros(FEATURES)
    sizes = [_size(x)]
    for _ in range(LAYERS):
        weight = generator.standard_normal((FEATURES, FEATURES)) * gain / np.sqrt(FEATURES)
        x, _ = linear(x, weight, beta)
        if normalization == "batch":
            x = batch_norm(x, gamma, beta, np.ones(STRINGS, np.int64))[0]
        elif normalization == "layer":
            x = layer_norm(x, gamma, beta)[0]
        x, _ = relu_layer(x)
        sizes.append(_size(x))
    return sizes


def _size(x: Floats) -> float:
    return float(np.sqrt((x**2).mean()))


# %% [markdown]
# ## What the mean is taken over
#
# Features of 4 strings with 6 characters and 2 features, (T, B, F) = (6, 4, 2), around 3.


# %%
def compare_norms() -> dict[str, dict[str, float]]:
    """Print how far from 0 the means over each axis are, for each norm."""
    x = np.random.default_rng(0).normal(3, 5, (6, 4, 2))
    one, zero = np.ones(2), np.zeros(2)
    outputs = {
        "none": x,
        "batch": batch_norm(x, one, zero, EVERY_STRING_6)[0],
        "layer": layer_norm(x, one, zero)[0],
        "instance": instance_norm(x, one, zero, EVERY_STRING_6)[0],
    }
    axes = {
        "each feature": (0, 1),
        "each position": (2,),
        "each string's feature": (0,),
    }
    print("largest |mean| of …       " + "".join(f"{over:>24}" for over in axes))
    table = {}
    for name, y in outputs.items():
        table[name] = {over: float(np.abs(y.mean(axis)).max()) for over, axis in axes.items()}
        print(f"  {name:<24}" + "".join(f"{value:>24.2f}" for value in table[name].values()))
    return table


# %% [markdown]
# ## Batch normalization when predicting
#
# In training a string's features depend on the other strings of its batch. When predicting, there
# may be no others, so the running mean and variance of training are used instead.


# %%
def predict_with_batch_norm() -> float:
    """Train running statistics on 100 batches; return how far one string's mean is from theirs."""
    generator = np.random.default_rng(0)
    one, zero, length = np.ones(2), np.zeros(2), np.array([1])
    running_mean, running_var = np.zeros(2), np.ones(2)
    for _ in range(100):
        batch = generator.normal(3, 5, (1, STRINGS, 2))
        _, _, (mean, variance) = batch_norm(batch, one, zero, np.ones(STRINGS, np.int64))
        update_running(running_mean, mean)
        update_running(running_var, variance)
    alone = np.array([[[8.0, -2.0]]])
    training, _, _ = batch_norm(alone, one, zero, length)
    evaluation, _ = batch_norm_evaluation(alone, one, zero, running_mean, running_var)
    print("\nbatch normalization of the one string [8, -2], when all others are 3 ± 5:")
    print(f"  in training mode   {training[0, 0]}: it is its own mean")
    print(f"  in evaluation mode {evaluation[0, 0].round(2)}: one standard deviation off, as it is")
    return float(np.abs(evaluation - [1, -1]).max())


# %% [markdown]
# ## Dropout


# %%
def show_dropout() -> dict[str, float]:
    """Print the course's two examples, and the mean over many masks."""
    x = np.arange(1.0, 7.0)
    y, _ = dropout_layer(x, np.array([0, 1, 0, 0, 0, 1]) / (1 - 0.5))
    print(f"\ndropout of {x}:\n  p = 0.5, kept 2 and 6:  {y}")
    survivors, _ = dropout_layer(np.arange(1.0, 10.0), np.ones(9) / (1 - 0.4))
    print(f"  p = 0.4: 1 → {survivors[0]:.4f}, 9 → {survivors[-1]:.4f} where they survive")
    masks = dropout_mask((20_000, 6), P, seed=0, step=0, dtype="float64")
    means = dropout_layer(x, masks)[0].mean(axis=0)
    print(f"  p = {P}, mean over 20,000 random masks: {means.round(2)}")
    evaluation, _ = dropout_layer(x, None)
    print(f"  in evaluation mode: {evaluation}")
    return {
        "six": y[5],
        "one": survivors[0],
        "nine": survivors[-1],
        "mean_error": float(np.abs(means - x).max()),
        "evaluation_error": float(np.abs(evaluation - x).max()),
    }


# %%
def plot(sizes: dict[str, list[float]]) -> None:
    """Draw the stacks, and one layer's activations under dropout."""
    figure, (deep, dropped) = draw(columns=2)
    for name, values in sizes.items():
        deep.plot(values, label=name, linestyle="--" if "layer" in name else "-")
    deep.set(xlabel="layer", ylabel="root mean square of the activations", yscale="log")
    deep.set_title("Exploding, vanishing, and normalized")
    deep.legend(loc="upper left", fontsize=8)
    deep.set_ylim(top=1e7)  # room for the legend
    x = np.random.default_rng(1).random((1, 12)) + 0.3
    masks = [dropout_mask(x.shape, P, seed=0, step=step, dtype="float64") for step in range(4)]
    rows = [x, *(dropout_layer(x, mask)[0] for mask in masks), x]
    dropped.imshow(np.vstack(rows), cmap="Blues", aspect="auto")
    dropped.set(xlabel="feature", title=f"Dropout, p = {P}", xticks=[], yticks=range(6))
    dropped.set_yticklabels(["activations", *(f"step {step}" for step in range(4)), "evaluation"])
    dropped.grid(visible=False)
    save(figure, "13_normalization_and_dropout")


# %%
def main() -> dict[str, dict]:
    """Print and draw everything; return the last sizes, the means, and dropout's numbers."""
    sizes = {name: stack(gain, "none") for name, gain in GAINS.items()}
    large = GAINS["large weights"]
    sizes |= {f"large, {norm} norm": stack(large, norm) for norm in ("batch", "layer")}
    print(f"size of the activations   after layer 1  after layer {LAYERS}")
    for name, values in sizes.items():
        print(f"  {name:<24}{values[1]:>13.2f}{values[-1]:>16.2g}")
    print()
    means = compare_norms()
    results = {"batch_norm_error": predict_with_batch_norm()} | show_dropout()
    plot(sizes)
    return {
        "size": {name: values[-1] for name, values in sizes.items()},
        "mean": means,
        "numbers": results,
    }


if __name__ == "__main__":
    main()
