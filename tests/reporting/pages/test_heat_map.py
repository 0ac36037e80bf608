import re

import numpy as np
import pytest

from nlptrain.reporting.pages.heat_map import LEVELS, MOST_COLUMNS, MOST_ROWS, WIDTH, draw
from nlptrain.reporting.worked_example import HeatMap

RUN = re.compile(r"M(\d+) (\d+)h(\d+)")


def make_map(values, rows=(), columns=()):
    return HeatMap(tuple(rows), tuple(columns), np.array(values, float))


def read_shares(picture):
    """Read the share of colour of each cell back, negative where it speaks against the class."""
    shares = np.zeros(picture.shape)
    for shade in picture.shades:
        for column, row, length in ([*map(int, run)] for run in RUN.findall(shade.path)):
            cells = shares[row, column : column + length]
            assert len(cells) == length
            assert not cells.any(), "a cell is drawn twice"
            cells[:] = shade.share * (1 if shade.side == "for" else -1)
    return shares


def test_each_cell_has_its_share_of_the_colour():
    values = np.random.default_rng(0).normal(size=(30, 70))
    shares = read_shares(draw(make_map(values)))
    expected = 100 * values / np.abs(values).max()
    np.testing.assert_allclose(shares, expected, rtol=0, atol=50 / LEVELS + 1e-9)


def test_what_is_zero_or_no_number_has_no_colour_and_infinity_the_full_one():
    picture = draw(make_map([[0.0, np.nan, -2.0, 1.0, np.inf, -np.inf]]))
    assert read_shares(picture).tolist() == [[0, 0, -100, 50, 100, -100]]
    assert picture.scale == "2.0000"


@pytest.mark.parametrize("values", [[[0.0, 0.0]], [[np.nan]]])
def test_map_without_a_number_but_zero_has_no_colours(values):
    assert draw(make_map(values)).shades == ()


def test_neighbours_of_one_colour_are_one_line():
    (shade,) = draw(make_map([[1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]])).shades
    assert RUN.findall(shade.path) == [("0", "0", "2"), ("3", "0", "1"), ("0", "1", "4")]


def test_large_map_is_cut_and_says_so():
    picture = draw(make_map(np.ones((MOST_ROWS + 1, MOST_COLUMNS + 5)), columns=["a"] * 405))
    assert picture.shape == (MOST_ROWS, MOST_COLUMNS)
    assert picture.is_cut
    assert len(picture.columns) == MOST_COLUMNS
    assert not draw(make_map(np.ones((MOST_ROWS, MOST_COLUMNS)))).is_cut


@pytest.mark.parametrize("columns", [1, 8, 39, 100])
def test_cells_fit_between_the_margins_and_stay_visible(columns):
    picture = draw(make_map(np.ones((3, columns)), rows=["W x + b"] * 3))
    assert 7 <= picture.cell[0] <= 22
    assert picture.left + columns * picture.cell[0] <= WIDTH
    assert picture.left >= 7 * len("W x + b")


def test_names_stand_at_the_middle_of_their_cells():
    picture = draw(make_map(np.ones((2, 3)), columns="abc"))
    (first, second, _), (width, height) = picture.columns, picture.cell
    assert (first.at, second.at - first.at) == (width / 2, width)
    named = draw(make_map(np.ones((2, 3)), rows=["x", "w"]))
    assert [label.at for label in named.rows] == [height / 2, 1.5 * height]


def test_name_wider_than_its_column_is_squeezed():
    picture = draw(make_map(np.ones((1, 60)), columns=["a", "字", "\\u202e"] * 20))
    letter, sign, escape = picture.columns[:3]
    assert letter.squeezed is None
    assert escape.squeezed == pytest.approx(1.2 * picture.cell[0], abs=0.05)
    assert sign.squeezed is None
