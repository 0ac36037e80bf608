# %% [markdown]
"""C9. An edge detector, and how a kernel learns to be one.

**Question.** What does a kernel of two numbers, [1, -1], see in an image? And can the kernel be
learned from an image and its output alone?

**Watch.** The output is 0 wherever neighbours are equal, +1 where 1 turns to 0, and -1 where 0
turns to 1. From (X, Y), gradient descent finds the kernel in ten steps from any
start. And the operation is called convolution, but does not flip the kernel.

**Change next.** Take 100 steps. Make the image of one row, (1, 8): why does it learn more slowly?
Turn the image by 90 degrees (`return image.T`): what does [1, -1] see now, which kernel would
see the edges, and why is there nothing left to learn from?
"""

# %%
import numpy as np
import torch

from figure import draw, save
from nlptrain.numpy_nn.course.convolution_nd import convolution
from nlptrain.numpy_nn.course.output_loss import mean_squared_error
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.sgd import Sgd

KERNEL = np.array([[1.0, -1.0]])
LEARNING_RATE = 0.03
STEPS = 10


def make_image() -> np.ndarray:
    """Make the 6 × 8 image: ones in columns 0, 1, 6 and 7."""
    image = np.ones((6, 8))
    image[:, 2:6] = 0
    return image


# %% [markdown]
# ## The kernel sees edges
#
# The layer takes a batch of images with channels, (1, 1, 6, 8), and kernels (outputs, inputs,
# height, width). y[r, c] = 1 · x[r, c] - 1 · x[r, c + 1].


# %%
def detect(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Slide a kernel over an image: (6, 8) and (h, w) → (6 - h + 1, 8 - w + 1)."""
    outputs, _ = convolution(image[None, None], kernel[None, None], stride=(1, 1), dilation=(1, 1))
    return outputs[0, 0]


def flipped_difference(image: np.ndarray) -> tuple[float, float]:
    """Compare with NumPy's two operations along a row: as they are, the largest differences.

    Returns:
        From the cross-correlation, and from the convolution of mathematics, which flips the kernel.
    """
    ours, row, kernel = detect(image, KERNEL)[0], image[0], KERNEL[0]
    correlated = np.correlate(row, kernel, mode="valid")
    convolved = np.convolve(row, kernel, mode="valid")
    return float(abs(ours - correlated).max()), float(abs(ours - convolved).max())


# %% [markdown]
# ## The kernel learns to see them
#
# Now only X and Y are known. The loss is the *sum* of (Y' - Y)² over the 6 × 7 outputs; ten steps
# at 0.03. How far they get depends on the start: a step is a linear map of the kernel, so the
# extremes over a square of starts are at its corners.


# %%
def learn(start: np.ndarray) -> np.ndarray:
    """Learn the kernel from X and Y: the kernel before and after each step (11, 2)."""
    x, y = make_image()[None, None], detect(make_image(), KERNEL)
    parameters = ParameterVector({"weight": start.reshape(1, 1, 1, 2)})
    optimizer, path = Sgd(parameters), [parameters.vector.copy()]
    for _ in range(STEPS):
        outputs, backward = convolution(
            x, parameters.views["weight"], stride=(1, 1), dilation=(1, 1)
        )
        _, grad = mean_squared_error(outputs[0, 0], y)
        # The layer's loss is the mean; the gradient of the sum is larger by the number of outputs.
        _, grads = backward(grad[None, None] * y.size)
        optimizer.step(grads["weight"].reshape(-1), LEARNING_RATE)
        path.append(parameters.vector.copy())
    return np.array(path)


def learn_with_torch(start: np.ndarray) -> np.ndarray:
    """Do the same with `Conv2d`: the kernel after the last step (2,)."""
    layer = torch.nn.Conv2d(1, 1, (1, 2), bias=False).double()
    layer.weight.data = torch.from_numpy(start.reshape(1, 1, 1, 2).copy())
    x = torch.from_numpy(make_image().copy())[None, None]
    y = torch.from_numpy(detect(make_image(), KERNEL))
    for _ in range(STEPS):
        ((layer(x)[0, 0] - y) ** 2).sum().backward()
        with torch.no_grad():
            layer.weight -= LEARNING_RATE * layer.weight.grad
        layer.weight.grad = None
    kernel: np.ndarray = layer.weight.detach().numpy().reshape(-1)
    return kernel


BOUND = 1 / np.sqrt(2)
"""Conv2d draws a kernel of two numbers from U(-1/√2, 1/√2)."""


def draw_starts(count: int) -> np.ndarray:
    """Draw kernels to start from: (count, 2)."""
    return np.random.default_rng(0).uniform(-BOUND, BOUND, (count, 2))


# %%
def plot(image: np.ndarray, edges: np.ndarray, paths: np.ndarray) -> None:
    """Draw the image, its edges, and the paths of kernels to [1, -1]."""
    figure, (left, middle, right) = draw(columns=3, width=3.8)
    for axes, values, title in ((left, image, "image"), (middle, edges, "[1, -1] on it")):
        axes.imshow(values, cmap="RdBu", vmin=-1.6, vmax=1.6)
        for row, column in np.ndindex(values.shape):
            axes.text(column, row, f"{values[row, column]:.0f}", ha="center", va="center")
        axes.set(title=title, xticks=range(values.shape[1]), yticks=range(values.shape[0]))
        axes.grid(visible=False)
    for path in paths:
        right.plot(path[:, 0], path[:, 1], marker=".", linewidth=1)
    right.plot(1, -1, "k*", markersize=11)
    right.set(xlabel="first number", ylabel="second number", title="Four starts, step by step")
    right.locator_params(nbins=5)
    save(figure, "09_edge_detector")


def main() -> dict[str, object]:
    """Detect, learn from many starts, compare with torch, draw."""
    image = make_image()
    edges = detect(image, KERNEL)
    print("A row of the image: ", image[0].astype(int))
    print("[1, -1] on it:        ", edges[0].astype(int))
    correlated, convolved = flipped_difference(image)
    print(
        f"Largest difference from np.correlate: {correlated:.0f}; from np.convolve, which flips the"
    )
    print(f"kernel: {convolved:.0f}. What deep learning calls convolution is cross-correlation.")
    starts = draw_starts(100)
    ends = np.array([learn(start)[-1] for start in starts])
    corners = np.array([learn(BOUND * np.array([a, b]))[-1] for a in (-1, 1) for b in (-1, 1)])
    first = learn(starts[0])
    print(f"Learnt in {STEPS} steps, from [{first[0, 0]:.3f}, {first[0, 1]:.3f}]:")
    for step in (*(shown for shown in (0, 1, 2, 5) if shown < STEPS), STEPS):
        print(f"  step {step:2d}  [{first[step, 0]:.3f}, {first[step, 1]:.3f}]")
    low, high = corners.min(axis=0), corners.max(axis=0)
    print(f"From any start that Conv2d may draw: first number {low[0]:.3f} to {high[0]:.3f},")
    print(f"second {low[1]:.3f} to {high[1]:.3f}. (The course's random starts: 0.914 to 1.062,")
    print("and -1.063 to -0.915.)")
    difference = float(abs(learn_with_torch(starts[0]) - first[-1]).max())
    print(f"Largest difference from torch's kernel after these steps: {difference:.0e}")
    plot(image, edges, np.array([learn(start) for start in starts[:4]]))
    return {
        "edges": edges,
        "flipped": (correlated, convolved),
        "lowest": low.tolist(),
        "highest": high.tolist(),
        "all_starts_within": bool(((low <= ends) & (ends <= high)).all()),
        "torch_difference": difference,
    }


if __name__ == "__main__":
    main()
