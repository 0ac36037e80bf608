"""The reliability diagram: observed frequency against predicted probability."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nlptrain.evaluation.calibration import Reliability
from nlptrain.files.storage import write_atomic
from nlptrain.reporting.literal import literal

_COLOURS = ("#999999", "#0072B2")


def draw_reliability(path: Path, series: Mapping[str, Reliability], label: str | None) -> None:
    """Draw the observed frequency over the predicted probability, and the number of strings.

    Args:
        path: The PNG, replaced if it exists.
        series: One or two sets of bins, by name.
        label: The class whose probability it is; None: the predicted one of several.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 6.4), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color="black", linestyle=":", linewidth=1, label="calibrated")
    for (name, bins), colour in zip(series.items(), _COLOURS[-len(series) :], strict=True):
        title = f"{literal(name) + ': ' if name else ''}calibration error {bins.error:.3f}"
        reach = [np.maximum(bins.observed - bins.low, 0), np.maximum(bins.high - bins.observed, 0)]
        style = {"color": colour, "markersize": 4, "linewidth": 1, "capsize": 2}
        upper.errorbar(bins.stated, bins.observed, reach, fmt="o-", label=title, **style)
        lower.plot(bins.stated, bins.examples, "o-", color=colour, markersize=3)
    what = "correct predictions" if label is None else f"class {literal(label)}"
    upper.set(ylabel=f"observed frequency of {what}", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    of = "the predicted class" if label is None else literal(label)
    lower.set(xlabel=f"predicted probability of {of}", ylabel="strings", yscale="log")
    for text in (upper.yaxis.label, lower.xaxis.label):
        text.set_parse_math(False)
    for axes in (upper, lower):
        axes.grid(visible=True, alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    legend = figure.legend(
        loc="outside lower center", frameon=False, title="intervals: 95 % (Wilson)"
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=150)
    write_atomic(path, picture.getvalue())
