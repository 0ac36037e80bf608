# %% [markdown]
"""B3, B4, B5. Convolution with all options of `Conv2d`, and pooling, compared with torch's.

**Question.** What does a convolution compute, and what do stride, padding, dilation, channels and
groups change? What is left of an image after pooling?

**Watch.** Each output number is the sum of one window times one kernel. The options only change
which windows there are. Pooling has no parameters: one channel in, one channel out.

**Change next.** Give the three kernels of B3 a bias of 1, by hand and in torch: where must it be
added in the windows written out? Add a padding to OPTIONS that keeps 5 × 6: is there one for a
kernel of 2 × 2? Pool with 2 × 2 and stride 2: how many numbers are left?
"""

# %%
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from beside import beside, headline
from figure import draw, save
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.course.convolution_nd import convolution
from nlptrain.numpy_nn.course.pooling import max_pool, mean_pool
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.readout import maximum, mean

X = np.array(
    [
        [0.1, 0.2, 0.3, 0.4],
        [-3, -4, -5, -6],
        [5.1, 6.2, 7.3, 8.4],
        [-0.7, -0.8, -0.9, -1],
    ]
)
EDGES = np.ones((6, 8))
EDGES[:, 2:6] = 0
ONCE = {"stride": (1, 1), "dilation": (1, 1)}
OPTIONS = (
    {"stride": 2},
    {"padding": 1},
    {"padding": (2, 1), "stride": (1, 2)},
    {"padding": 1, "padding_mode": "reflect"},
    {"padding": 2, "padding_mode": "replicate"},
    {"padding": 2, "padding_mode": "circular"},
    {"dilation": 2},
    {"bias": False},
    {"groups": 2},
)

# %% [markdown]
# ## Three kernels of 2 × 2 on the course's 4 × 4 numbers
#
# One input channel, no bias: 3 × 3 windows for each kernel, so 3 × 3 × 3 outputs.


# %%
def convolve() -> tuple[Floats, dict[str, float]]:
    """Convolve both ways: the outputs (3, 3, 3), and differences."""
    torch.manual_seed(0)
    layer = nn.Conv2d(1, 3, 2, bias=False).double()
    weight = layer.weight.detach().numpy()
    inputs = torch.from_numpy(X[None, None]).requires_grad_()
    expected = layer(inputs)
    y, backward = convolution(X[None, None], weight, **ONCE)
    headline("B3: three kernels of 2 × 2 on 4 × 4")
    differences = {"outputs": beside(f"outputs {y[0].shape}", y, expected)}
    for kernel in range(3):
        window = X[:2, :2]
        value = (window * weight[kernel, 0]).sum()
        products = zip(window.reshape(-1), weight[kernel, 0].reshape(-1), strict=True)
        print("  " + " ".join(f"{x:+.1f}·({w:+.3f})" for x, w in products) + " =")
        name = f"  kernel {kernel}, first window"
        differences[f"window_{kernel}"] = beside(name, value, expected[0, kernel, 0, 0])
    expected.pow(2).sum().backward()
    grad_x, grads = backward(2 * y)
    differences["grad_x"] = beside("dL/dx of L = Σ y²", grad_x, inputs.grad)
    differences["grad_w"] = beside("dL/dW", grads["weight"], layer.weight.grad)
    return y[0], differences


# %% [markdown]
# ## All options of Conv2d
#
# Two images with 2 channels, 4 kernels of 2 × 2 that each sum over the channels.


# %%
def try_options() -> dict[str, float]:
    """Convolve with each option both ways."""
    x = np.random.default_rng(0).random((2, 2, 5, 6))
    headline("B4: 2 × 2 × 5 × 6 numbers, 4 kernels")
    differences = {}
    for options in OPTIONS:
        torch.manual_seed(0)
        layer = nn.Conv2d(2, 4, 2, **options).double()
        y, _ = convolution(
            x,
            layer.weight.detach().numpy(),
            None if layer.bias is None else layer.bias.detach().numpy(),
            stride=layer.stride,
            dilation=layer.dilation,
            padding=layer.padding,
            padding_mode=layer.padding_mode,
            groups=layer.groups,
        )
        name = ", ".join(f"{option} {value}" for option, value in options.items())
        differences[name] = beside(name.replace("padding_mode ", ""), y, layer(torch.from_numpy(x)))
    differences["1 × 1"] = check_one_by_one(x)
    return differences


