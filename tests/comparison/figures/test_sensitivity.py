import pytest

from nlptrain.comparison.figures.sensitivity import draw_sensitivity


@pytest.fixture
def make_tuned(make_trial, make_tuning_trial, make_results):
    def make(**changes):
        scores = {0.01: 0.5, 0.1: 0.75, 1.0: 0.625}
        trials = [make_tuning_trial("sgd", 0, rate, score) for rate, score in scores.items()]
        trials.append(make_tuning_trial("sgd", 1, 1.0, 0.1, diverged=True))
        return make_results([*trials, make_trial("sgd", 5, [0.9])], **changes)

    return make


def test_line_ring_and_cross_stand_at_their_learning_rates(make_tuned, figures):
    draw_sensitivity(make_tuned())
    line, ring, hollow, cross = figures[0].axes[0].lines
    assert line.get_xydata().tolist() == [[0.01, 50], [0.1, 75], [1, 62.5]]
    assert ring.get_xydata().tolist() == [[0.1, 75]]
    assert hollow.get_marker() == line.get_marker()
    assert (cross.get_marker(), list(cross.get_xdata())) == ("x", [1.0])


def test_learning_rates_are_on_a_logarithmic_axis(make_tuned, figures):
    draw_sensitivity(make_tuned())
    assert [axes.get_xscale() for axes in figures[0].axes] == ["log", "log"]


@pytest.mark.parametrize(
    ("tuned_by", "names"),
    [
        ("accuracy", ["validation accuracy (%)", "validation loss"]),
        ("macro_f1", ["validation macro F1 (%)", "validation loss"]),
        ("loss", ["validation loss"]),
    ],
)
def test_there_is_a_panel_for_what_decided_and_for_the_loss(make_tuned, figures, tuned_by, names):
    draw_sensitivity(make_tuned(tuned_by=tuned_by, loss="mse"))
    assert [axes.get_ylabel() for axes in figures[0].axes] == names
