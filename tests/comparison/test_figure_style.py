import numpy as np
import pytest
from matplotlib.figure import Figure

from nlptrain.comparison.figure_style import looks_of, rule_in_decades, shorten, spans_decades


def test_any_of_twelve_contestants_is_told_apart_without_its_colour(make_duel):
    looks = looks_of(make_duel(**{f"contestant {number}": [0.5] for number in range(12)}))
    assert len({look.mark for look in looks.values()}) == 12
    assert len({(look.colour, look.line) for look in looks.values()}) == 12


def test_first_eight_have_colours_of_their_own(make_duel):
    looks = looks_of(make_duel(**{f"contestant {number}": [0.5] for number in range(8)}))
    assert len({look.colour for look in looks.values()}) == 8


def test_long_name_is_cut_and_a_line_end_shown():
    assert shorten("a\nb") == "a\\nb"
    assert shorten("x" * 40) == "x" * 31 + "…"


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1, 11], True), ([1, 9], False), ([0, 1], False), ([float("nan")], False), ([], False)],
)
def test_values_span_decades_where_they_differ_more_than_tenfold(values, expected):
    assert spans_decades(values) is expected


def test_axis_over_all_that_a_float_holds_has_decades_only():
    axes = Figure().add_subplot()
    axes.set_yscale("log")
    axes.set_ylim(1e-300, 1e300)
    rule_in_decades(axes.yaxis)
    ticks = axes.yaxis.get_major_locator().tick_values(1e-300, 1e300)
    assert np.allclose(np.log10(ticks) % 1, 0)
