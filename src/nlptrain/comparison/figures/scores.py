"""The scores that the final trials end with: every seed as a dot, mean and range beside them."""

from typing import TYPE_CHECKING, Literal

from nlptrain.comparison.figures.style import (
    GREY,
    Look,
    clean,
    leave_as_it_is,
    looks_of,
    new_panels,
    room_for,
    rule_in_decades,
    shorten,
    spans_decades,
    to_svg,
)
from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.intervals import Mean, mean_and_range
from nlptrain.comparison.statistics.summary import Standing, finished_trials, rank_contestants
from nlptrain.comparison.statistics.wording import loss_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Split = Literal["validation", "test"]
Measure = Literal["accuracy", "loss"]

MEASURES: tuple[Measure, ...] = ("accuracy", "loss")
_DOTS_ABOVE = 0.16
_BEYOND_ALL = 0.04  # room beyond 100 % for half a mark


def draw_scores(results: Results, split: Split) -> bytes:
    """Draw accuracy and loss on a split, a row a contestant, the best on top."""
    standings = rank_contestants(results)
    names = [_name_row(standing) for standing in standings]
    figure, panels = new_panels(
        (10, 0.75 + 0.3 * len(standings)),
        (1, 2),
        left=room_for(names),
        gaps=(0.25, 0),
        share_rows=True,
    )
    unit = loss_unit(results.protocol.loss)
    for axes, measure in zip(panels, MEASURES, strict=True):
        _draw_panel(axes, results, standings, split, measure)
        axes.set_xlabel(f"{split} {measure}{' (%)' if measure == 'accuracy' else unit}")
    panels[0].set_yticks(range(len(names)), names, fontsize=9)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    leave_as_it_is(panels[0].get_yticklabels())
    return to_svg(figure, f"Final {split} scores")


def final_score(trial: TrialRecord, split: Split, measure: Measure) -> float:
    """Return a score of the network of the best evaluation: accuracy in percent, or loss."""
    read = trial.test_score if split == "test" else trial.validation_score
    return (100 if measure == "accuracy" else 1) * read(measure)


def _draw_panel(
    axes: "Axes", results: Results, standings: list[Standing], split: Split, measure: Measure
) -> None:
    looks = looks_of(results)
    shown: list[float] = []
    for row, standing in enumerate(standings):
        name = standing.contestant
        values = [final_score(trial, split, measure) for trial in finished_trials(results, name)]
        _draw_row(axes, row, values, mean_and_range(values), looks[name])
        shown.extend(values)
    if measure == "loss" and spans_decades(shown):
        axes.set_xscale("log")
        rule_in_decades(axes.xaxis)
    else:
        axes.locator_params(axis="x", nbins=5)
    if measure == "accuracy":
        majority = 100 * results.protocol.majority
        if shown and min(shown) <= majority:
            axes.axvline(majority, color=GREY, linestyle=":", linewidth=1.2)
        low, high = axes.get_xlim()
        axes.set_xlim(low, min(high, 100 + _BEYOND_ALL * (100 - low)))
    clean(axes)


def _draw_row(axes: "Axes", row: int, values: list[float], mean: Mean, look: Look) -> None:
    dots = [row - _DOTS_ABOVE] * len(values)
    axes.plot(values, dots, "o", color=look.colour, alpha=0.65, markersize=4.5, mew=0)
    if mean.has_interval:
        axes.hlines(row + _DOTS_ABOVE / 2, mean.low, mean.high, color=look.colour, linewidth=2.2)
    axes.plot(
        [mean.value],
        [row + _DOTS_ABOVE / 2],
        look.mark,
        color=look.colour,
        markeredgecolor="black",
        mew=0.7,
        markersize=7,
    )


def _name_row(standing: Standing) -> str:
    diverged = f"\n{standing.diverged} of {standing.trials} diverged" * bool(standing.diverged)
    return shorten(standing.contestant) + diverged
