"""The performance profile: who reaches the target within how many times the fastest's steps."""

import math

import numpy as np

from nlptrain.comparison.figures.style import (
    add_legend,
    clean,
    legend_height,
    looks_of,
    new_panels,
    to_svg,
)
from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.target import performance_profile, profile_at

_WIDTH = 7.5
_LOG_FROM = 4


def draw_profile(results: Results) -> bytes | None:
    """Draw a staircase a contestant; None where no trial reached the target."""
    profiles = performance_profile(results)
    reached = np.concatenate(list(profiles.values()))
    reached = reached[np.isfinite(reached)]
    if not reached.size:
        return None
    end = 1.05 * max(float(reached.max()), 1.2)
    looks = looks_of(results)
    below = legend_height(looks, _WIDTH)
    figure, (axes,) = new_panels((_WIDTH, 4 + below), (1, 1), bottom=below)
    for place, (name, ratios) in enumerate(profiles.items()):
        taus = [1.0, *(ratio for ratio in ratios.tolist() if math.isfinite(ratio)), end]
        # Staircases that fall together lie a little beside each other, so that each is seen.
        shift = 0.5 * (place - (len(profiles) - 1) / 2)
        shares = [100 * profile_at(ratios, tau) + shift for tau in taus]
        axes.step(taus, shares, where="post", markevery=slice(0, -1), **looks[name].strokes)
    if end > _LOG_FROM:
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(lambda tau, _: f"{tau:g}")
        axes.minorticks_off()
    target = f"{100 * results.protocol.target_accuracy:.4g} %"
    axes.set(
        xlabel="τ: steps to the target ÷ the fastest contestant's at the same seed",
        ylabel=f"seeds on which {target} was reached within τ (%)",
        ylim=(-6, 106),
    )
    clean(axes)
    add_legend(figure, axes, looks)
    return to_svg(figure, "Time to target")