def check_one_by_one(x: Floats) -> float:
    """Show that a 1 × 1 kernel is the same linear layer over the channels at every position."""
    weight, bias = np.random.default_rng(1).random((3, 2)), np.zeros(3)
    y, _ = convolution(x, weight[:, :, None, None], bias, **ONCE)
    rows, _ = linear(np.moveaxis(x, 1, -1).reshape(-1, 2), weight, bias)
    torch_y = functional.conv2d(torch.from_numpy(x), torch.from_numpy(weight[:, :, None, None]))
    difference = beside("1 × 1 kernels", y, torch_y)
    as_linear = np.moveaxis(rows.reshape(2, 5, 6, 3), -1, 1)
    return max(difference, beside("the same as a linear layer", as_linear, torch_y))


# %% [markdown]
# ## Pooling
#
# Over time, (3, 4, 5) → (3, 5); and over windows of the 6 × 8 image, ones in columns 0, 1, 6, 7.


# %%
def pool() -> tuple[dict[str, Floats], dict[str, float]]:
    """Pool both ways: the pooled images, and differences."""
    headline("B5: pooling")
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    time_first, lengths = x.swapaxes(0, 1), np.full(3, 4)
    tensor, image = torch.from_numpy(x), torch.from_numpy(EDGES[None, None])
    images = {
        "2 × 2 mean, stride 1": mean_pool(EDGES, (2, 2), stride=(1, 1), padding=(0, 0))[0],
        "3 × 3 max, padding 1, stride 2": max_pool(EDGES, (3, 3), stride=(2, 2), padding=(1, 1))[0],
    }
    means, maxima = images.values()
    differences = {
        "mean": beside("mean over time", mean(time_first, lengths)[0], tensor.mean(dim=1)),
        "max": beside("max over time", maximum(time_first, lengths)[0], tensor.amax(dim=1)),
        "mean_2d": beside("2 × 2 mean", means, functional.avg_pool2d(image, 2, 1)[0, 0]),
        "max_2d": beside("3 × 3 max", maxima, functional.max_pool2d(image, 3, 2, 1)[0, 0]),
    }
    for name, rows in images.items():
        print(f"  {name}: {rows.shape[0]} × {rows.shape[1]}, every row {rows[0]}")
    return images, differences


# %%
def plot(maps: Floats, pooled: dict[str, Floats]) -> None:
    """Draw the inputs and outputs."""
    figure, panels = draw(2, 3, width=3.4, height=2.6)
    pictures = {"4 × 4 numbers": X, "after kernel 0": maps[0], "after kernel 1": maps[1]}
    pictures |= {"6 × 8 image": EDGES} | pooled
    for panel, (name, picture) in zip(panels.flat, pictures.items(), strict=True):
        panel.imshow(picture, cmap="gray")
        panel.set(xticks=[], yticks=[], title=name)
        panel.grid(visible=False)
        panel.spines[:].set_visible(True)
        middle = (picture.min() + picture.max()) / 2
        for (row, column), value in np.ndenumerate(picture):
            colour = "black" if value > middle else "white"
            panel.text(column, row, f"{value:.3g}", ha="center", va="center", color=colour, size=8)
    save(figure, "18_convolution_by_hand")


def main() -> dict[str, dict]:
    """Compute both ways, print and draw; return differences and pooled rows."""
    maps, convolved = convolve()
    options = try_options()
    pooled, pooling = pool()
    plot(maps, pooled)
    return {
        "convolution": convolved,
        "options": options,
        "pooling": pooling,
        "rows": {name: rows[0].tolist() for name, rows in pooled.items()},
        "shapes": {"maps": maps.shape} | {name: rows.shape for name, rows in pooled.items()},
    }


if __name__ == "__main__":
    main()
