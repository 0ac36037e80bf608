"""Shared by all labs: the destination and the look of a figure."""

import argparse
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's, told apart by colour-blind readers too."""


def arguments() -> argparse.Namespace:
    """Read --show and --output; in a notebook, the command line is its kernel's."""
    parser = argparse.ArgumentParser(description=getattr(sys.modules["__main__"], "__doc__", None))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--show", action="store_true", help="open each figure in a window")
    parser.add_argument(
        "--output", type=Path, default=Path("runs/labs"), help="folder for figures (%(default)s)"
    )
    return parser.parse_args([] if _in_notebook() else None)


def draw(rows: int = 1, columns: int = 1, *, width: float = 5.0, height: float = 3.6) -> Any:
    """Create a figure of panels, each `width` inches wide and `height` high.

    Returns:
        The figure, and its axes: one, or an array of them (columns,) or (rows, columns).
    """
    figure = _new_figure((width * columns, height * rows))
    axes = figure.subplots(rows, columns, squeeze=False)
    for panel in axes.flat:
        panel.set_prop_cycle(color=COLOURS)
        panel.grid(visible=True, alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
    return figure, axes.squeeze()[()]


def save(figure: "Figure", name: str) -> Path:
    """Write a figure as NAME.png to the output folder, and show it if requested."""
    from PIL import Image

    options = arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    path: Path = options.output / f"{name}.png"
    picture = io.BytesIO()
    figure.savefig(picture, dpi=100)
    # 256 colours are enough for a chart, in a third of the bytes.
    few = Image.open(picture).convert("RGB").quantize(method=Image.Quantize.FASTOCTREE)
    few.save(path, optimize=True)
    print(f"figure: {path}")
    if _in_notebook():
        from IPython.display import display

        display(few)
    elif options.show:
        from matplotlib import pyplot

        pyplot.show()
    return path


def _new_figure(size: tuple[float, float]) -> "Figure":
    """Create an empty figure; pyplot is only imported to open a window."""
    if arguments().show:
        from matplotlib import pyplot

        return pyplot.figure(figsize=size, layout="constrained")
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained")


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules
