"""All figures of a comparison, as SVGs by file name."""

from nlptrain.comparison.figures.curves import draw_curves
from nlptrain.comparison.figures.profile import draw_profile
from nlptrain.comparison.figures.scores import draw_scores
from nlptrain.comparison.figures.sensitivity import draw_sensitivity
from nlptrain.comparison.results import Results

SCORES = "scores.svg"
VALIDATION = "validation.svg"
CURVES = "curves.svg"
SENSITIVITY = "sensitivity.svg"
PROFILE = "profile.svg"


def draw_figures(results: Results) -> dict[str, bytes]:
    """Draw every figure for which there is something to show.

    Returns:
        SVGs by file name: no sensitivity where nothing was tuned, no profile where no trial
        reached the target.
    """
    figures = {
        SCORES: draw_scores(results, "test"),
        VALIDATION: draw_scores(results, "validation"),
        CURVES: draw_curves(results),
        SENSITIVITY: draw_sensitivity(results),
        PROFILE: draw_profile(results),
    }
    return {name: svg for name, svg in figures.items() if svg is not None}
