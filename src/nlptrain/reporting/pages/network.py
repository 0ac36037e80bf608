"""A network as a self-contained HTML page, which computes in the browser as one types."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from nlptrain.reporting.formulas import FORMULAS
from nlptrain.reporting.pages.page import render_template

SCRIPTS = (
    *("arrays", "text", "embedding", "cells", "recurrent", "convolution", "normalization"),
    *("activation", "readout", "ngrams", "head", "network"),
    *("words_en", "words_zh", "words", "colours", "numbers", "heat_map"),
    *("views", "head_views", "section", "panel", "page"),
)
"""The page's program: first a file for each kind of layer, then what is seen."""


def render_network(title: str, network: Mapping[str, Any]) -> str:
    """Render the page.

    Args:
        title: Its heading.
        network: What the program computes with, as plain values; `nlptrain.export.html`
            makes it.
    """
    return render_template(
        "network.html",
        title=title,
        network=network,
        program="\n".join(_read_scripts(SCRIPTS)),
        formulas=list(FORMULAS),
    )


def _read_scripts(names: Iterable[str]) -> Iterable[str]:
    folder = files("nlptrain.reporting.pages") / "network"
    return ((folder / f"{name}.js").read_text("utf-8") for name in names)
