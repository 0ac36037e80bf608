# %% [markdown]
"""C14. From dense layers to convolution: what an image layer gains by looking at windows only.

**Question.** The same image goes through a dense layer and through a convolution. How many
parameters do they need, what does one output number see, and what happens when the image moves?

**Watch.** A convolution needs 10 numbers where the dense layer needs 615,440. One pixel changes 9
of its outputs, not all. Shift the image, and its output shifts with it, number for number; a dense
layer's output changes completely. Stacked convolutions see more and more; and pooling makes a small
shift disappear.

**Change next.** Let `pooled_differences` move the images by 3 pixels: which windows are large
enough now? With one window over everything, nothing is left of the shift: what else is lost?
Give the convolutions of `receptive_field` a stride of 2: how far do three layers see?
"""

# %%
from collections.abc import Callable

import numpy as np

from figure import draw, save
from nlptrain.numpy_nn.activation import relu
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.course.convolution_nd import convolution
from nlptrain.numpy_nn.course.pooling import max_pool
from nlptrain.numpy_nn.linear import linear

SIDE = 28
MARGIN = 4  # empty pixels around the digit: room to move
ONCE = {"stride": (1, 1), "dilation": (1, 1), "padding": (1, 1)}
GENERATOR = np.random.default_rng(0)
DENSE = GENERATOR.standard_normal((SIDE**2, SIDE**2)) / SIDE
OUTLINE = np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]])  # 0 wherever nothing changes


def load_images() -> Floats:
    """Load 50 digits with room around them: (50, 28, 28), pixels between 0 and 1."""
    from sklearn.datasets import load_digits

    digits = load_digits().images[:50].repeat(3, axis=1).repeat(3, axis=2)[:, 2:22, 2:22]
    return np.pad(digits, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN))) / 16


# %% [markdown]
# ## Two layers from 28 × 28 to 28 × 28
#
# Neither is trained: the dense layer's weights are random, and the convolution has 9 that find
# outlines.


# %%
def dense(image: Floats) -> Floats:
    """Put all pixels through one dense layer."""
    return linear(image.reshape(1, -1), DENSE, np.zeros(SIDE**2))[0].reshape(SIDE, SIDE)


def convolve(image: Floats) -> Floats:
    """Put every 3 × 3 window through the same 9 weights."""
    return convolution(image[None, None], OUTLINE[None, None], np.zeros(1), **ONCE)[0][0, 0]


def count_parameters() -> dict[str, int]:
    """Count weights and biases."""
    return {"dense": DENSE.size + SIDE**2, "convolution": OUTLINE.size + 1}


LAYERS = {"dense": dense, "convolution": convolve}


def count_changed(layer: Callable[[Floats], Floats], image: Floats) -> int:
    """Count the outputs that change with the pixel in the middle."""
    touched = image.copy()
    touched[SIDE // 2, SIDE // 2] += 1
    return int((layer(touched) != layer(image)).sum())


# %% [markdown]
# ## The image moves two pixels to the right
#
# If a layer commutes with the shift, it finds a feature wherever the feature is.


# %%
def shift(image: Floats, pixels: int = 2) -> Floats:
    """Move an image to the right; its right margin reappears on the left."""
    return np.roll(image, pixels, axis=1)


def difference(a: Floats, b: Floats) -> float:
    """Compute |a − b| / |b|."""
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def shift_errors(image: Floats) -> dict[str, float]:
    """Compare the layer of the shifted image with the shifted output."""
    return {
        name: difference(layer(shift(image)), shift(layer(image))) for name, layer in LAYERS.items()
    }


# %% [markdown]
# ## How far stacked layers see
#
# The gradient of one output number is nonzero exactly where that number sees the image.


# %%
def receptive_field(layers: int, stride: int = 1) -> Floats:
    """Follow the middle output of stacked 3 × 3 convolutions back to the image: (28, 28)."""
    x = np.zeros((1, 1, SIDE, SIDE))
    kernel, backwards = np.ones((1, 1, 3, 3)) / 9, []
    for _ in range(layers):
        x, backward = convolution(x, kernel, **ONCE | {"stride": (stride, stride)})
        backwards.append(backward)
    grad = np.zeros_like(x)
    grad[0, 0, x.shape[2] // 2, x.shape[3] // 2] = 1
    for backward in reversed(backwards):
        grad, _ = backward(grad)
    return grad[0, 0]


# %% [markdown]
# ## Pooling makes the position matter less
#
# The outlines of an image, and those of the image moved by one pixel: the larger the pooling
# window, the more alike they become. One window over everything leaves only the strength
# of the strongest outline, and its position is lost.


# %%
def pooled_differences(images: Floats) -> dict[int, float]:
    """Compare the outlines of each image with those of the image moved by one, by window size."""
    pairs = [(relu(convolve(shift(image, 1))), relu(convolve(image))) for image in images]
    differences = {}
    for size in (1, 2, 4, 7, 14, 28):
        pooled = [[pool(outlines, size) for outlines in pair] for pair in pairs]
        differences[size] = float(np.mean([difference(*pair) for pair in pooled]))
    return differences


def pool(outlines: Floats, size: int) -> Floats:
    """Keep the largest number of each window."""
    return max_pool(outlines, (size, size), stride=(size, size), padding=(0, 0))[0]


# %%
def plot(image: Floats) -> None:
    """Draw the image and both outputs, shifted and not, and the receptive fields."""
    figure, panels = draw(2, 4, width=2.6, height=2.8)
    rows = [
        {
            name: picture,
            "through the dense layer": dense(picture),
            "through the convolution": convolve(picture),
            f"{layers} convolution{'s see' if layers > 1 else ' sees'}": receptive_field(layers),
        }
        for name, picture, layers in (("image", image, 1), ("moved by 2", shift(image), 3))
    ]
    pictures = [pair for row in rows for pair in row.items()]
    for panel, (name, picture) in zip(panels.flat, pictures, strict=True):
        panel.imshow(picture, cmap="gray")
        panel.set(xticks=[], yticks=[], title=name)
        panel.grid(visible=False)
    save(figure, "14_dense_to_convolution")


def main() -> dict[str, dict]:
    """Compare both layers, print and draw; return all counts and differences."""
    images = load_images()
    image = images[2]
    results: dict[str, dict] = {
        "parameters": count_parameters(),
        "changed": {name: count_changed(layer, image) for name, layer in LAYERS.items()},
        "shift_error": shift_errors(image),
        "field": {layers: int((receptive_field(layers) > 0).sum()) for layers in (1, 2, 3)},
        "pooled": pooled_differences(images),
    }
    for name in LAYERS:
        print(f"{name:<12}{results['parameters'][name]:>9,} parameters")
    for name, count in results["changed"].items():
        print(f"{name:<12}{count:>9,} of {SIDE**2} outputs change with one pixel")
    print("The image moved by 2: |output of the moved image − moved output| / |output|")
    for name, error in results["shift_error"].items():
        print(f"{name:<12}{error:>9.2f}")
    for layers, count in results["field"].items():
        side = round(count**0.5)
        print(f"{layers} convolution{'s' * (layers > 1)} of 3 × 3: one output sees {side} × {side}")
    print("The image moved by 1, its outlines pooled: |moved − not moved| / |not moved|")
    for size, apart in results["pooled"].items():
        print(f"  windows of {size:>2} × {size:<2}  {apart:.2f}")
    plot(image)
    return results


if __name__ == "__main__":
    main()
