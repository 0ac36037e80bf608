"""One or two networks as a self-contained HTML page, which computes in the browser as one types."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from nlptrain.reporting.formulas import FORMULAS
from nlptrain.reporting.pages.page import render_template

SCRIPTS = (
    *("arrays", "text", "embedding", "cells", "recurrent", "convolution", "normalization"),
    *("activation", "readout", "ngrams", "head", "network"),
    *("words_en", "words_zh", "words", "colours", "numbers", "heat_map", "string"),
    *("views", "head_views", "section", "panel", "comparison", "page"),
)
"""The page's program: first a file for each kind of layer, then what is seen."""


def render_network(title: str, networks: Sequence[Mapping[str, Any]]) -> str:
    """Render the page.

    Args:
        title: Its heading.
        networks: What the program computes with, as plain values: one network, or two to stand
            side by side; `nlptrain.export.html` makes them.
    """
    return render_template(
        "network.html",
        title=title,
        networks=networks,
        program="\n".join(_read_scripts(SCRIPTS)),
        formulas=FORMULAS,
    )


def _read_scripts(names: Iterable[str]) -> Iterable[str]:
    folder = files("nlptrain.reporting.pages") / "network"
    return ((folder / f"{name}.js").read_text("utf-8") for name in names)
