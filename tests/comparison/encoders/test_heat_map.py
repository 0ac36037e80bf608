from dataclasses import replace
from xml.etree import ElementTree

import pytest

from nlptrain.comparison.encoders.entries import Grid, TaskRow
from nlptrain.comparison.encoders.matrix import build_matrix
from nlptrain.comparison.figures.heat_map import draw_heat_map, draw_other_lengths


@pytest.fixture
def drawn(results, grid, figures):
    """Draw both matrices: their axes."""
    cells = build_matrix(results, grid)
    for picture in (draw_heat_map(cells, grid), draw_other_lengths(cells, grid)):
        assert ElementTree.fromstring(picture).tag.endswith("svg")
    return [axes for figure in figures for axes in figure.axes]


def texts_of(axes):
    return [text.get_text() for text in axes.texts]


def test_every_cell_has_its_number(drawn):
    own, others = drawn
    assert texts_of(own) == ["× 50.0", "90.0", "99.8", "90.0"]
    assert texts_of(others) == ["100.0", "70.0", "98.0", "60.0"]


def test_exact_ceilings_and_they_alone_are_hatched(drawn):
    own, others = drawn
    [hatched] = [patch for patch in own.patches if patch.get_hatch()]
    assert (hatched.get_x(), hatched.get_y()) == (-0.5, -0.5)
    assert not others.patches


def test_shades_rise_evenly_in_grey(drawn):
    image = drawn[0].images[0]
    shades = image.cmap(range(256))[:, :3] @ (0.2126, 0.7152, 0.0722)
    assert (shades[8:] > shades[:-8]).all()
    assert image.get_clim() == (50, 100)


def test_numbers_stand_out_from_their_shade(drawn):
    axes = drawn[1]
    image = axes.images[0]
    for text, value in zip(axes.texts, image.get_array().ravel(), strict=True):
        shade = image.cmap(image.norm(value))[:3] @ _LUMINANCE
        ink = 1.0 if text.get_color() == "white" else 0.0
        light, dark = max(shade, ink), min(shade, ink)
        assert (light + 0.05) / (dark + 0.05) > 3


class _Linear:
    """Relative luminance of an sRGB colour (WCAG 2)."""

    def __rmatmul__(self, colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


_LUMINANCE = _Linear()


def test_nothing_overlaps_with_many_and_long_names(make_matrix_results, figures, find_clashes):
    tasks = tuple(
        TaskRow(f"a task, {n}", "18–24, same 3-grams and ends", 100, 0.5, ((41, 60),), 0)
        for n in range(4)
    )
    grid = Grid(tasks, tuple(f"$x_{n}$ recurrent network" for n in range(5)), frozenset())
    cells = {
        (task.name, name): [0.1 * place]
        for task in tasks
        for place, name in enumerate(grid.encoders)
    }
    results = make_matrix_results(cells, dict.fromkeys(cells, (0.75,)))
    cells = build_matrix(results, grid)
    draw_heat_map(cells, grid), draw_other_lengths(cells, grid)
    assert [find_clashes(figure) for figure in figures] == [[], []]


def test_matrix_without_other_lengths_is_one_picture(make_matrix_results, grid, figures):
    plain = replace(grid, tasks=(grid.tasks[0],))
    results = make_matrix_results({("sorted", "pooling"): [0.5], ("sorted", "RNN"): [None]})
    cells = build_matrix(results, plain)
    draw_heat_map(cells, plain)
    assert draw_other_lengths(cells, plain) is None
    [axes] = [axes for figure in figures for axes in figure.axes]
    assert texts_of(axes) == ["× 50.0", "–"]
