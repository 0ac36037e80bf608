from xml.etree import ElementTree

import matplotlib.text

from nlptrain.comparison.figures.draw import draw_figures

SVG = "{http://www.w3.org/2000/svg}"
ALWAYS = ["scores.svg", "validation.svg", "curves.svg"]


def test_every_figure_is_an_svg_with_a_title_and_only_a_grid_has_a_sensitivity(drawn):
    kind, pictures, _ = drawn
    sensitivity = ["sensitivity.svg"] * (kind == "with a grid")
    assert list(pictures) == [*ALWAYS, *sensitivity, "profile.svg"]
    drawings = [ElementTree.fromstring(picture) for picture in pictures.values()]
    assert {drawing.tag for drawing in drawings} == {f"{SVG}svg"}
    assert len({drawing.find(f"{SVG}title").text for drawing in drawings}) == len(pictures)


def test_same_results_give_the_same_bytes(make_duel, monkeypatch):
    first = draw_figures(make_duel(sgd=[0.9, 1.0], adam=[1.0, 1.0]))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    assert draw_figures(make_duel(sgd=[0.9, 1.0], adam=[1.0, 1.0])) == first


def test_axes_are_named_with_their_units(drawn):
    panels = [axes for figure in drawn[2] for axes in figure.axes]
    across = {axes.get_xlabel() for axes in panels}
    up = {axes.get_ylabel() for axes in panels}
    assert {"step (updates)", "test accuracy (%)", "test loss (nats)"} < across
    assert {"training loss (nats)", "validation loss (nats)"} < up
    assert "" not in across


def test_no_text_lies_on_another_or_leaves_the_picture(drawn, find_clashes):
    assert all(len(figure.boxes) > 10 for figure in drawn[2])
    assert [find_clashes(figure) for figure in drawn[2]] == [[]] * len(drawn[2])


def test_missed_target_is_no_profile(make_duel):
    assert list(draw_figures(make_duel(sgd=[0.5, 0.6]))) == ALWAYS


def test_comparison_of_nothing_but_diverged_trials_is_drawn(make_trial, make_results):
    results = make_results([make_trial("sgd", 0, [], diverged=True)])
    assert list(draw_figures(results)) == ALWAYS


def test_name_is_no_formula_and_lacking_letters_are_no_warning(make_duel, figures):
    draw_figures(make_duel(**{"$x_2$ 日本": [0.5, 0.6]}))
    for figure in figures:
        texts = figure.findobj(matplotlib.text.Text)
        named = [text for text in texts if "$x_2$" in text.get_text() and text.get_visible()]
        assert named
        assert not any(text.get_parse_math() for text in named)
