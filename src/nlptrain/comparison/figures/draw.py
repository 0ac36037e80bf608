"""All figures of a comparison, as PNGs by file name."""

from nlptrain.comparison.figures.curves import draw_curves
from nlptrain.comparison.figures.profile import draw_profile
from nlptrain.comparison.figures.scores import draw_scores
from nlptrain.comparison.figures.sensitivity import draw_sensitivity
from nlptrain.comparison.results import Results

CURVES = "curves.png"
SCORES = "scores.png"
SENSITIVITY = "sensitivity.png"
PROFILE = "profile.png"


def draw_figures(results: Results) -> dict[str, bytes]:
    """Draw every figure for which there is something to show.

    Returns:
        PNGs by file name: no sensitivity where nothing was tuned, no profile where no trial
        reached the target.
    """
    figures = {
        SCORES: draw_scores(results),
        CURVES: draw_curves(results),
        SENSITIVITY: draw_sensitivity(results),
        PROFILE: draw_profile(results),
    }
    return {name: png for name, png in figures.items() if png is not None}
