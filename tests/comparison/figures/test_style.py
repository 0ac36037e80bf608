import pytest
from matplotlib.figure import Figure

from nlptrain.comparison.figures.style import looks_of, rule_in_decades, shorten, spans_decades


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


def test_axis_down_to_losses_of_nearly_0_is_ruled_without_a_warning():
    axes = Figure().add_subplot()
    axes.set_yscale("log")
    axes.set_ylim(1e-310, 10)
    rule_in_decades(axes.yaxis)
    assert axes.yaxis.get_major_formatter()(0.01, 0) == "0.01"
