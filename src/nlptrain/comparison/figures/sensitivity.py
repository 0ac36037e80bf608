"""Tuning score and loss against the learning rate: how much hangs on choosing it well."""

from typing import TYPE_CHECKING

from nlptrain.comparison.figures.style import (
    Look,
    add_legend,
    clean,
    cross_out,
    legend_height,
    looks_of,
    new_panels,
    rule_in_decades,
    spans_decades,
    to_svg,
)
from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.intervals import Mean
from nlptrain.comparison.statistics.sensitivity import Point, sensitivity_of
from nlptrain.comparison.statistics.wording import loss_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SCORES = {"accuracy": "accuracy (%)", "macro_f1": "macro F1 (%)"}


def draw_sensitivity(results: Results) -> bytes | None:
    """Draw mean lines in bands from the lowest to the highest seed; None without tuning."""
    curves = {
        contestant.name: sensitivity_of(results, contestant.name)
        for contestant in results.protocol.contestants
    }
    if not any(curves.values()):
        return None
    protocol = results.protocol
    measures = ["loss"] if protocol.tuned_by == "loss" else ["score", "loss"]
    looks = looks_of(results)
    width = 10 if len(measures) > 1 else 7.5
    below = legend_height(looks, width)
    figure, panels = new_panels((width, 3.9 + below), (1, len(measures)), bottom=below)
    for axes, measure in zip(panels, measures, strict=True):
        _draw_panel(axes, results, curves, measure)
        name = (
            f"loss{loss_unit(protocol.loss)}" if measure == "loss" else _SCORES[protocol.tuned_by]
        )
        axes.set(xlabel="learning rate", ylabel=f"validation {name}")
        clean(axes)
    add_legend(figure, panels[0], looks)
    return to_svg(figure, "Sensitivity to the learning rate")


def _draw_panel(
    axes: "Axes", results: Results, curves: dict[str, list[Point]], measure: str
) -> None:
    scale = 100 if measure == "score" else 1
    axes.set_xscale("log")
    for (name, points), look in zip(curves.items(), looks_of(results).values(), strict=True):
        bands = [getattr(point, measure).times(scale) for point in points]
        rates = [point.learning_rate for point in points]
        _draw_line(axes, rates, bands, look)
        _mark_chosen(axes, rates, bands, results.chosen[name], look)
    rule_in_decades(axes.xaxis)
    if measure == "loss":
        means = [point.loss.value for points in curves.values() for point in points]
        if spans_decades(means):
            axes.set_yscale("log")
            rule_in_decades(axes.yaxis)
    _mark_diverged(axes, curves, looks_of(results), top=measure == "loss")


def _draw_line(axes: "Axes", rates: list[float], bands: list[Mean], look: Look) -> None:
    axes.plot(rates, [band.value for band in bands], **look.strokes)
    low, high = [band.low for band in bands], [band.high for band in bands]
    axes.fill_between(rates, low, high, color=look.colour, alpha=0.12, linewidth=0)


def _mark_chosen(
    axes: "Axes", rates: list[float], bands: list[Mean], chosen: float, look: Look
) -> None:
    """Put a ring around the chosen learning rate."""
    means = [band.value for rate, band in zip(rates, bands, strict=True) if rate == chosen]
    axes.plot(
        [chosen] * len(means),
        means,
        "o",
        markersize=12,
        markerfacecolor="none",
        markeredgecolor=look.colour,
        mew=1.8,
    )


def _mark_diverged(
    axes: "Axes", curves: dict[str, list[Point]], looks: dict[str, Look], *, top: bool
) -> None:
    """Put a cross at the bad end of the axis for each learning rate where a trial diverged.

    Contestants' crosses stand in rows of their own.
    """
    names = [name for name, points in curves.items() if any(point.diverged for point in points)]
    for row, name in enumerate(names):
        rates = [point.learning_rate for point in curves[name] if point.diverged]
        height = 0.03 + 0.045 * row
        up = [1 - height if top else height] * len(rates)
        cross_out(axes, rates, up, looks[name], transform=axes.get_xaxis_transform())
