"""The figures of docs/reproductions.md: accuracy against length, and validation against steps."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reproduction_page import TASKS, Comparison, Row

from nlptrain.comparison.figures.style import clean, to_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADE, GREY = "#E69F00", "#808080"
# Where seeds are alike, the smaller marks lie on the larger ones.
SEEDS = (("#0072B2", "o", 8), ("#D55E00", "s", 5), ("#000000", "^", 3))
LINES = {"torch": "--", "normal": "-"}
COLOURS = {"rnn_tanh": "#D55E00", "rnn_relu": "#0072B2"}
CHANCE = {"even_pairs": 1 / 2, "parity": 1 / 2}


def draw_tasks(path: Path, rows: Sequence[Row]) -> None:
    """Draw a panel a task, in it a line a seed; training's lengths are shaded."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5.6), dpi=150, layout="constrained")
    panels = figure.subplots(2, 2, sharex=True, sharey=True)
    for task, axes in zip(TASKS, panels.flat, strict=True):
        _draw_task(axes, [row for row in rows if row.task == task])
        chance = CHANCE.get(task, 1 / 5)
        axes.axhline(chance, color=GREY, linestyle=":", linewidth=1.2, label="chance")
        axes.set_title(task.replace("_", " "), fontsize=11)
        axes.set(xlim=(0, 505), ylim=(0, 1.04))
        clean(axes)
    for axes in panels[:, 0]:
        axes.set_ylabel("accuracy")
    for axes in panels[1]:
        axes.set_xlabel("length of the string (characters)")
    shown = {}
    for axes in panels.flat:
        shown.update(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    figure.legend(
        shown.values(), shown.keys(), loc="outside lower center", ncols=len(shown), frameon=False
    )
    path.write_bytes(to_png(figure))


def _draw_task(axes: "Axes", rows: Sequence[Row]) -> None:
    axes.axvspan(0.5, 40.5, color=SHADE, alpha=0.25, linewidth=0, label="lengths of training")
    for row in rows:
        colour, mark, size = SEEDS[row.seed % len(SEEDS)]
        middles = [(each["shortest"] + each["longest"]) / 2 for each in row.by_length]
        accuracies = [each["accuracy"] for each in row.by_length]
        axes.plot(
            middles,
            accuracies,
            color=colour,
            marker=mark,
            markersize=size,
            linewidth=1,
            label=f"seed {row.seed}",
        )


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
