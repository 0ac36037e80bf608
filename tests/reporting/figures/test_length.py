import matplotlib.figure
import numpy as np
import pytest
from PIL import Image

from nlptrain.errors import RunFolderError
from nlptrain.evaluation.by_length import score_by_length
from nlptrain.reporting.figures.length import draw_accuracy_by_length


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


def points(longest=40, trained=(4, 12)):
    lengths = np.repeat(np.arange(4, longest + 1), 10)
    return score_by_length(lengths, lengths % 3 > 0, trained)


def test_training_is_shaded_and_the_axes_are_named(tmp_path, figures):
    draw_accuracy_by_length(tmp_path / "a.png", points(), chance=0.5)
    (axes,) = figures[0].axes
    shade = axes.patches[0].get_extents().transformed(axes.transData.inverted())
    assert (round(shade.x0, 3), round(shade.x1, 3)) == (3.5, 12.5)
    assert axes.get_xlabel() == "length of the string (characters)"
    assert axes.get_ylabel() == "accuracy"
    assert any("Wilson" in text.get_text() for text in figures[0].legends[0].get_texts())
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.format == "PNG"


@pytest.mark.parametrize(("longest", "scale"), [(40, "linear"), (500, "log")])
def test_a_wide_range_of_lengths_is_logarithmic(tmp_path, figures, longest, scale):
    draw_accuracy_by_length(tmp_path / "a.png", points(longest), chance=0.5)
    assert figures[0].axes[0].get_xscale() == scale


def test_without_trained_lengths_nothing_is_shaded(tmp_path, figures):
    draw_accuracy_by_length(tmp_path / "a.png", points(trained=(1, 2)), chance=0.5)
    assert not figures[0].axes[0].patches


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RunFolderError, match=r"a\.png: cannot write"):
        draw_accuracy_by_length(tmp_path / "no" / "a.png", points(), chance=0.5)
