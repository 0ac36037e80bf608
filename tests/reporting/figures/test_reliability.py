import matplotlib.figure
import numpy as np
import pytest
from PIL import Image

from nlptrain.evaluation.calibration import measure_reliability
from nlptrain.reporting.figures.reliability import draw_reliability


@pytest.fixture
def figures(monkeypatch):
    """The figures that are drawn, for a look at their parts."""
    made = []
    original = matplotlib.figure.Figure.__init__

    def remember(figure, *arguments, **options):
        made.append(figure)
        original(figure, *arguments, **options)

    monkeypatch.setattr(matplotlib.figure.Figure, "__init__", remember)
    return made


def bins(factor=1.0):
    generator = np.random.default_rng(0)
    probabilities = generator.random(500)
    classes = (generator.random(500) < probabilities**factor).astype(np.int64)
    return measure_reliability(np.log(probabilities / (1 - probabilities))[:, None], classes)


def test_both_curves_have_their_error_in_the_legend(tmp_path, figures):
    before, after = bins(3.0), bins()
    series = {"uncalibrated": before, "temperature 2": after}
    draw_reliability(tmp_path / "r.png", series, "$pam")
    upper, lower = figures[0].axes
    texts = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert f"uncalibrated: calibration error {before.error:.3f}" in texts
    assert f"temperature 2: calibration error {after.error:.3f}" in texts
    assert upper.get_ylabel() == "observed frequency of class $pam"
    assert lower.get_xlabel() == "predicted probability of $pam"
    with Image.open(tmp_path / "r.png") as picture:
        assert picture.format == "PNG"


def test_the_curve_is_the_bins(tmp_path, figures):
    found = bins()
    draw_reliability(tmp_path / "r.png", {"": found}, None)
    line = figures[0].axes[0].containers[0].lines[0]
    np.testing.assert_allclose(line.get_xdata(), found.stated)
    np.testing.assert_allclose(line.get_ydata(), found.observed)
    assert figures[0].axes[0].get_ylabel() == "observed frequency of correct predictions"
