"""A figure of the accuracy by string length."""

import io
from collections.abc import Sequence
from pathlib import Path

from nlptrain.evaluation.by_length import LengthScore
from nlptrain.files.storage import write_atomic

_BLUE, _SHADE = "#0072B2", "#E69F00"
_LOG_FROM_RATIO = 20


def draw_accuracy_by_length(path: Path, points: Sequence[LengthScore], chance: float) -> None:
    """Draw a point with an interval per row, shortest first, as PNG.

    The lengths of the training strings are shaded; `chance` is the accuracy of always predicting
    the most frequent class.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    middles = [(point.shortest + point.longest) / 2 for point in points]
    below = [max(point.accuracy - point.low, 0) for point in points]
    above = [max(point.high - point.accuracy, 0) for point in points]
    axes.errorbar(
        middles,
        [point.accuracy for point in points],
        yerr=[below, above],
        color=_BLUE,
        marker="o",
        markersize=4,
        linewidth=1.2,
        capsize=2,
        label="accuracy, 95 % interval (Wilson)",
    )
    trained = [point for point in points if point.in_training]
    if trained:
        first, last = trained[0].shortest - 0.5, trained[-1].longest + 0.5
        axes.axvspan(first, last, color=_SHADE, alpha=0.2, linewidth=0, label="training lengths")
    axes.axhline(chance, color="black", linestyle=":", linewidth=1, label="most frequent class")
    if points[-1].longest > _LOG_FROM_RATIO * max(points[0].shortest, 1):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:.0f}")
    axes.set(xlabel="length of the string (characters)", ylabel="accuracy", ylim=(-0.02, 1.02))
    axes.grid(visible=True, alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=150)
    write_atomic(path, picture.getvalue())
