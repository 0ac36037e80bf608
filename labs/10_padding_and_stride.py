# %% [markdown]
"""C10. Padding and stride: how large is the output?

**Question.** A kernel of 3 × 5, a padding of (0, 1), a stride of (3, 4): what is the output for an
image of 6 × 8, and of 8 × 8?

**Watch.** Each axis separately: ⌊(n + 2p - k) / s⌋ + 1. The floor hides pixels: with stride 3, some
rows may be in no window.

**Change next.** Set KERNEL to (5, 5) and STRIDE to (1, 1): which PADDING keeps 8 × 8? And with a
kernel of 4 × 4? Add a dilation d to the formula and both layers: a kernel of k then reaches
d·(k - 1) + 1.
"""

# %%
import numpy as np
import torch

from figure import draw, save
from nlptrain.numpy_nn.course.convolution_nd import convolution
from nlptrain.numpy_nn.course.pooling import max_pool, mean_pool

Pair = tuple[int, int]

KERNEL, PADDING, STRIDE = (3, 5), (0, 1), (3, 4)


# %% [markdown]
# ## The formula
#
# A padded axis has n + 2p numbers. The first window ends at k; each further one takes s more.


# %%
def output_size(size: int, kernel: int, padding: int = 0, stride: int = 1) -> int:
    """Compute ⌊(n + 2p - k) / s⌋ + 1."""
    return (size + 2 * padding - kernel) // stride + 1


def output_shape(size: Pair, kernel: Pair, padding: Pair = (0, 0), stride: Pair = (1, 1)) -> Pair:
    """Compute the output's height and width."""
    height, width = (
        output_size(n, k, p, s) for n, k, p, s in zip(size, kernel, padding, stride, strict=True)
    )
    return height, width


# %% [markdown]
# ## The layers
#
# The convolution by hand and torch's give the same sizes.


# %%
def shape_by_hand(size: Pair, kernel: Pair, padding: Pair, stride: Pair) -> Pair:
    """Convolve an image, and return the output's shape."""
    outputs, _ = convolution(
        np.ones((1, 1, *size)),
        np.ones((1, 1, *kernel)),
        stride=stride,
        dilation=(1, 1),
        padding=padding,
    )
    return outputs.shape[-2:]


def shape_by_torch(size: Pair, kernel: Pair, padding: Pair, stride: Pair) -> Pair:
    """Do the same with `Conv2d`."""
    layer = torch.nn.Conv2d(1, 1, kernel, stride, padding)
    return tuple(layer(torch.ones(1, 1, *size)).shape[-2:])


def count_disagreements() -> tuple[int, int]:
    """Compare formula, layer by hand and torch over many settings: (disagreements, settings)."""
    wrong = total = 0
    for n, k, p, s in np.ndindex(6, 4, 3, 4):
        size, kernel, padding, stride = (n + 4, 8), (k + 1, 3), (p, 1), (s + 1, 2)
        shape = output_shape(size, kernel, padding, stride)
        wrong += shape != shape_by_hand(size, kernel, padding, stride)
        wrong += shape != shape_by_torch(size, kernel, padding, stride)
        total += 1
    return wrong, total


# %% [markdown]
# ## What is looked at
#
# How many windows see each pixel: with a kernel of ones, this is the gradient of the sum of all
# outputs. Pooling windows follow the same formula.


# %%
def coverage(size: Pair, kernel: Pair, padding: Pair, stride: Pair) -> np.ndarray:
    """Count the windows that see each pixel: an array of the image's size."""
    outputs, backward = convolution(
        np.ones((1, 1, *size)),
        np.ones((1, 1, *kernel)),
        stride=stride,
        dilation=(1, 1),
        padding=padding,
    )
    counts: np.ndarray = backward(np.ones_like(outputs))[0][0, 0]
    return counts.astype(int)


def plot(sizes: list[Pair]) -> None:
    """Draw each image with the first windows on it, and the number of windows that see a pixel."""
    figure, panels = draw(columns=len(sizes), width=4.4, height=4.2)
    for axes, size in zip(panels, sizes, strict=True):
        counts = coverage(size, KERNEL, PADDING, STRIDE)
        padded = np.pad(counts.astype(float), [(p, p) for p in PADDING], constant_values=np.nan)
        extent = (-PADDING[1], size[1] + PADDING[1], size[0] + PADDING[0], -PADDING[0])
        axes.imshow(padded, cmap="Blues", vmin=0, vmax=2 * counts.max(), extent=extent)
        for row, column in np.ndindex(size):
            axes.text(column + 0.5, row + 0.5, counts[row, column], ha="center", va="center")
        rows, columns = output_shape(size, KERNEL, PADDING, STRIDE)
        for index, (row, column) in enumerate(list(np.ndindex(rows, columns))[:4]):
            top, left = row * STRIDE[0] - PADDING[0], column * STRIDE[1] - PADDING[1]
            inset = 0.08 * (1 + index % 2)
            box_x = np.array([inset, KERNEL[1] - inset]) + left
            box_y = np.array([inset, KERNEL[0] - inset]) + top
            axes.plot(box_x[[0, 1, 1, 0, 0]], box_y[[0, 0, 1, 1, 0]], linewidth=2)
        axes.set(title=f"{size[0]} × {size[1]} → {rows} × {columns}")
        axes.set_xlim(extent[0] - 0.2, extent[1] + 0.2)
        axes.set_ylim(8.2 + PADDING[0], -0.2 - PADDING[0])  # both images at one scale
        for row, column in zip(*np.nonzero(np.isnan(padded)), strict=True):
            place = column + 0.5 - PADDING[1], row + 0.5 - PADDING[0]
            axes.text(*place, "p", color="0.6", ha="center", va="center")
        axes.set_xlabel("how many windows see each pixel (p: padding)")
        axes.grid(visible=False)
    save(figure, "10_padding_and_stride")


# %%
def main() -> dict[str, object]:
    """Print sizes by formula and by layer, unseen pixels, and pooled sizes; draw."""
    sizes = [(6, 8), (8, 8)]
    print(f"kernel {KERNEL}, padding {PADDING}, stride {STRIDE}; outputs, height and width:")
    shapes = {}
    for size in sizes:
        ways = (output_shape, shape_by_hand, shape_by_torch)
        shapes[size] = [way(size, KERNEL, PADDING, STRIDE) for way in ways]
        print("  {} × {}: formula {}, by hand {}, torch {}".format(*size, *shapes[size]))
    unseen = {size: int((coverage(size, KERNEL, PADDING, STRIDE) == 0).sum()) for size in sizes}
    for size, count in unseen.items():
        print(f"  {size[0]} × {size[1]}: {count} pixels that no window sees")
    plain = output_shape((5, 5), (3, 3))
    print(f"kernel 3 × 3 on 5 × 5, no padding, stride 1: {plain[0]} × {plain[1]}")
    wrong, total = count_disagreements()
    print(f"{total} more settings, by formula, by hand and by torch: {wrong} disagreements")
    image = np.ones((6, 8))
    mean_shape = mean_pool(image, (2, 2), stride=(1, 1), padding=(0, 0))[0].shape
    max_shape = max_pool(image, (3, 3), stride=(2, 2), padding=(1, 1))[0].shape
    print(f"pooling on 6 × 8: 2 × 2 mean, stride 1: {mean_shape};")
    print(f"3 × 3 max, padding 1, stride 2: {max_shape}")
    plot(sizes)
    return {
        "shapes": shapes,
        "plain": plain,
        "disagreements": wrong,
        "unseen": unseen,
        "pooled": (mean_shape, max_shape),
    }


if __name__ == "__main__":
    main()
