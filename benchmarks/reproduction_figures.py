"""The figures of docs/reproductions.md: accuracy against length, and validation against steps."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reproduction_page import TASKS, Comparison, Row

from nlptrain.comparison.figure_style import clean, to_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#808080"
LINES = {"torch": "--", "normal": "-"}
COLOURS = {"rnn_tanh": "#D55E00", "rnn_relu": BLUE}
CHANCE = {"even_pairs": 1 / 2, "parity": 1 / 2, "cycle_navigation": 1 / 5}


def draw_tasks(path: Path, rows: Sequence[Row]) -> None:
    """Draw a panel a task, in it a line a seed; training's lengths are shaded."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5.6), dpi=150, layout="constrained")
    panels = figure.subplots(2, 2, sharex=True, sharey=True)
    for task, axes in zip(TASKS, panels.flat, strict=True):
        _draw_task(axes, [row for row in rows if row.task == task])
        axes.axhline(CHANCE.get(task, 1 / 5), color=GREY, linestyle=":", linewidth=1.2)
        axes.set_title(task.replace("_", " "), fontsize=11)
        axes.set(xlim=(0, 505), ylim=(0, 1.04))
        clean(axes)
    for axes in panels[:, 0]:
        axes.set_ylabel("accuracy")
    for axes in panels[1]:
        axes.set_xlabel("length of the string (characters)")
    handles, names = panels.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    path.write_bytes(to_png(figure))


def _draw_task(axes: "Axes", rows: Sequence[Row]) -> None:
    axes.axvspan(0.5, 40.5, color=ORANGE, alpha=0.25, linewidth=0, label="lengths of training")
    for row, mark in zip(rows, "osD^v", strict=False):
        middles = [(each["shortest"] + each["longest"]) / 2 for each in row.by_length]
        accuracies = [each["accuracy"] for each in row.by_length]
        look = {"marker": mark, "markersize": 3.5, "linewidth": 1, "alpha": 0.8}
        axes.plot(middles, accuracies, label=f"seed {row.seed}", **look)


def draw_comparison(path: Path, comparison: Comparison) -> None:
    """Draw the validation accuracy of each seed against steps: colour cell, line start."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), dpi=150, layout="constrained")
    axes = figure.subplots()
    for name, trials in comparison.items():
        cell, start = (part.split()[-1] for part in name.split(", "))
        for number, trial in enumerate(trials):
            axes.plot(
                trial["steps"],
                trial["validation_accuracies"],
                color=COLOURS[cell],
                linestyle=LINES[start],
                linewidth=1.4,
                label=None if number else f"{cell}, {start}",
            )
    axes.axhline(0.5, color=GREY, linestyle=":", linewidth=1.2, label="most frequent class")
    axes.set(xlabel="step (updates)", ylabel="validation accuracy, lengths 1 to 40")
    axes.set_ylim(0.4, 1.02)
    clean(axes)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    path.write_bytes(to_png(figure))
