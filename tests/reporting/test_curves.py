import warnings

import matplotlib.figure
import numpy as np
import pytest
from PIL import Image

from nlptrain.errors import RunFolderError
from nlptrain.reporting.curves import Curves, draw_curves


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


def curves(*losses):
    return Curves(np.arange(len(losses[0])), np.array(losses, np.float64))


def test_picture_has_a_panel_for_each_loss_and_a_line_for_each_optimizer(tmp_path, figures):
    series = {"sgd": curves([3, 2], [1, 4]), "adam": curves([1, 1], [2, 3])}
    draw_curves(tmp_path / "c.png", {"training loss (nats)": series, "validation loss": series})
    (figure,) = figures
    assert [panel.get_ylabel() for panel in figure.axes] == [
        "training loss (nats)",
        "validation loss",
    ]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["sgd", "adam"]
    assert figure.axes[0].lines[0].get_ydata().tolist() == [2, 3]
    with Image.open(tmp_path / "c.png") as picture:
        assert picture.format == "PNG"


def test_band_spans_lowest_to_highest_seed(tmp_path, figures):
    draw_curves(tmp_path / "c.png", {"loss": {"sgd": curves([3, 2], [1, 4], [2, 9])}})
    (band,) = figures[0].axes[0].collections
    corners = {tuple(corner) for corner in band.get_paths()[0].vertices.tolist()}
    assert corners == {(0, 1), (0, 3), (1, 2), (1, 9)}


@pytest.mark.parametrize(("last", "scale"), [(0.06, "linear"), (0.04, "log"), (0.0, "linear")])
def test_axis_is_logarithmic_when_losses_span_more_than_twentyfold(tmp_path, figures, last, scale):
    draw_curves(tmp_path / "c.png", {"loss": {"sgd": curves([1, last])}})
    assert figures[0].axes[0].get_yscale() == scale


def test_lines_differ_in_colour_and_style(tmp_path, figures):
    series = {f"optimizer {index}": curves([1, index]) for index in range(9)}
    draw_curves(tmp_path / "c.png", {"loss": series})
    looks = {(line.get_color(), line.get_linestyle()) for line in figures[0].axes[0].lines}
    assert len(looks) == 9


def test_diverged_training_is_drawn_up_to_there(tmp_path, figures):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        diverged = curves([1, 2, np.inf], [1, np.nan, 3])
        draw_curves(tmp_path / "c.png", {"loss": {"sgd": diverged, "adam": curves([np.nan] * 3)}})
    assert np.isfinite(figures[0].axes[0].lines[0].get_ydata()).tolist() == [True, False, False]


def test_name_is_no_formula(tmp_path, figures):
    draw_curves(tmp_path / "c.png", {"loss": {"$x_2$\n": curves([1, 2])}})
    (text,) = figures[0].legends[0].get_texts()
    assert (text.get_text(), text.get_parse_math()) == ("$x_2$\\n", False)


def test_folder_that_is_gone_is_a_message_and_no_file(tmp_path):
    with pytest.raises(RunFolderError, match="cannot write"):
        draw_curves(tmp_path / "gone" / "c.png", {"loss": {"sgd": curves([1, 2])}})
