"""The figures of a search, as SVGs by file name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nlptrain.comparison.figures.style import (
    GREY,
    clean,
    leave_as_it_is,
    new_panels,
    room_for,
    rule_in_decades,
    spans_decades,
    to_svg,
)
from nlptrain.comparison.protocol.contestants import shorten_paths
from nlptrain.config.run import RunConfig
from nlptrain.search.report.importance import Importance
from nlptrain.search.report.parallel import draw_parallel
from nlptrain.search.report.slices import draw_slices
from nlptrain.search.report.wording import NAMES
from nlptrain.search.results import SearchTrial, values_of
from nlptrain.search.run import Found
from nlptrain.search.study import gain, objectives_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE = "#0072B2", "#D55E00"
HISTORY, IMPORTANCE, SLICES, PARALLEL, FRONT = (
    f"{name}.svg" for name in ("history", "importance", "slices", "parallel", "front")
)


def draw_figures(found: Found, importances: Sequence[Importance]) -> dict[str, bytes]:
    """Draw every figure for which there is something to show."""
    figures = {
        HISTORY: draw_history(found),
        IMPORTANCE: draw_importances(importances),
        SLICES: draw_slices(found),
        PARALLEL: draw_parallel(found),
        FRONT: draw_front(found) if len(objectives_of(found.config)) > 1 else None,
    }
    return {name: svg for name, svg in figures.items() if svg is not None}


def scale_of(config: RunConfig) -> float:
    """Return the factor by which a score is shown: accuracies in percent."""
    return 1 if objectives_of(config)[0] == "loss" else 100


def axis_label(name: str) -> str:
    """Name the axis of an objective."""
    return NAMES[name] + (" (%)" if name in ("accuracy", "macro_f1") else "")


def draw_history(found: Found) -> bytes:
    """Draw the score of each trial in the order of the search, and the best until then."""
    score, scale = objectives_of(found.config)[0], scale_of(found.config)
    figure, (axes,) = new_panels((7.5, 3.6), (1, 1))
    for state, mark, colour in (("finished", "o", BLUE), ("pruned", "x", GREY)):
        shown = [t for t in found.trials if t.state == state and t.result and t.repeats is None]
        numbers = [trial.number for trial in shown]
        values = [scale * getattr(trial.result, score) for trial in shown]
        axes.plot(numbers, values, mark, color=colour, markersize=4.5, label=state)
    numbers, best = _best_so_far(found)
    axes.step(numbers, [scale * value for value in best], where="post", color=ORANGE, label="best")
    axes.set(xlabel="trial", ylabel=axis_label(score))
    axes.legend(frameon=False, fontsize=9)
    clean(axes)
    return to_svg(figure, "History of the search")


def _best_so_far(found: Found) -> tuple[list[int], list[float]]:
    score = objectives_of(found.config)[0]
    numbers: list[int] = []
    best: list[float] = []
    for trial in found.trials:
        if trial.state != "finished":
            continue
        value = values_of(found.config, trial)[0]
        if not best or gain(score, value, best[-1]) > 0:
            numbers.append(trial.number)
            best.append(value)
    if numbers:
        numbers.append(len(found.trials))
        best.append(best[-1])
    return numbers, best


def draw_importances(importances: Sequence[Importance]) -> bytes | None:
    """Draw a bar a setting; None where nothing can be said of any."""
    if not importances:
        return None
    short = shorten_paths([each.path for each in importances])
    names = [short[each.path] for each in reversed(importances)]
    height = 0.8 + 0.28 * len(names)
    figure, (axes,) = new_panels((7.5, height), (1, 1), left=room_for(names) + 0.2)
    axes.barh(names, [each.value for each in reversed(importances)], color=BLUE, height=0.6)
    axes.set(xlabel="importance (PED-ANOVA)")
    leave_as_it_is(axes.get_yticklabels())
    clean(axes)
    return to_svg(figure, "Importance of the settings")


def draw_front(found: Found) -> bytes:
    """Draw score against cost, and the trials that no other beats in both."""
    names = objectives_of(found.config)
    figure, (axes,) = new_panels((7.5, 4), (1, 1))
    finished = [t for t in found.trials if t.state == "finished" and t.repeats is None]
    _scatter(axes, found, finished, color=GREY, marker="o", markersize=4, label="finished")
    _scatter(axes, found, found.front, color=BLUE, marker="o", markersize=6, label="front")
    _scatter(
        axes,
        found,
        [found.chosen],
        color=ORANGE,
        marker="o",
        markersize=12,
        markerfacecolor="none",
        label="taken",
    )
    if spans_decades([values_of(found.config, trial)[1] for trial in finished]):
        axes.set_xscale("log")
        rule_in_decades(axes.xaxis)
    axes.set(xlabel=axis_label(names[1]), ylabel=axis_label(names[0]))
    axes.legend(frameon=False, fontsize=9)
    clean(axes)
    return to_svg(figure, "Score against cost")


def _scatter(
    axes: "Axes", found: Found, trials: Sequence[SearchTrial], **options: str | float
) -> None:
    values = [values_of(found.config, trial) for trial in trials]
    scale = scale_of(found.config)
    line = {"linestyle": "", **options}
    axes.plot([cost for _, cost in values], [scale * score for score, _ in values], **line)  # type: ignore[arg-type]
